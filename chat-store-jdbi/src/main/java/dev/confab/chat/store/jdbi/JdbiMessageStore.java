package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.OutcomeUnknownException;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.nio.file.Path;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;

/**
 * Keeps the log in a SQL database: PostgreSQL 12 or later (tested with 18), MariaDB 10.6 or later (tested with 11.4), MySQL 8
 * or later (written for, not tested) or H2 2.3 (for tests and for trying) through the application's own pool, or a file of
 * SQLite 3.51.3 or later (or 3.50.7 or 3.44.6; from 3.38 on it works, with a warning, because several processes can on rare
 * occasions corrupt the file) through connections of its own. Any number of stores, in any number of processes, may use one database
 * at once.
 *
 * <p><b>Threads.</b> Any; every method blocks while the database works. With a pool each call takes one connection from
 * it; a chat calls from at most seven threads. On SQLite appends stand in line for the one writer.
 *
 * <p><b>Limits.</b> How long a statement may take is the pool's and the driver's to say (with the drivers of PostgreSQL
 * and MariaDB {@code socketTimeout}); a connection that never answers holds the append that waits for it.
 */
public final class JdbiMessageStore implements MessageStore {
  /** How many names are asked for in one question. */
  private static final int NAMES = 1_000;

  private static final System.Logger LOG = System.getLogger(JdbiMessageStore.class.getName());

  private final SqlDialect dialect;
  private final Lease.Source leases;
  private final Transactions transactions;
  private final Duration keyLife;
  private final Duration patience;
  private final Retention retention;
  private final Durability durability;
  private volatile boolean closed;

  private JdbiMessageStore(
      SqlDialect dialect,
      Lease.Source leases,
      Duration keyLife,
      Duration patience,
      Retention retention,
      Tables tables) {
    this.dialect = dialect;
    this.leases = leases;
    this.transactions = new Transactions(dialect, leases);
    this.keyLife = keyLife;
    this.patience = patience;
    this.retention = retention;
    Schema schema = new Schema(dialect);
    if (tables == Tables.RUN) {
      try {
        run(schema);
      } catch (OutcomeUnknownException unknown) {
        // What is there already is not made again.
        run(schema);
      }
    } else {
      transactions.read(connection -> {
        schema.verify(connection);
        return true;
      });
    }
    this.durability = transactions.read(dialect::durability);
    durability.warnings().forEach(warning -> LOG.log(System.Logger.Level.WARNING, warning));
  }

  private void run(Schema schema) {
    transactions.write(connection -> {
      schema.run(connection, Instant.now());
      // Stands for no channel; says that there is something to commit.
      return new Transactions.Prepared<>(
          true, Map.of(new ChannelName("chat_schema"), Cursor.START));
    });
  }

  /** A store in this SQLite file, which is made if it is missing, with the defaults of {@link Builder}. */
  public static JdbiMessageStore sqlite(Path file) {
    return sqliteBuilder(file).build();
  }

  /** A store in the database this pool leads to, with the defaults of {@link Builder}. */
  public static JdbiMessageStore create(DataSource pool) {
    return builder(pool).build();
  }

  /** For a store in this SQLite file, which is made if it is missing. */
  public static Builder sqliteBuilder(Path file) {
    return new Builder(new SqliteDialect(), patience -> new SqliteLeases(file, 4, patience));
  }

  /**
   * For a store in the database this pool leads to. The pool stays the application's: the store never closes it.
   *
   * @throws StoreUnavailableException if the database can not be asked what it is
   * @throws StoreException if it is none this store knows
   */
  public static Builder builder(DataSource pool) {
    Lease.Source leases = new PooledLeases(pool);
    return new Builder(recognise(leases), patience -> leases);
  }

  private static SqlDialect recognise(Lease.Source leases) {
    String product;
    String version;
    try {
      Lease lease = leases.reader();
      try {
        DatabaseMetaData database = lease.connection().getMetaData();
        product = database.getDatabaseProductName();
        version = database.getDatabaseProductVersion();
      } finally {
        lease.giveBack(true);
      }
    } catch (SQLException failure) {
      throw new StoreUnavailableException("The database can not be asked what it is", failure);
    }
    return switch (product) {
      case "PostgreSQL" -> new PostgresqlDialect();
      case "MariaDB", "MySQL" -> MariadbDialect.of(product, version);
      case "H2" -> new H2Dialect();
      case "SQLite" ->
        throw new StoreException("SQLite needs connections that are set up for it:"
            + " use JdbiMessageStore.sqlite(Path) instead of a DataSource.");
      default ->
        throw new StoreException("Expected PostgreSQL, MariaDB, MySQL or H2, got " + product + ".");
    };
  }

  /** How durable a commit is here, as found when the store started. */
  public Durability durability() {
    return durability;
  }

  @Override
  public Appended append(Append append) {
    requireOpen();
    return transactions.write(connection -> {
      AppendPlan plan = new AppendPlan(
          append,
          dialect.lock(
              connection,
              AppendPlan.channels(append.items()),
              append.patience(),
              Optional.of(append.at())));
      Optional<ChannelName> undecided = plan.undecided();
      if (undecided.isPresent()) {
        throw new OutcomeUnknownException(
            "Another transaction holds " + undecided.get() + ", perhaps the attempt that is asked"
                + " about",
            new StoreException("held"),
            append.seen());
      }
      Map<ChannelRow, Cursor> places = plan.places();
      if (!places.isEmpty()) {
        plan.recordedBefore(dialect.behind(connection, places, plan.ids()));
      }
      Set<KeyRow> wanted = plan.wantedKeys();
      if (!wanted.isEmpty()) {
        plan.known(dialect.keys(connection, wanted, append.at().minus(keyLife)));
      }
      Appended appended = plan.decide();
      if (!plan.entries().isEmpty()) {
        dialect.write(connection, plan.entries(), plan.heads());
      }
      return new Transactions.Prepared<>(appended, plan.seen());
    });
  }

  @Override
  public Optional<Appended> redact(ChannelName channel, long seq, EntryId id, Instant at) {
    requireOpen();
    Redaction redaction =
        new Redaction(dialect, channel, seq, id, Instant.ofEpochMilli(at.toEpochMilli()), patience);
    try {
      return transactions.write(connection -> redaction.prepare(connection, Optional.empty()));
    } catch (OutcomeUnknownException unknown) {
      // Looked up once, on a fresh connection, because the second attempt could not tell its own
      // work from another's.
      Optional<Cursor> seen = Optional.ofNullable(unknown.seen().get(channel));
      return transactions.write(connection -> redaction.prepare(connection, seen));
    }
  }

  @Override
  public Page read(ChannelName channel, Position position, int entries, int bytes) {
    requireOpen();
    Reading reading = Reading.of(position, Math.max(0, entries), bytes);
    return reading.page(
        channel,
        transactions.read(connection -> dialect.read(connection, channel, reading.stretch())));
  }

  @Override
  public Map<ChannelName, Head> heads(Collection<ChannelName> channels) {
    requireOpen();
    Map<ChannelName, Head> heads = new HashMap<>();
    channels.forEach(channel -> heads.put(channel, Head.EMPTY));
    List<ChannelName> names = new ArrayList<>(heads.keySet());
    for (int from = 0; from < names.size(); from += NAMES) {
      List<ChannelName> some = names.subList(from, Math.min(names.size(), from + NAMES));
      heads.putAll(transactions.read(connection -> dialect.heads(connection, some)));
    }
    return heads;
  }

  /**
   * Removes what {@link Builder#retention} does not keep, and forgets the keys of messages that were removed once they are
   * older than {@link Builder#keyLife}. Nothing does so by itself: call it every few minutes or hours, on one node or on
   * several.
   *
   * <p>It works in bites of at most 1,000 entries, each in a transaction of its own that holds one channel; a channel that
   * another transaction holds is left for the next time. Between two bites it ends early if the store is closed or the thread
   * interrupted.
   *
   * @param now the time ages are counted back from; give it the clock the chat has
   * @throws StoreUnavailableException if the database can not be used now; what was removed by then stays removed
   */
  public Trimmed trim(Instant now) {
    requireOpen();
    return new RetentionRun(
            dialect,
            transactions,
            retention,
            now,
            keyLife,
            () -> closed || Thread.currentThread().isInterrupted())
        .run();
  }

  /** Closes the connections to a SQLite file; a pool stays open. Calls under way end, further calls fail. */
  @Override
  public void close() {
    closed = true;
    leases.close();
  }

  private void requireOpen() {
    if (closed) {
      throw new StoreUnavailableException("The store is closed");
    }
  }

  /** What a start does about the tables. */
  public enum Tables {
    /** Makes those that are missing, under a lock of the database. */
    RUN,
    /** Only looks, and fails naming what is missing: for whoever runs {@code db/confab/…} with a tool of their own. */
    VERIFY
  }

  /** The settings of a store. Not safe for use by several threads. */
  public static final class Builder {
    private final SqlDialect dialect;
    private final LeaseMaker leases;
    private Tables schema = Tables.RUN;
    private Duration keyLife = Duration.ofDays(7);
    private Duration patience = Duration.ofSeconds(5);
    private Retention retention = Retention.everything();

    /** Makes the source of a store's connections, which is closed with it. */
    interface LeaseMaker {
      Lease.Source make(Duration patience);
    }

    Builder(SqlDialect dialect, LeaseMaker leases) {
      this.dialect = dialect;
      this.leases = leases;
    }

    /** What the start does about the tables; default {@link Tables#RUN}. */
    public Builder schema(Tables value) {
      schema = value;
      return this;
    }

    /**
     * How long a key is remembered at least, even if retention has removed its message; default and least 7 days, at most
     * 3,650.
     */
    public Builder keyLife(Duration value) {
      if (value.compareTo(Duration.ofDays(7)) < 0 || value.compareTo(Duration.ofDays(3_650)) > 0) {
        throw new IllegalArgumentException("keyLife must be 7 to 3650 days, got " + value);
      }
      keyLife = value;
      return this;
    }

    /**
     * How long SQLite waits for a file or connection that is in use, and a redaction for a channel that another transaction
     * holds, before the database counts as unavailable; default 5 s, 1 ms to 10 min.
     */
    public Builder patience(Duration value) {
      if (value.toMillis() < 1 || value.compareTo(Duration.ofMinutes(10)) > 0) {
        throw new IllegalArgumentException("patience must be 1 ms to 10 min, got " + value);
      }
      patience = value;
      return this;
    }

    /** What {@link JdbiMessageStore#trim} keeps; default {@link Retention#everything()}. */
    public Builder retention(Retention value) {
      retention = value;
      return this;
    }

    /**
     * Starts the store: makes or checks the tables, and reads how durable the database is.
     *
     * @throws StoreUnavailableException if the database can not be used now
     * @throws StoreException if its tables are not as they must be
     */
    public JdbiMessageStore build() {
      Lease.Source source = leases.make(patience);
      boolean built = false;
      try {
        JdbiMessageStore store =
            new JdbiMessageStore(dialect, source, keyLife, patience, retention, schema);
        built = true;
        return store;
      } finally {
        if (!built) {
          source.close();
        }
      }
    }
  }
}
