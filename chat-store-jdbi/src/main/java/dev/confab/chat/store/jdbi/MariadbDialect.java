package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * MariaDB 10.6 and later, MySQL 8 and later, with InnoDB. Only what both understand is used.
 *
 * <p>Indexes are forced where rows are locked, because what InnoDB looks at it locks, whether it is wanted or not.
 */
final class MariadbDialect extends RowLockingDialect {
  /** No list is longer: MariaDB makes a table of one of a thousand, and then reads all channels to compare them with it. */
  static final int LIST = 500;

  /** About how many characters of data one statement writes; a packet of 16 MiB, the smallest default, holds far more. */
  private static final int STATEMENT_CHARS = 1 << 20;

  /** How many channels are created in one transaction. */
  private static final int CREATED_AT_ONCE = 100;

  /** How long a name is waited for that another transaction is creating; the database counts whole seconds. */
  private static final long CREATION_SECONDS = 1;

  private static final Duration SCHEMA_PATIENCE = Duration.ofSeconds(60);

  // Of the server and not of the database, hence the database's name in it, of which 64 characters
  // are allowed.
  private static final String SCHEMA_LOCK = "concat('confab.', md5(database()))";

  private static final int LOCK_WAIT_TIMEOUT = 1205;
  private static final int DEADLOCK = 1213;
  private static final int NO_SUCH_TABLE = 1146;
  private static final int DUPLICATE_KEY = 1062;

  /** Numbers of errors that say nothing against what was asked. */
  private static final Set<Integer> UNAVAILABLE = Set.of(
      LOCK_WAIT_TIMEOUT,
      1021, // disk full
      1026, // a file can not be written
      1030, // the storage engine failed, as on a full disk
      1036, // the table is read only now
      1037, // out of memory
      1038,
      1040, // too many connections
      1041,
      1044, // a login that is refused now
      1045,
      1049, // the database is not there (yet)
      1053, // shutting down
      1077,
      1079,
      1114, // the table is full, as on a full disk
      1129, // this machine is blocked
      1203, // too many connections of this user
      1226, // a limit of this user's
      1290, // --read-only, as in the middle of a failover
      1317, // interrupted
      1637, // too many transactions
      1792, // a transaction that may only read
      1836, // read-only mode
      1878, // a temporary file can not be written
      1927, // the connection was killed
      1969, // took longer than max_statement_time
      3024, // took longer than max_execution_time
      4031); // the connection was idle for too long

  private static final Pattern VERSION = Pattern.compile("^(?:5\\.5\\.5-)?(\\d+)\\.(\\d+)");

  /** What {@link SqlDialect#CHANNEL_COLUMNS} are elsewhere; drivers do not agree on how bytes become text. */
  private static final String CHANNEL = "c.id as channel_row, " + utf8Text("c.name")
      + " as channel_name, c.head, " + utf8Text("c.head_id") + " as head_id, c.no as head_no,"
      + " c.floor, " + utf8Text("c.floor_id") + " as floor_id";

  private static final String ENTRY = "e.seq, " + utf8Text("e.id") + " as id, e.kind, e.no, "
      + utf8Text("e.about") + " as about, " + utf8Text("e.sender_id")
      + " as sender_id, e.sender_name, "
      + utf8Text("e.client_key") + " as client_key, e.at, e.data";

  private static final String BY_NAME =
      "select " + CHANNEL + " from chat_channel c force index (chat_channel_name) where ";

  private static final String EXISTING = "select " + utf8Text("c.name")
      + " from chat_channel c force index (chat_channel_name) where ";

  /**
   * One statement is one snapshot. A log is dense, so the rows are bounded by their numbers; the sum over the lengths keeps
   * data that would not be used from being sent.
   */
  private static String stretch(String range, String order) {
    return """
        select w.*, %2$s
        from (
          select %1$s, s.seq as place,
            case when s.seq = ? then 0 else coalesce(octet_length(s.data), 4) end as bytes,
            sum(case when s.seq = ? then 0 else coalesce(octet_length(s.data), 4) end)
              over (order by s.seq %4$s) as upto
          from chat_channel c
          left join chat_entry s on s.channel_id = c.id and %3$s
          where c.name = ?) w
        left join chat_entry e on e.channel_id = w.channel_row and e.seq = w.place
        where w.place is null or w.upto = w.bytes or w.upto <= ?
        order by w.place %4$s""".formatted(CHANNEL, ENTRY, range, order);
  }

  static final String FORWARD =
      stretch("s.seq >= greatest(?, c.floor + 1) and s.seq < greatest(?, c.floor + 1) + ?", "asc");
  static final String BACKWARD =
      stretch("s.seq <= least(?, c.head) and s.seq > least(?, c.head) - ?", "desc");

  private static final String INSERT = "insert into chat_entry"
      + " (channel_id, seq, id, kind, no, sender_id, sender_name, client_key, about, data, at)"
      + " values ";

  private static final String REMEMBER_KEYS =
      "insert into chat_key (channel_id, sender_id, client_key, seq, id, at) " + KEYS_TO_REMEMBER
          + " on duplicate key update seq = values(seq), id = values(id), at = values(at)";

  static final String FORGET_KEYS = "delete from chat_key where at <= ? order by at limit ?";

  private static String utf8Text(String column) {
    return "convert(" + column + " using utf8mb4)";
  }

  /**
   * The dialect for a server that says this of itself.
   *
   * @throws StoreException if it is too old to skip locked rows
   */
  static MariadbDialect of(String product, String version) {
    boolean mariadb = product.equals("MariaDB") || version.contains("MariaDB");
    Matcher matcher = VERSION.matcher(version);
    if (matcher.find()) {
      int major = Integer.parseInt(matcher.group(1));
      int minor = Integer.parseInt(matcher.group(2));
      boolean known = mariadb ? major > 10 || (major == 10 && minor >= 6) : major >= 8;
      if (!known) {
        throw new StoreException(
            "Expected MariaDB 10.6 or MySQL 8 or later, got " + product + " " + version + ".");
      }
    }
    return new MariadbDialect();
  }

  @Override
  String folder() {
    return "mariadb";
  }

  @Override
  List<String> files() {
    return List.of("V1__chat.sql");
  }

  /** A lock of the session: here each change of a table commits, and a transaction's locks would end with the first. */
  @Override
  void lockSchema(Connection connection) throws SQLException {
    try (PreparedStatement lock = connection.prepareStatement(
            "select get_lock(" + SCHEMA_LOCK + ", " + SCHEMA_PATIENCE.toSeconds() + ")");
        ResultSet row = lock.executeQuery()) {
      if (!row.next() || row.getInt(1) != 1) {
        throw new StoreUnavailableException("Another store is changing the schema");
      }
    }
  }

  @Override
  void unlockSchema(Connection connection, boolean done) throws SQLException {
    // Who gets the lock next has to see what was noted.
    if (done) {
      connection.commit();
    }
    try (Statement unlock = connection.createStatement()) {
      if (!done) {
        connection.rollback();
      }
      unlock.execute("do release_lock(" + SCHEMA_LOCK + ")");
    } catch (SQLException gone) {
      if (done) {
        throw gone;
      }
      // Only a connection that is gone fails here, and its lock is gone with it; what failed before
      // is to be told.
    }
  }

  @Override
  Set<String> structure(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement("""
            select table_name, column_name from information_schema.columns
            where table_schema = database() and left(table_name, 5) = 'chat_'
            union all
            select index_name, null from information_schema.statistics
            where table_schema = database() and left(table_name, 5) = 'chat_'""");
        ResultSet rows = query.executeQuery()) {
      return Rows.structure(rows);
    }
  }

  @Override
  Durability durability(Connection connection) throws SQLException {
    Map<String, String> settings;
    try (PreparedStatement query = connection.prepareStatement("""
            show variables where variable_name in ('innodb_flush_log_at_trx_commit', 'sync_binlog',
              'log_bin', 'binlog_storage_engine', 'innodb_doublewrite', 'innodb_flush_method',
              'debug_no_sync', 'version')""");
        ResultSet rows = query.executeQuery()) {
      settings = Rows.settings(rows);
    }
    String version = settings.getOrDefault("version", "?");
    return new Durability(
        (version.contains("MariaDB") ? "MariaDB " : "MySQL ") + version,
        settings,
        warnings(settings));
  }

  /** What can be lost with these settings in the {@code version} among them. */
  static List<String> warnings(Map<String, String> settings) {
    List<String> warnings = new ArrayList<>();
    String flush = settings.getOrDefault("innodb_flush_log_at_trx_commit", "1");
    switch (flush) {
      case "1", "3" -> {
        // 3 is 1 with one more flush, on MariaDB.
      }
      case "2" ->
        warnings.add("innodb_flush_log_at_trx_commit is 2: a crash of the machine loses commits of"
            + " about the last second; set it to 1.");
      default ->
        warnings.add("innodb_flush_log_at_trx_commit is " + flush + ": a crash of the server or of"
            + " the machine loses commits of about the last second; set it to 1.");
    }
    // A binary log within InnoDB (MariaDB 12.3) is flushed with it, whatever sync_binlog says.
    if ("ON".equalsIgnoreCase(settings.get("log_bin"))
        && !"innodb".equalsIgnoreCase(settings.get("binlog_storage_engine"))
        && !"1".equals(settings.get("sync_binlog"))) {
      warnings.add("sync_binlog is " + settings.get("sync_binlog") + " with the binary log on: "
          + (flush.equals("3")
              ? "after a crash of the machine the binary log, and so each replica, can lack commits"
              : "a crash of the machine can take back commits that the binary log has lost")
          + "; set it to 1.");
    }
    // DETECT_AND_RECOVER is MySQL's other word for ON.
    switch (settings.getOrDefault("innodb_doublewrite", "ON").toUpperCase(Locale.ROOT)) {
      case "OFF" ->
        warnings.add(
            "innodb_doublewrite is OFF: a crash of the machine can leave half-written pages"
                + " and corrupt the database; set it to ON.");
      case "DETECT_ONLY" ->
        warnings.add("innodb_doublewrite is DETECT_ONLY: half-written pages after a crash of the"
            + " machine are found but not mended, which can cost the database; set it to ON.");
      case "FAST" ->
        warnings.add("innodb_doublewrite is fast: data files are not flushed, so with some file"
            + " systems and drives a crash of the machine can lose commits and corrupt the database;"
            + " set it to ON.");
      default -> {
        // Half-written pages are mended.
      }
    }
    String method = settings.getOrDefault("innodb_flush_method", "");
    if (heedsFlushMethod(settings.getOrDefault("version", ""))) {
      switch (method.toUpperCase(Locale.ROOT)) {
        case "NOSYNC" ->
          warnings.add(
              "innodb_flush_method is nosync: nothing is flushed, so a crash of the machine"
                  + " can lose commits and corrupt the database; set it to O_DIRECT or fsync.");
        case "LITTLESYNC", "O_DIRECT_NO_FSYNC" ->
          warnings.add("innodb_flush_method is " + method + ": data files are not flushed, so with"
              + " some file systems and drives a crash of the machine can lose commits and corrupt"
              + " the database; set it to O_DIRECT or fsync.");
        default -> {
          // The others flush.
        }
      }
    }
    if ("ON".equalsIgnoreCase(settings.get("debug_no_sync"))) {
      warnings.add("debug_no_sync is ON: the server skips flushes, so a crash of the machine can"
          + " lose commits and corrupt the database; set it to OFF.");
    }
    return warnings;
  }

  /**
   * False for MariaDB 11 and later: it flushes with every method, and says innodb_doublewrite=fast where it does not. True if
   * the version can not be read.
   */
  private static boolean heedsFlushMethod(String version) {
    Matcher parts = VERSION.matcher(version);
    return !version.contains("MariaDB") || !parts.find() || Integer.parseInt(parts.group(1)) < 11;
  }

  @Override
  void begin(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    // For this transaction only.
    run(connection, "set transaction isolation level read committed");
  }

  @Override
  Map<ChannelName, ChannelRow> lockRows(
      Connection connection, Collection<ChannelName> names, long patienceMillis)
      throws SQLException {
    if (patienceMillis == 0) {
      return rows(connection, names, " for update skip locked");
    }
    return waiting(
        connection,
        Math.max(1, (patienceMillis + 999) / 1_000),
        () -> rows(connection, names, " for update"));
  }

  private static Map<ChannelName, ChannelRow> rows(
      Connection connection, Collection<ChannelName> names, String locking) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(BY_NAME + in("c.name", "?", names.size()) + locking)) {
      bindNames(query, names);
      try (ResultSet rows = query.executeQuery()) {
        return Rows.channels(rows);
      }
    }
  }

  private interface Work<T> {
    T run() throws SQLException;
  }

  /** Has the connection wait for locks so long and no longer, and gives it back as it was. */
  private static <T> T waiting(Connection connection, long seconds, Work<T> work)
      throws SQLException {
    long before;
    try (Statement query = connection.createStatement();
        ResultSet row = query.executeQuery("select @@session.innodb_lock_wait_timeout")) {
      row.next();
      before = row.getLong(1);
    }
    run(connection, "set session innodb_lock_wait_timeout = " + seconds);
    try {
      return work.run();
    } finally {
      run(connection, "set session innodb_lock_wait_timeout = " + before);
    }
  }

  @Override
  boolean isOf(String product) {
    return product.equals("MariaDB") || product.equals("MySQL");
  }

  @Override
  boolean tableMissing(SQLException failure) {
    return failure.getErrorCode() == NO_SUCH_TABLE;
  }

  @Override
  boolean lockNotAvailable(SQLException failure) {
    return failure.getErrorCode() == LOCK_WAIT_TIMEOUT;
  }

  @Override
  Set<ChannelName> existing(Connection connection, Collection<ChannelName> names)
      throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(EXISTING + in("c.name", "?", names.size()))) {
      bindNames(query, names);
      try (ResultSet rows = query.executeQuery()) {
        return Rows.names(rows);
      }
    }
  }

  /**
   * Many in one transaction, because each commit is a write to the disk here; in one order for all, so that no two nodes wait
   * for each other. If one of them can not be had in time, each on its own.
   */
  @Override
  Set<ChannelName> create(Connection connection, Collection<ChannelName> names, Instant at)
      throws SQLException {
    List<ChannelName> ordered = new ArrayList<>(names);
    Collections.sort(ordered);
    Set<ChannelName> beingCreated = new HashSet<>();
    for (List<ChannelName> some : parts(ordered, CREATED_AT_ONCE)) {
      if (created(connection, some, at)) {
        continue;
      }
      if (some.size() == 1) {
        beingCreated.addAll(some);
        continue;
      }
      for (ChannelName one : some) {
        if (!created(connection, List.of(one), at)) {
          beingCreated.add(one);
        }
      }
    }
    return beingCreated;
  }

  private static boolean created(Connection connection, List<ChannelName> names, Instant at)
      throws SQLException {
    return waiting(connection, CREATION_SECONDS, () -> {
      try (PreparedStatement insert =
          connection.prepareStatement("insert ignore into chat_channel (name, created_at) values "
              + repeated("(?, ?)", names.size()))) {
        int parameter = 0;
        for (ChannelName name : names) {
          insert.setBytes(++parameter, utf8(name.value()));
          insert.setLong(++parameter, at.toEpochMilli());
        }
        insert.executeUpdate();
      } catch (SQLException failure) {
        if (failure.getErrorCode() == LOCK_WAIT_TIMEOUT) {
          connection.rollback();
          return false;
        }
        throw failure;
      }
      connection.commit();
      return true;
    });
  }

  static String keys(int count) {
    return "select e.channel_id as channel_row, " + utf8Text("e.sender_id") + " as sender_id, "
        + utf8Text("e.client_key") + " as client_key, " + utf8Text("e.about") + " as about, e.seq, "
        + utf8Text("e.id") + " as id, e.at from chat_entry e force index (chat_entry_key) where "
        + in("(e.channel_id, e.sender_id, e.client_key, e.about)", "(?, ?, ?, ?)", count)
        + " union all select o.channel_id, " + utf8Text("o.sender_id") + ", "
        + utf8Text("o.client_key")
        + ", '', o.seq, " + utf8Text("o.id")
        + ", o.at from chat_key o force index (primary) where ("
        + in("(o.channel_id, o.sender_id, o.client_key)", "(?, ?, ?)", count) + ") and o.at > ?";
  }

  @Override
  Map<KeyRow, KeyRow.Place> keys(
      Connection connection, Collection<KeyRow> keys, Instant youngerThan) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(keys(keys.size()))) {
      int parameter = 0;
      for (KeyRow key : keys) {
        query.setLong(++parameter, key.channel());
        query.setBytes(++parameter, utf8(key.senderId()));
        query.setBytes(++parameter, utf8(key.key()));
        query.setBytes(++parameter, utf8(key.about()));
      }
      for (KeyRow key : keys) {
        query.setLong(++parameter, key.channel());
        query.setBytes(++parameter, utf8(key.senderId()));
        query.setBytes(++parameter, utf8(key.key()));
      }
      query.setLong(++parameter, youngerThan.toEpochMilli());
      try (ResultSet rows = query.executeQuery()) {
        Map<KeyRow, KeyRow.Place> found = Rows.keys(rows);
        // A remembered key may be that of a copy's original only.
        found.keySet().retainAll(new HashSet<>(keys));
        return found;
      }
    }
  }

  static String behind(int places, int ids) {
    return "select e.channel_id, " + ENTRY + " from chat_entry e force index (primary) where ("
        + String.join(" or ", Collections.nCopies(places, "(e.channel_id = ? and e.seq > ?)"))
        + ") and (" + in("e.id", "?", ids) + ") order by e.channel_id, e.seq";
  }

  @Override
  List<EntryRow> behind(Connection connection, Map<ChannelRow, Cursor> places, Set<EntryId> ids)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(behind(places.size(), ids.size()))) {
      int parameter = 0;
      for (Map.Entry<ChannelRow, Cursor> place : places.entrySet()) {
        query.setLong(++parameter, place.getKey().row());
        query.setLong(++parameter, place.getValue().seq());
      }
      for (EntryId id : ids) {
        query.setBytes(++parameter, utf8(id.value()));
      }
      try (ResultSet rows = query.executeQuery()) {
        return Rows.entries(rows, places.keySet());
      }
    }
  }

  /** The new heads stand first, so that the rows to look up come from them. */
  static String move(int heads) {
    return "update (select ? as id, ? as head, ? as head_id, ? as no"
        + " union all select ?, ?, ?, ?".repeat(heads - 1)
        + ") h straight_join chat_channel c force index (primary) on c.id = h.id"
        + " set c.head = h.head, c.head_id = h.head_id, c.no = h.no";
  }

  @Override
  void write(Connection connection, List<EntryRow> entries, Collection<ChannelRow> heads)
      throws SQLException {
    for (List<ChannelRow> some : parts(new ArrayList<>(heads), LIST)) {
      try (PreparedStatement update = connection.prepareStatement(move(some.size()))) {
        int parameter = 0;
        for (ChannelRow head : some) {
          update.setLong(++parameter, head.row());
          update.setLong(++parameter, head.cursor().seq());
          update.setBytes(++parameter, utf8(Objects.requireNonNull(headId(head))));
          update.setLong(++parameter, head.head().no());
        }
        int moved = update.executeUpdate();
        if (moved != some.size()) {
          throw new StoreException("The database moved " + moved + " of " + some.size() + " heads");
        }
      }
    }
    int from = 0;
    while (from < entries.size()) {
      int to = from;
      long chars = 0;
      do {
        String data = entries.get(to++).data();
        chars += data == null ? 0 : data.length();
      } while (to < entries.size() && to - from < LIST && chars < STATEMENT_CHARS);
      insert(connection, entries.subList(from, to));
      from = to;
    }
  }

  private static void insert(Connection connection, List<EntryRow> entries) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(
        INSERT + repeated("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", entries.size()))) {
      int parameter = 0;
      for (EntryRow row : entries) {
        String key = row.clientKey();
        insert.setLong(++parameter, row.channel());
        insert.setLong(++parameter, row.entry().seq());
        insert.setBytes(++parameter, utf8(row.entry().id().value()));
        insert.setInt(++parameter, row.entry().kind().number());
        insert.setLong(++parameter, row.entry().no());
        insert.setBytes(++parameter, utf8(row.senderId()));
        insert.setString(++parameter, row.senderName());
        insert.setBytes(++parameter, key == null ? null : utf8(key));
        insert.setBytes(++parameter, utf8(row.entry().about()));
        insert.setString(++parameter, row.data());
        insert.setLong(++parameter, row.entry().at().toEpochMilli());
      }
      int written = insert.executeUpdate();
      if (written != entries.size()) {
        throw new StoreException(
            "The database wrote " + written + " of " + entries.size() + " entries");
      }
    }
  }

  @Override
  LogPart read(Connection connection, ChannelName name, LogPart.Stretch stretch)
      throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(stretch.forward() ? FORWARD : BACKWARD)) {
      long first = stretch.computableFirst();
      query.setLong(1, stretch.uncounted());
      query.setLong(2, stretch.uncounted());
      query.setLong(3, first);
      query.setLong(4, first);
      query.setLong(5, stretch.rows());
      query.setBytes(6, utf8(name.value()));
      query.setLong(7, stretch.bytes());
      try (ResultSet rows = query.executeQuery()) {
        return Rows.stretch(rows, name, stretch);
      }
    }
  }

  static String heads(int count) {
    return BY_NAME + in("c.name", "?", count);
  }

  @Override
  Map<ChannelName, Head> heads(Connection connection, Collection<ChannelName> names)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(heads(names.size()))) {
      bindNames(query, names);
      try (ResultSet rows = query.executeQuery()) {
        return Rows.heads(rows);
      }
    }
  }

  @Override
  String text(String column) {
    return utf8Text(column);
  }

  @Override
  String rememberKeys() {
    return REMEMBER_KEYS;
  }

  @Override
  String forgetKeys() {
    return FORGET_KEYS;
  }

  /** MariaDB's driver makes a transient failure of the connection of every state it does not know, as of a trigger's. */
  @Override
  boolean connectionFailed(SQLException failure) {
    return !(failure instanceof java.sql.SQLTransientConnectionException)
        && super.connectionFailed(failure);
  }

  @Override
  boolean unavailable(SQLException failure) {
    String state = failure.getSQLState();
    return UNAVAILABLE.contains(failure.getErrorCode())
        || (state != null
            && (state.startsWith("08") // connection
                || state.startsWith("28") // a login that is refused now
                || state.equals("25006") // a transaction that may only read
                || state.equals("70100"))); // interrupted
  }

  @Override
  boolean repeatable(SQLException failure) {
    int error = failure.getErrorCode();
    // 1020 is a row that changed since it was read, 3101 a transaction that its group rejected.
    return error == DEADLOCK
        || error == 1020
        || error == 3101
        || "40001".equals(failure.getSQLState());
  }

  @Override
  boolean refusedCommit(SQLException failure) {
    return repeatable(failure) || failure.getErrorCode() == DUPLICATE_KEY;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void bindNames(PreparedStatement query, Collection<ChannelName> names)
      throws SQLException {
    int parameter = 0;
    for (ChannelName name : names) {
      query.setBytes(++parameter, utf8(name.value()));
    }
  }

  private static String repeated(String part, int count) {
    return String.join(", ", Collections.nCopies(count, part));
  }

  /** That something is one of so many values, in lists of at most {@link #LIST}. */
  private static String in(String what, String value, int count) {
    StringBuilder condition = new StringBuilder();
    for (int from = 0; from < count; from += LIST) {
      condition
          .append(from == 0 ? "" : " or ")
          .append(what)
          .append(" in (")
          .append(repeated(value, Math.min(LIST, count - from)))
          .append(')');
    }
    return condition.isEmpty() ? "false" : condition.toString();
  }

  private static <T> List<List<T>> parts(List<T> all, int size) {
    List<List<T>> parts = new ArrayList<>();
    for (int from = 0; from < all.size(); from += size) {
      parts.add(all.subList(from, Math.min(all.size(), from + size)));
    }
    return parts;
  }
}
