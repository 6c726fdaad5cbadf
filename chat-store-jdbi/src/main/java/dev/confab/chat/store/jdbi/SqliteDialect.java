package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Json;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SQLite 3.38 and later; recommended is 3.51.3, or 3.50.7 or 3.44.6 of the older lines. It has one writer: who has begun a transaction holds every channel, so there is nothing to skip and
 * nobody to deadlock with. Its transactions are begun and ended by statements, because a driver's own begin is not
 * IMMEDIATE, and a transaction that turns into a writer half-way can only fail.
 */
final class SqliteDialect extends SqlDialect {
  private static final String CREATE =
      "insert into chat_channel (name, created_at) values (?, ?) on conflict (name) do nothing";

  private static final String CHANNEL =
      "select " + CHANNEL_COLUMNS + " from chat_channel c where c.name = ?";

  private static final String REMEMBER_KEYS =
      "insert into chat_key (channel_id, sender_id, client_key, seq, id, at) " + KEYS_TO_REMEMBER
          + " on conflict (channel_id, sender_id, client_key)"
          + " do update set seq = excluded.seq, id = excluded.id, at = excluded.at";

  static final String FORGET_KEYS = """
      delete from chat_key where (channel_id, sender_id, client_key) in (
        select k.channel_id, k.sender_id, k.client_key from chat_key k
        where k.at <= ? order by k.at limit ?)""";

  static final String HEADS = "select " + CHANNEL_COLUMNS
      + " from json_each(?) n cross join chat_channel c on c.name = n.value";

  static final String FORWARD = "select " + ENTRY_COLUMNS
      + " from chat_entry e where e.channel_id = ? and e.seq >= ? order by e.seq limit ?";
  static final String BACKWARD = "select " + ENTRY_COLUMNS
      + " from chat_entry e where e.channel_id = ? and e.seq <= ? order by e.seq desc limit ?";

  private static final Pattern VERSION = Pattern.compile("^(\\d{1,9})\\.(\\d{1,9})\\.(\\d{1,9})");

  // Primary result codes of SQLite.
  private static final int PERM = 3;
  private static final int BUSY = 5;
  private static final int LOCKED = 6;
  private static final int NOMEM = 7;
  private static final int READONLY = 8;
  private static final int INTERRUPT = 9;
  private static final int IOERR = 10;
  private static final int CORRUPT = 11;
  private static final int FULL = 13;
  private static final int CANTOPEN = 14;
  private static final int PROTOCOL = 15;
  private static final int NOTADB = 26;

  private static final Set<Integer> UNAVAILABLE = Set.of(
      PERM, BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL,
      NOTADB);

  @Override
  String folder() {
    return "sqlite";
  }

  @Override
  List<String> files() {
    return List.of("V1__chat.sql");
  }

  @Override
  void lockSchema(Connection connection) {
    // Its transaction, begun IMMEDIATE, is the lock.
  }

  @Override
  void unlockSchema(Connection connection, boolean done) {
    // It ends with the transaction.
  }

  @Override
  Set<String> structure(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement("""
        select m.name, c.name from sqlite_schema m
        left join pragma_table_info(m.name) c on m.type = 'table'
        where m.name like 'chat\\_%' escape '\\'""");
        ResultSet rows = query.executeQuery()) {
      return Rows.structure(rows);
    }
  }

  @Override
  Durability durability(Connection connection) throws SQLException {
    Map<String, String> settings = new TreeMap<>();
    for (String pragma : List.of(
        "journal_mode", "synchronous", "fullfsync", "checkpoint_fullfsync", "busy_timeout")) {
      settings.put(pragma, value(connection, "pragma " + pragma));
    }
    String version = value(connection, "select sqlite_version()");
    return new Durability("SQLite " + version, settings, warnings(version, settings));
  }

  /** What can be lost with this version and these settings. */
  static List<String> warnings(String version, Map<String, String> settings) {
    List<String> warnings = new ArrayList<>();
    if (mayCorrupt(version)) {
      warnings.add("SQLite " + version + " has the WAL-reset bug: two connections that write or"
          + " checkpoint at the same moment, as those of two processes, can on rare occasions corrupt"
          + " the file; use 3.51.3 or later (or 3.50.7, 3.44.6).");
    }
    if (!"2".equals(settings.get("synchronous")) && !"3".equals(settings.get("synchronous"))) {
      warnings.add("synchronous is below FULL: a crash of the machine can lose commits of the last"
          + " moments; set it to FULL.");
    }
    String mode = settings.getOrDefault("journal_mode", "");
    if (mode.equals("memory") || mode.equals("off")) {
      warnings.add("journal_mode is " + mode
          + ": a crash can lose commits and corrupt the database;" + " set it to WAL.");
    }
    return warnings;
  }

  /** True for 3.7.0 to 3.51.2, but for what was mended in 3.44.6 and 3.50.7; and if the version can not be read. */
  private static boolean mayCorrupt(String version) {
    Matcher parts = VERSION.matcher(version);
    if (!parts.find()) {
      return true;
    }
    int major = Integer.parseInt(parts.group(1));
    int minor = Integer.parseInt(parts.group(2));
    int patch = Integer.parseInt(parts.group(3));
    if (major != 3) {
      return major < 3;
    }
    return switch (minor) {
      case 44 -> patch < 6;
      case 50 -> patch < 7;
      case 51 -> patch < 3;
      default -> minor >= 7 && minor < 51;
    };
  }

  static String value(Connection connection, String sql) throws SQLException {
    try (Statement query = connection.createStatement();
        ResultSet rows = query.executeQuery(sql)) {
      return rows.next() ? rows.getString(1) : "";
    }
  }

  @Override
  void begin(Connection connection) throws SQLException {
    try {
      run(connection, "begin immediate");
    } catch (SQLException failure) {
      if (busy(failure)) {
        throw new StoreUnavailableException(
            "Another transaction has been writing to the SQLite file for too long. If it is one of"
                + " this application's: record in it with store.append(connection, drafts), and call"
                + " chat.publish only when it has ended",
            failure);
      }
      throw failure;
    }
  }

  @Override
  void commit(Connection connection) throws SQLException {
    run(connection, "commit");
  }

  @Override
  void rollback(Connection connection) throws SQLException {
    run(connection, "rollback");
  }

  @Override
  Locked lock(
      Connection connection,
      Collection<ChannelName> names,
      Duration patience,
      Optional<Instant> create)
      throws SQLException {
    Map<ChannelName, ChannelRow> rows = new LinkedHashMap<>();
    List<ChannelName> missing = new ArrayList<>();
    find(connection, names, rows, missing);
    if (create.isPresent() && !missing.isEmpty()) {
      try (PreparedStatement insert = connection.prepareStatement(CREATE)) {
        for (ChannelName name : missing) {
          insert.setString(1, name.value());
          insert.setLong(2, create.get().toEpochMilli());
          insert.addBatch();
        }
        insert.executeBatch();
      }
      find(connection, missing, rows, new ArrayList<>());
    }
    return new Locked(rows, Set.of());
  }

  @Override
  boolean hasOneWriter() {
    return true;
  }

  /** Becomes the writer for a moment, without waiting. */
  @Override
  boolean nobodyWrites(Connection connection) throws SQLException {
    String patience = value(connection, "pragma busy_timeout");
    run(connection, "pragma busy_timeout = 0");
    try {
      run(connection, "begin immediate");
      run(connection, "rollback");
      return true;
    } catch (SQLException failure) {
      if (busy(failure)) {
        return false;
      }
      throw failure;
    } finally {
      run(connection, "pragma busy_timeout = " + patience);
    }
  }

  @Override
  void beginForHost(Connection connection) throws SQLException {
    begin(connection);
  }

  @Override
  boolean isOf(String product) {
    return product.equals("SQLite");
  }

  /** A driver knows only of transactions it has begun itself; of others, that none can be begun in them. */
  @Override
  void requireHostTransaction(Connection connection) throws SQLException {
    if (!connection.getAutoCommit()) {
      return;
    }
    try {
      run(connection, "begin");
    } catch (SQLException failure) {
      String message = failure.getMessage();
      if (message != null && message.contains("within a transaction")) {
        return;
      }
      throw failure;
    }
    run(connection, "rollback");
    throw new StoreException("Expected a connection with an open transaction, got one that commits"
        + " each statement: use store.transaction(connection -> …), or set up a connection as"
        + " the page on host transactions says, and begin with BEGIN IMMEDIATE.");
  }

  /**
   * Who writes holds the whole log. If the host has only read so far this makes it a writer, or fails at once: what it has
   * read may have changed since. Channels are created in its transaction, because there is no other beside it.
   */
  @Override
  Map<ChannelName, ChannelRow> lockForHost(
      Connection connection,
      SortedSet<ChannelName> names,
      Duration patience,
      Instant at,
      Creation creation)
      throws SQLException {
    run(connection, "update chat_channel set no = no where false");
    return lock(connection, names, patience, Optional.of(at)).rows();
  }

  @Override
  void hostHasWritten(Connection connection) {
    // Nothing was changed.
  }

  @Override
  boolean waitedInVain(SQLException failure) {
    return busy(failure);
  }

  @Override
  String whyInVain(Duration patience, Collection<ChannelName> names) {
    return "Another connection writes to the SQLite file, or has written since this transaction read"
        + " from it (SQLITE_BUSY). A transaction that begins with reading can not always become one"
        + " that writes: use store.transaction(connection -> …), or begin with BEGIN"
        + " IMMEDIATE.";
  }

  /** SQLite has one code for all that is wrong with a statement. */
  @Override
  boolean tableMissing(SQLException failure) {
    String message = failure.getMessage();
    return message != null && message.contains("no such table");
  }

  private static void find(
      Connection connection,
      Collection<ChannelName> names,
      Map<ChannelName, ChannelRow> rows,
      Collection<ChannelName> missing)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(CHANNEL)) {
      for (ChannelName name : names) {
        query.setString(1, name.value());
        try (ResultSet row = query.executeQuery()) {
          if (row.next()) {
            rows.put(name, Rows.channel(row));
          } else {
            missing.add(name);
          }
        }
      }
    }
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
    // A transaction only so that both statements see the same moment; the connection is ours and is
    // dropped if this fails.
    run(connection, "begin");
    LogPart part = snapshot(connection, name, stretch);
    run(connection, "commit");
    return part;
  }

  private static LogPart snapshot(Connection connection, ChannelName name, LogPart.Stretch stretch)
      throws SQLException {
    Map<ChannelName, ChannelRow> found = new HashMap<>();
    find(connection, List.of(name), found, new ArrayList<>());
    ChannelRow channel = found.get(name);
    if (channel == null) {
      return LogPart.NOTHING;
    }
    EntryReader entries = new EntryReader(name, stretch);
    try (PreparedStatement query =
        connection.prepareStatement(stretch.forward() ? FORWARD : BACKWARD)) {
      query.setLong(1, channel.row());
      query.setLong(2, stretch.first());
      query.setLong(3, stretch.rows());
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next() && entries.take(rows)) {
          // Until the stretch is full or has ended; rows are fetched one by one.
        }
      }
    }
    return new LogPart(Optional.of(channel), entries.entries());
  }

  @Override
  Map<ChannelName, Head> heads(Connection connection, Collection<ChannelName> names)
      throws SQLException {
    StringBuilder array = new StringBuilder("[");
    for (ChannelName name : names) {
      if (array.length() > 1) {
        array.append(',');
      }
      Json.quote(name.value(), array);
    }
    try (PreparedStatement query = connection.prepareStatement(HEADS)) {
      query.setString(1, array.append(']').toString());
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

  static boolean busy(SQLException failure) {
    return (failure.getErrorCode() & 0xff) == BUSY;
  }

  /** The driver gives the primary result code as the vendor's code, and no SQLState. */
  @Override
  boolean unavailable(SQLException failure) {
    return UNAVAILABLE.contains(failure.getErrorCode() & 0xff);
  }

  @Override
  boolean repeatable(SQLException failure) {
    return false;
  }

  @Override
  boolean refusedCommit(SQLException failure) {
    return busy(failure) || (failure.getErrorCode() & 0xff) == FULL;
  }
}
