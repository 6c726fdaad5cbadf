package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/** H2 2.3 and later: for tests and for trying, because a commit there has not reached the disk, whatever is set. */
final class H2Dialect extends RowLockingDialect {
  private static final ReentrantLock SCHEMA = new ReentrantLock();
  private static final Duration SCHEMA_PATIENCE = Duration.ofSeconds(60);

  private static final int DUPLICATE_KEY = 23505;
  private static final int DEADLOCK = 40001;
  private static final int LOCK_TIMEOUT = 50200;
  private static final int CONCURRENT_UPDATE = 90131;

  private static final Set<Integer> UNAVAILABLE = Set.of(
      LOCK_TIMEOUT,
      28000, // a login that is refused now
      57014, // cancelled
      90007, // closed
      90013, // the database is not there (yet)
      90020, // another process has the file
      90028, // the file fails
      90030,
      90031,
      90067, // the connection is broken
      90097, // may only be read
      90098, // the database was closed
      90100, // disk full
      90108, // out of memory
      90121, // the process is ending
      90135, // somebody has it for himself
      90146); // the database is not there (yet)

  private static final String LOCK = "select " + CHANNEL_COLUMNS
      + " from chat_channel c where c.name = any(?) order by c.id for update ";

  private static final String EXISTING = "select c.name from chat_channel c where c.name = any(?)";

  private static final String CREATE = "insert into chat_channel (name, created_at) values (?, ?)";

  static final String HEADS =
      "select " + CHANNEL_COLUMNS + " from chat_channel c where c.name = any(?)";

  // One statement is one snapshot.
  static final String FORWARD = stretch(
      "e.seq >= greatest(cast(? as bigint), c.floor + 1)"
          + " and e.seq < greatest(cast(? as bigint), c.floor + 1) + cast(? as bigint)",
      "asc");
  static final String BACKWARD = stretch(
      "e.seq <= least(cast(? as bigint), c.head)"
          + " and e.seq > least(cast(? as bigint), c.head) - cast(? as bigint)",
      "desc");

  private static final String REMEMBER_KEYS =
      "merge into chat_key (channel_id, sender_id, client_key, seq, id, at)"
          + " key (channel_id, sender_id, client_key) " + KEYS_TO_REMEMBER;

  static final String FORGET_KEYS =
      "delete from chat_key where at <= ? fetch first cast(? as bigint) rows only";

  private static String stretch(String range, String order) {
    return "select " + CHANNEL_COLUMNS + ", " + ENTRY_COLUMNS + " from chat_channel c"
        + " left join chat_entry e on e.channel_id = c.id and " + range
        + " where c.name = ? order by e.seq " + order;
  }

  @Override
  String folder() {
    return "h2";
  }

  @Override
  List<String> files() {
    return List.of("V1__chat.sql");
  }

  /**
   * H2 has no lock that outlives a change of a table, and fails if two make the same index at once. A file of H2 is open in
   * one process, so this holds up whoever else may be doing so, but for other clients of a server of H2's own.
   */
  @Override
  void lockSchema(Connection connection) {
    boolean locked = false;
    try {
      locked = SCHEMA.tryLock(SCHEMA_PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    if (!locked) {
      throw new StoreUnavailableException("Another store is changing the schema");
    }
  }

  @Override
  void unlockSchema(Connection connection, boolean done) throws SQLException {
    try {
      // Who gets the lock next has to see what was noted.
      if (done) {
        connection.commit();
      }
    } finally {
      SCHEMA.unlock();
    }
  }

  /** Several processes may note the same version. */
  @Override
  String noteVersion() {
    return "merge into chat_schema (version, applied_at, checksum) key (version) values (?, ?, ?)";
  }

  @Override
  Set<String> structure(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement("""
            select table_name, column_name from information_schema.columns
            where table_schema = current_schema and lower(table_name) like 'chat\\_%'
            union all
            select index_name, null from information_schema.indexes
            where table_schema = current_schema and lower(table_name) like 'chat\\_%'""");
        ResultSet rows = query.executeQuery()) {
      return Rows.structure(rows).stream()
          .map(name -> name.toLowerCase(Locale.ROOT))
          .collect(Collectors.toSet());
    }
  }

  @Override
  Durability durability(Connection connection) throws SQLException {
    Map<String, String> settings;
    try (PreparedStatement query = connection.prepareStatement(
            "select setting_name, setting_value from information_schema.settings"
                + " where setting_name in ('WRITE_DELAY', 'info.VERSION')");
        ResultSet rows = query.executeQuery()) {
      settings = Rows.settings(rows);
    }
    boolean inMemory;
    try (PreparedStatement query = connection.prepareStatement("select database_path()");
        ResultSet row = query.executeQuery()) {
      inMemory = !row.next() || row.getString(1) == null;
    }
    return new Durability(
        "H2 " + connection.getMetaData().getDatabaseProductVersion(),
        settings,
        List.of(warning(inMemory, settings.getOrDefault("WRITE_DELAY", "?"))));
  }

  /**
   * What can be lost, which always is something: with a delay of 0 each commit is written before it returns, but H2 asks the
   * system for no flush.
   */
  static String warning(boolean inMemory, String writeDelay) {
    String lost;
    if (inMemory) {
      lost = "this database is in memory, so everything is lost when its process ends; use a"
          + " jdbc:h2:file with WRITE_DELAY=0, or PostgreSQL, MariaDB or SQLite.";
    } else if (writeDelay.equals("0")) {
      lost =
          "WRITE_DELAY is 0, so a killed process loses nothing, but commits are not flushed, and a"
              + " crash of the machine can lose them; use PostgreSQL, MariaDB or SQLite.";
    } else {
      lost = "WRITE_DELAY is " + writeDelay + ", so commits wait in memory, and a process that is"
          + " killed loses those of the last moments; set it to 0.";
    }
    return "H2 is for tests and for trying: " + lost;
  }

  @Override
  void begin(Connection connection) throws SQLException {
    if (connection.getTransactionIsolation() != Connection.TRANSACTION_READ_COMMITTED) {
      // Can not be set for one transaction, and the connection is the application's.
      throw new StoreException("On H2 the log needs connections with READ COMMITTED, which is the"
          + " default: let the pool not change it.");
    }
    connection.setAutoCommit(false);
  }

  @Override
  Map<ChannelName, ChannelRow> lockRows(
      Connection connection, Collection<ChannelName> names, long patienceMillis)
      throws SQLException {
    String locking = patienceMillis == 0
        ? "skip locked"
        : "wait " + BigDecimal.valueOf(patienceMillis, 3).toPlainString();
    try (PreparedStatement query = connection.prepareStatement(LOCK + locking)) {
      query.setArray(1, array(connection, names));
      try (ResultSet rows = query.executeQuery()) {
        return Rows.channels(rows);
      }
    }
  }

  @Override
  boolean isOf(String product) {
    return product.equals("H2");
  }

  @Override
  boolean tableMissing(SQLException failure) {
    int error = failure.getErrorCode();
    return error >= 42102 && error <= 42104;
  }

  @Override
  boolean lockNotAvailable(SQLException failure) {
    return failure.getErrorCode() == LOCK_TIMEOUT;
  }

  @Override
  Set<ChannelName> existing(Connection connection, Collection<ChannelName> names)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(EXISTING)) {
      query.setArray(1, array(connection, names));
      try (ResultSet rows = query.executeQuery()) {
        return Rows.names(rows);
      }
    }
  }

  @Override
  Set<ChannelName> create(Connection connection, Collection<ChannelName> names, Instant at)
      throws SQLException {
    Set<ChannelName> beingCreated = new HashSet<>();
    try (PreparedStatement insert = connection.prepareStatement(CREATE)) {
      for (ChannelName name : names) {
        insert.setString(1, name.value());
        insert.setLong(2, at.toEpochMilli());
        try {
          insert.executeUpdate();
          connection.commit();
        } catch (SQLException failure) {
          connection.rollback();
          int error = failure.getErrorCode();
          if (error == LOCK_TIMEOUT) {
            beingCreated.add(name);
          } else if (error != DUPLICATE_KEY && error != CONCURRENT_UPDATE) {
            throw failure;
          }
        }
      }
    }
    return beingCreated;
  }

  @Override
  Map<KeyRow, KeyRow.Place> keys(
      Connection connection, Collection<KeyRow> keys, Instant youngerThan) throws SQLException {
    return RowByRow.keys(connection, keys, youngerThan);
  }

  @Override
  List<EntryRow> behind(Connection connection, Map<ChannelRow, Cursor> places, Set<EntryId> ids)
      throws SQLException {
    return RowByRow.behind(connection, places, ids);
  }

  @Override
  void write(Connection connection, List<EntryRow> entries, Collection<ChannelRow> heads)
      throws SQLException {
    RowByRow.write(connection, entries, heads);
  }

  @Override
  LogPart read(Connection connection, ChannelName name, LogPart.Stretch stretch)
      throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(stretch.forward() ? FORWARD : BACKWARD)) {
      long first = stretch.computableFirst();
      query.setLong(1, first);
      query.setLong(2, first);
      query.setLong(3, stretch.rows());
      query.setString(4, name.value());
      try (ResultSet rows = query.executeQuery()) {
        return Rows.stretch(rows, name, stretch);
      }
    }
  }

  @Override
  Map<ChannelName, Head> heads(Connection connection, Collection<ChannelName> names)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(HEADS)) {
      query.setArray(1, array(connection, names));
      try (ResultSet rows = query.executeQuery()) {
        return Rows.heads(rows);
      }
    }
  }

  @Override
  String rememberKeys() {
    return REMEMBER_KEYS;
  }

  @Override
  String forgetKeys() {
    return FORGET_KEYS;
  }

  @Override
  boolean unavailable(SQLException failure) {
    String state = failure.getSQLState();
    return UNAVAILABLE.contains(failure.getErrorCode())
        || (state != null && state.startsWith("08"));
  }

  @Override
  boolean repeatable(SQLException failure) {
    return failure.getErrorCode() == DEADLOCK || failure.getErrorCode() == CONCURRENT_UPDATE;
  }

  @Override
  boolean refusedCommit(SQLException failure) {
    return repeatable(failure) || failure.getErrorCode() == DUPLICATE_KEY;
  }

  private static java.sql.Array array(Connection connection, Collection<ChannelName> names)
      throws SQLException {
    return connection.createArrayOf(
        "varchar", names.stream().map(ChannelName::value).toArray());
  }
}
