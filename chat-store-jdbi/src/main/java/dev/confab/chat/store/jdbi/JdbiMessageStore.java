package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.spi.HostTransactions;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.OutcomeUnknownException;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.nio.file.Path;
import java.sql.Connection;
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
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;

/**
 * Keeps the log in a SQL database: PostgreSQL 12 or later (tested with 18), MariaDB 10.6 or later (tested with 11.4), MySQL 8
 * or later (written for, not tested) or H2 2.3 (for tests and for trying) through the application's own pool, or a file of
 * SQLite 3.51.3 or later (or 3.50.7 or 3.44.6; from 3.38 on it works, with a warning, because several processes can on rare
 * occasions corrupt the file) through connections of its own. Any number of stores, in any number of processes, may use one database
 * at once.
 *
 * <p><b>Threads.</b> Any; every method blocks while the database works. With a pool each call takes one connection from
 * it; a chat calls from at most seven threads, and retention is one more. On SQLite appends stand in line for the one
 * writer.
 *
 * <p><b>Limits.</b> How long a statement may take is the pool's and the driver's to say (with the drivers of PostgreSQL
 * and MariaDB {@code socketTimeout}); a connection that never answers holds the append that waits for it.
 */
public final class JdbiMessageStore implements MessageStore, HostTransactions {
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
  private final List<Attached> listeners = new CopyOnWriteArrayList<>();
  private final SelfWait selfWait = new SelfWait();
  private final Housekeeping housekeeping;
  private volatile boolean closed;

  private JdbiMessageStore(
      SqlDialect dialect,
      Lease.Source leases,
      Duration keyLife,
      Duration patience,
      Retention retention,
      Duration trimEvery,
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
    this.housekeeping = new Housekeeping(trimEvery, () -> trim(Instant.now()));
    if (!trimEvery.isZero() && !retention.keepsEverything()) {
      housekeeping.start();
    }
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

  /**
   * Writes messages in a transaction of the application's own: they are recorded if and when it commits, together with
   * whatever else it writes, and never were if it rolls back. After the commit call {@link Posting#committed}.
   *
   * <pre>{@code
   * Posting posting = store.append(connection, List.of(chat.draft(room, data, SendKey.of("order-" + id))));
   * connection.commit();
   * posting.committed();
   * }</pre>
   *
   * <p><b>What is held.</b> Each channel written to, from here until the transaction ends: its other senders wait, at most
   * 5 s, and are then refused with {@code store_unavailable}. On SQLite that goes for the whole log. So append last, right
   * before the commit, and all channels at once, which takes them in one order. Channels that are new are created on
   * another connection, and stay if the transaction is rolled back; on SQLite they are part of it.
   *
   * <p><b>What it needs.</b> A connection to this store's database with a transaction begun; READ COMMITTED (on MariaDB and
   * MySQL as the session's isolation), on SQLite one begun with BEGIN IMMEDIATE, as {@link #transaction} does.
   *
   * <p><b>Threads.</b> The connection's; waits for the database, and for channels others hold as long as {@link
   * Builder#patience} says.
   *
   * @param drafts 1 to 500 of at most 4 MiB together, or one that is larger; from {@code chat.draft}. A copy stands right
   *     behind its message.
   * @throws StoreUnavailableException if the database can not be used now, has ended a deadlock at this transaction's cost,
   *     or somebody held a channel for too long
   * @throws StoreException if this connection is not as it has to be, or the database refuses what it is given. After
   *     either nothing of the drafts is in the transaction, and the message says whether it can be used on.
   */
  public Posting append(Connection connection, List<Draft> drafts) {
    requireOpen();
    Posting posting = new HostAppend(dialect, transactions, keyLife, patience, connection, drafts)
        .write(this::announce);
    if (dialect.hasOneWriter()) {
      try {
        selfWait.posted(connection, posting);
      } catch (SQLException unusable) {
        // Its commit will fail, too.
      }
    }
    return posting;
  }

  /** As {@link #append(Connection, List)}, with the connection of a Jdbi handle that is in a transaction. */
  public Posting append(Handle handle, List<Draft> drafts) {
    return append(handle.getConnection(), drafts);
  }

  /**
   * Does the application's work in a transaction with a connection of the store's, and commits it; rolls back if the work
   * fails. It is as {@link #append(Connection, List)} needs it: the way to write to a SQLite file beside the chat, and for
   * whoever has no framework for that. The work runs once; it must neither end the transaction nor close the connection,
   * and not keep it. On SQLite it has the one connection that writes, so all appends of this store wait meanwhile.
   *
   * <p><b>Threads.</b> The caller's; waits for the database.
   *
   * @return what the work returned
   * @throws StoreUnavailableException if nothing was committed because the database can not be used now
   * @throws OutcomeUnknownException if the commit was sent and not answered
   * @throws X what the work threw; nothing was committed
   */
  public <T, X extends Exception> T transaction(HostWork<T, X> work) throws X {
    requireOpen();
    requireNotWaitingForItself();
    return transactions.host(
        connection -> {
          if (!dialect.hasOneWriter()) {
            return work.in(connection);
          }
          selfWait.begun();
          return work.in(connection);
        },
        selfWait::ended);
  }

  /** What the application does in {@link JdbiMessageStore#transaction}. */
  @FunctionalInterface
  public interface HostWork<T, X extends Exception> {
    /** Works with this connection, in whose transaction everything is. */
    T in(Connection connection) throws X;
  }

  private void requireNotWaitingForItself() {
    Optional<String> objection = objection();
    if (objection.isPresent()) {
      throw new StoreException(objection.get());
    }
  }

  private void announce(Posting posting) {
    selfWait.committed(posting);
    if (posting.stretches().isEmpty()) {
      return;
    }
    for (Attached place : listeners) {
      try {
        place.listener.committed(posting.stretches());
      } catch (RuntimeException failure) {
        LOG.log(
            System.Logger.Level.WARNING,
            "A chat could not be told of a commit; its watch will find it",
            failure);
      }
    }
  }

  /** One of those that are told; who is attached twice is told twice and detached one by one. */
  private static final class Attached {
    final Listener listener;

    Attached(Listener listener) {
      this.listener = listener;
    }
  }

  @Override
  public Link attach(Listener listener) {
    Attached place = new Attached(listener);
    listeners.add(place);
    return () -> listeners.remove(place);
  }

  @Override
  public Optional<String> objection() {
    return dialect.hasOneWriter() && selfWait.holds(this::hasEnded)
        ? Optional.of(
            "This thread has a transaction open on the SQLite file, for whose end this would"
                + " wait: record inside of it with store.append(connection,"
                + " List.of(chat.draft(channel, data))), or do this when it has ended and"
                + " posting.committed() was called.")
        : Optional.empty();
  }

  /** Whether a posting's transaction has ended: it has if it can be seen, or if nobody writes to the file. */
  private boolean hasEnded(Stretch place) {
    try {
      return transactions.read(connection -> dialect.nobodyWrites(connection))
          || transactions
                  .read(connection -> dialect.heads(connection, List.of(place.channel())))
                  .getOrDefault(place.channel(), Head.EMPTY)
                  .seq()
              >= place.last().seq();
    } catch (StoreException unknown) {
      // Whoever waits will find out.
      return true;
    }
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
   * older than {@link Builder#keyLife}. The store does so by itself every {@link Builder#trimEvery}; call it where that is
   * not wanted, or more is. It may run on several nodes and threads at once.
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

  /**
   * Closes the connections to a SQLite file; a pool stays open. Calls under way end, further calls fail; waits up to five
   * seconds for what retention is doing.
   */
  @Override
  public void close() {
    closed = true;
    housekeeping.close();
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
    private Duration trimEvery = Duration.ofMinutes(10);

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
     * holds, and a {@linkplain JdbiMessageStore#append(Connection, List) posting} for each step in which it takes
     * its channels, before the database counts as unavailable; default 5 s, 1 ms to 10 min.
     */
    public Builder patience(Duration value) {
      if (value.toMillis() < 1 || value.compareTo(Duration.ofMinutes(10)) > 0) {
        throw new IllegalArgumentException("patience must be 1 ms to 10 min, got " + value);
      }
      patience = value;
      return this;
    }

    /**
     * What is kept; default {@link Retention#everything()}. With anything else the store removes the rest by itself, every
     * {@link #trimEvery}, on a thread of its own.
     */
    public Builder retention(Retention value) {
      retention = value;
      return this;
    }

    /**
     * About how often the store removes what {@link #retention} does not keep; default 10 min, 1 s to 1 day, or zero for only
     * when {@link JdbiMessageStore#trim} is called. The pauses vary by half, so that nodes on one database take turns.
     * Failing is logged once and tried again.
     */
    public Builder trimEvery(Duration value) {
      if (!value.isZero()
          && (value.compareTo(Duration.ofSeconds(1)) < 0
              || value.compareTo(Duration.ofDays(1)) > 0)) {
        throw new IllegalArgumentException("trimEvery must be 1 s to 1 day, or zero, got " + value);
      }
      trimEvery = value;
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
            new JdbiMessageStore(dialect, source, keyLife, patience, retention, trimEvery, schema);
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
