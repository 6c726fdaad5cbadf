package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.spi.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** PostgreSQL 12 and later. */
final class PostgresqlDialect extends RowLockingDialect {
  /** What PostgreSQL answers when a row could not be had within {@code lock_timeout}. */
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  /** Who changes the schema holds this advisory lock; the number is "confab" in ASCII. */
  private static final long SCHEMA_LOCK = 0x636f6e666162L;

  /** How a server that was built for Windows says so, by the compilers of several versions. */
  private static final Pattern WINDOWS = Pattern.compile("windows|mingw|Visual C\\+\\+");

  /** How long a name is waited for that another transaction is creating; each does that in a short one of its own. */
  private static final long CREATION_MILLIS = 200;

  // The isolation is set with the first statement, in the same round trip, and ends with the
  // transaction.
  private static final String READ_COMMITTED = "set transaction isolation level read committed; ";

  // "no key update" and not "update", so that foreign keys of the application's may point here.
  private static final String LOCK = "select " + CHANNEL_COLUMNS + " from chat_channel c"
      + " where c.name = any(?) order by c.id for no key update of c";

  private static final String EXISTING = "select c.name from chat_channel c where c.name = any(?)";

  // Nothing is lost if this commit is: entries are flushed after it and are worth nothing without
  // it.
  private static final String CREATE = READ_COMMITTED
      + "set local synchronous_commit = off; set local lock_timeout = " + CREATION_MILLIS
      + "; insert into chat_channel (name, created_at) values (?, ?) on conflict (name) do nothing";

  static final String KEYS = """
      select k.c as channel_row, k.s as sender_id, k.y as client_key, k.a as about, f.seq, f.id, f.at
      from unnest(?::bigint[], ?::text[], ?::text[], ?::text[]) as k(c, s, y, a)
      cross join lateral (
        (select e.seq, e.id, e.at from chat_entry e
          where e.channel_id = k.c and e.sender_id = k.s and e.client_key = k.y and e.about = k.a
            and e.client_key is not null
          limit 1)
        union all
        (select o.seq, o.id, o.at from chat_key o
          where k.a = '' and o.channel_id = k.c and o.sender_id = k.s and o.client_key = k.y
            and o.at > ?
          limit 1)
      ) f""";

  private static final String BEHIND = "select e.channel_id, " + ENTRY_COLUMNS
      + " from unnest(?::bigint[], ?::bigint[]) as p(channel, seq)"
      + " join chat_entry e on e.channel_id = p.channel and e.seq > p.seq"
      + " where e.id = any(?::text[]) order by e.channel_id, e.seq";

  private static final String WRITE = """
      with moved as (
        update chat_channel c set head = h.head, head_id = h.head_id, no = h.no
        from unnest(?::bigint[], ?::bigint[], ?::text[], ?::bigint[]) as h(id, head, head_id, no)
        where c.id = h.id)
      insert into chat_entry
        (channel_id, seq, id, kind, no, sender_id, sender_name, client_key, about, data, at)
      select * from unnest(?::bigint[], ?::bigint[], ?::text[], ?::smallint[], ?::bigint[],
        ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[])""";

  private static final String REMEMBER_KEYS =
      "insert into chat_key (channel_id, sender_id, client_key, seq, id, at) " + KEYS_TO_REMEMBER
          + " on conflict (channel_id, sender_id, client_key)"
          + " do update set seq = excluded.seq, id = excluded.id, at = excluded.at";

  // Rows that somebody else is removing are left to him.
  static final String FORGET_KEYS = """
      delete from chat_key where (channel_id, sender_id, client_key) in (
        select k.channel_id, k.sender_id, k.client_key from chat_key k
        where k.at <= ? order by k.at limit ? for update skip locked)""";

  private static final String HEADS =
      "select " + CHANNEL_COLUMNS + " from chat_channel c where c.name = any(?)";

  static final String FORWARD =
      stretch("e.seq >= greatest(?, c.floor + 1) and e.seq < greatest(?, c.floor + 1) + ?", "asc");
  static final String BACKWARD =
      stretch("e.seq <= least(?, c.head) and e.seq > least(?, c.head) - ?", "desc");

  /**
   * One statement is one snapshot. A log is dense, so the rows are bounded by their numbers and not by a limit: whatever plan
   * is chosen, and however wrong its guess of a channel's length, no more are looked at. The sum over the lengths, which
   * PostgreSQL knows without unpacking the data, keeps rows that would not be used from being sent: a page of huge entries
   * costs no more than one of small ones.
   */
  private static String stretch(String range, String order) {
    return """
        select %1$s, %2$s
        from chat_channel c
        left join lateral (
          select w.* from (
            select e.*, sum(s.bytes) over (order by e.seq %4$s) as upto, s.bytes
            from chat_entry e
            cross join lateral (
              select case when e.seq = ? then 0 else coalesce(octet_length(e.data), 4) end as bytes) s
            where e.channel_id = c.id and %3$s) w
          where w.upto = w.bytes or w.upto <= ?) e on true
        where c.name = ?
        order by e.seq %4$s""".formatted(CHANNEL_COLUMNS, ENTRY_COLUMNS, range, order);
  }

  @Override
  String folder() {
    return "postgresql";
  }

  @Override
  List<String> files() {
    return List.of("V1__chat.sql");
  }

  @Override
  void lockSchema(Connection connection) throws SQLException {
    try (PreparedStatement lock = connection.prepareStatement(
        READ_COMMITTED + "select pg_advisory_xact_lock(" + SCHEMA_LOCK + ")")) {
      lock.execute();
    }
  }

  @Override
  void unlockSchema(Connection connection, boolean done) {
    // It ends with the transaction.
  }

  @Override
  Set<String> structure(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement("""
        select c.relname, a.attname from pg_catalog.pg_class c
        left join pg_catalog.pg_attribute a on a.attrelid = c.oid and c.relkind in ('r', 'p')
        where pg_catalog.pg_table_is_visible(c.oid) and c.relname like 'chat\\_%'
          and (a.attnum is null or a.attnum > 0 and not a.attisdropped)""");
        ResultSet rows = query.executeQuery()) {
      return Rows.structure(rows);
    }
  }

  @Override
  Durability durability(Connection connection) throws SQLException {
    Map<String, String> settings;
    try (PreparedStatement query = connection.prepareStatement("""
        select name, setting from pg_catalog.pg_settings
        where name in ('synchronous_commit', 'fsync', 'full_page_writes', 'synchronous_standby_names',
          'wal_sync_method', 'server_version')
        union all select 'version', pg_catalog.version()""");
        ResultSet rows = query.executeQuery()) {
      settings = Rows.settings(rows);
    }
    return new Durability(
        "PostgreSQL " + settings.getOrDefault("server_version", "?"), settings, warnings(settings));
  }

  /** What can be lost with these settings; {@code version} says what the server was built for. */
  static List<String> warnings(Map<String, String> settings) {
    List<String> warnings = new ArrayList<>();
    boolean flushes = !"off".equals(settings.get("fsync"));
    if (!flushes) {
      warnings.add("fsync is off: a crash of the machine can lose commits and corrupt the database;"
          + " set it to on.");
    }
    if ("off".equals(settings.get("full_page_writes"))) {
      warnings.add("full_page_writes is off: a crash of the machine can leave half-written pages"
          + " and corrupt the database; set it to on.");
    }
    boolean standby = !settings.getOrDefault("synchronous_standby_names", "").isBlank();
    switch (settings.getOrDefault("synchronous_commit", "on")) {
      case "off" ->
        warnings.add("synchronous_commit is off: a crash of the database or of the machine loses"
            + " commits of the last moments; set it to on.");
      case "local" -> {
        if (standby) {
          warnings.add("synchronous_commit is local although synchronous_standby_names is set:"
              + " a failover to a standby can lose commits of the last moments; set it to on.");
        }
      }
      case "remote_write" -> {
        if (standby) {
          warnings.add("synchronous_commit is remote_write: a failover can lose commits of the last"
              + " moments if the machine of the standby crashed as well; set it to on.");
        }
      }
      default -> {
        // Nothing that was answered is lost with on and remote_apply.
      }
    }
    String method = settings.getOrDefault("wal_sync_method", "");
    String version = settings.getOrDefault("version", "");
    if (flushes && version.contains("-darwin") && !method.equals("fsync_writethrough")) {
      warnings.add(
          "wal_sync_method is " + method + " on macOS: a loss of power can lose commits that"
              + " are still in the drive's cache; set it to fsync_writethrough.");
    }
    if (flushes && WINDOWS.matcher(version).find() && method.equals("open_datasync")) {
      warnings.add("wal_sync_method is open_datasync on Windows: unless the drive's write cache is"
          + " turned off, a loss of power can lose commits that are in it; set it to fsync.");
    }
    return warnings;
  }

  @Override
  void begin(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
  }

  @Override
  Map<ChannelName, ChannelRow> lockRows(
      Connection connection, Collection<ChannelName> names, long patienceMillis)
      throws SQLException {
    String sql = patienceMillis > 0
        ? READ_COMMITTED + "set local lock_timeout = " + patienceMillis + "; " + LOCK
        : READ_COMMITTED + LOCK + " skip locked";
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setArray(1, texts(connection, names, ChannelName::value));
      for (boolean result = query.execute(); !result; result = query.getMoreResults()) {
        if (query.getUpdateCount() < 0) {
          throw new StoreException("PostgreSQL gave no rows for the locked channels");
        }
      }
      try (ResultSet rows = query.getResultSet()) {
        return Rows.channels(rows);
      }
    }
  }

  /**
   * Without a word about the isolation, which can not be set in the middle of a transaction. How long the host itself wants
   * to wait for locks is kept in a setting of this transaction's own; a savepoint that is rolled back restores both.
   */
  @Override
  Map<ChannelName, ChannelRow> lockRowsForHost(
      Connection connection, Collection<ChannelName> names, long patienceMillis)
      throws SQLException {
    run(
        connection,
        "select set_config('confab.lock_timeout', current_setting('lock_timeout'), true),"
            + " set_config('lock_timeout', '" + patienceMillis + "', true)");
    try (PreparedStatement query = connection.prepareStatement(LOCK)) {
      query.setArray(1, texts(connection, names, ChannelName::value));
      try (ResultSet rows = query.executeQuery()) {
        return Rows.channels(rows);
      }
    }
  }

  @Override
  void hostHasWritten(Connection connection) throws SQLException {
    run(
        connection,
        "select set_config('lock_timeout', current_setting('confab.lock_timeout'), true)");
  }

  @Override
  boolean isOf(String product) {
    return product.equals("PostgreSQL");
  }

  @Override
  boolean tableMissing(SQLException failure) {
    return "42P01".equals(failure.getSQLState());
  }

  @Override
  boolean lockNotAvailable(SQLException failure) {
    return LOCK_NOT_AVAILABLE.equals(failure.getSQLState());
  }

  @Override
  Set<ChannelName> existing(Connection connection, Collection<ChannelName> names)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(EXISTING)) {
      query.setArray(1, texts(connection, names, ChannelName::value));
      try (ResultSet rows = query.executeQuery()) {
        return Rows.names(rows);
      }
    }
  }

  /** Each in a transaction of its own, holding nothing else: so no two nodes wait for each other. */
  @Override
  Set<ChannelName> create(Connection connection, Collection<ChannelName> names, Instant at)
      throws SQLException {
    Set<ChannelName> beingCreated = new HashSet<>();
    for (ChannelName name : names) {
      if (!created(connection, name, at)) {
        beingCreated.add(name);
      }
    }
    return beingCreated;
  }

  /** False if another transaction is creating it and does not come to an end. */
  private static boolean created(Connection connection, ChannelName name, Instant at)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(CREATE)) {
      insert.setString(1, name.value());
      insert.setLong(2, at.toEpochMilli());
      insert.execute();
    } catch (SQLException failure) {
      if (LOCK_NOT_AVAILABLE.equals(failure.getSQLState())) {
        connection.rollback();
        return false;
      }
      throw failure;
    }
    connection.commit();
    return true;
  }

  @Override
  Map<KeyRow, KeyRow.Place> keys(
      Connection connection, Collection<KeyRow> keys, Instant youngerThan) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(KEYS)) {
      query.setArray(1, numbers(connection, keys, KeyRow::channel));
      query.setArray(2, texts(connection, keys, KeyRow::senderId));
      query.setArray(3, texts(connection, keys, KeyRow::key));
      query.setArray(4, texts(connection, keys, KeyRow::about));
      query.setLong(5, youngerThan.toEpochMilli());
      try (ResultSet rows = query.executeQuery()) {
        return Rows.keys(rows);
      }
    }
  }

  @Override
  List<EntryRow> behind(Connection connection, Map<ChannelRow, Cursor> places, Set<EntryId> ids)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(BEHIND)) {
      query.setArray(
          1, numbers(connection, places.entrySet(), place -> place.getKey().row()));
      query.setArray(
          2, numbers(connection, places.entrySet(), place -> place.getValue().seq()));
      query.setArray(3, texts(connection, ids, EntryId::value));
      try (ResultSet rows = query.executeQuery()) {
        return Rows.entries(rows, places.keySet());
      }
    }
  }

  @Override
  void write(Connection connection, List<EntryRow> entries, Collection<ChannelRow> heads)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(WRITE)) {
      insert.setArray(1, numbers(connection, heads, ChannelRow::row));
      insert.setArray(2, numbers(connection, heads, head -> head.cursor().seq()));
      insert.setArray(3, texts(connection, heads, SqlDialect::headId));
      insert.setArray(4, numbers(connection, heads, head -> head.head().no()));
      insert.setArray(5, numbers(connection, entries, EntryRow::channel));
      insert.setArray(6, numbers(connection, entries, row -> row.entry().seq()));
      insert.setArray(7, texts(connection, entries, row -> row.entry().id().value()));
      insert.setArray(
          8,
          connection.createArrayOf(
              "int2",
              entries.stream().map(row -> (short) row.entry().kind().number()).toArray()));
      insert.setArray(9, numbers(connection, entries, row -> row.entry().no()));
      insert.setArray(10, texts(connection, entries, EntryRow::senderId));
      insert.setArray(11, texts(connection, entries, EntryRow::senderName));
      insert.setArray(12, texts(connection, entries, EntryRow::clientKey));
      insert.setArray(13, texts(connection, entries, row -> row.entry().about()));
      insert.setArray(14, texts(connection, entries, EntryRow::data));
      insert.setArray(15, numbers(connection, entries, row -> row.entry().at().toEpochMilli()));
      int written = insert.executeUpdate();
      if (written != entries.size()) {
        throw new StoreException(
            "PostgreSQL wrote " + written + " of " + entries.size() + " entries");
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
      query.setLong(2, first);
      query.setLong(3, first);
      query.setLong(4, stretch.rows());
      query.setLong(5, stretch.bytes());
      query.setString(6, name.value());
      try (ResultSet rows = query.executeQuery()) {
        return Rows.stretch(rows, name, stretch);
      }
    }
  }

  @Override
  Map<ChannelName, Head> heads(Connection connection, Collection<ChannelName> names)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(HEADS)) {
      query.setArray(1, texts(connection, names, ChannelName::value));
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
    return state != null
        && (state.startsWith("08") // connection
            || state.startsWith("53") // out of disk, memory, connections
            || state.startsWith(
                "57") // shut down, starting up, cancelled by a timeout of the server
            || state.startsWith("58") // the machine under it
            || state.startsWith("28") // a login that is refused now
            || state.startsWith("F0") // its configuration file
            || state.equals(LOCK_NOT_AVAILABLE)
            || state.equals("25006") // a standby, as in the middle of a failover
            || state.equals("25P03") // idle too long in a transaction
            || state.equals("3D000")); // the database is not there (yet)
  }

  @Override
  boolean repeatable(SQLException failure) {
    String state = failure.getSQLState();
    return "40001".equals(state) || "40P01".equals(state);
  }

  @Override
  boolean refusedCommit(SQLException failure) {
    String state = failure.getSQLState();
    // Constraints that are checked late, and the answer ROLLBACK. 40003 is "completion unknown" and
    // does not belong here.
    return state != null
        && (repeatable(failure)
            || state.startsWith("23")
            || state.equals("40002")
            || state.equals("25P02"));
  }

  private static <T> java.sql.Array numbers(
      Connection connection, Collection<T> from, Function<T, Long> value) throws SQLException {
    return connection.createArrayOf("int8", from.stream().map(value).toArray(Long[]::new));
  }

  private static <T> java.sql.Array texts(
      Connection connection, Collection<T> from, Function<T, @Nullable String> value)
      throws SQLException {
    @Nullable String[] texts = new String[from.size()];
    int i = 0;
    for (T one : from) {
      texts[i++] = value.apply(one);
    }
    return connection.createArrayOf("text", texts);
  }
}
