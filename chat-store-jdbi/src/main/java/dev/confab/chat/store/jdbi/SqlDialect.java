package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What differs between databases. Straight JDBC: whoever appends has to know which of its steps failed, and how.
 *
 * <p>Has no state; every method is told its connection.
 */
abstract sealed class SqlDialect permits RowLockingDialect, SqliteDialect {
  /** The columns of a channel as {@link Rows#channel} reads them. */
  static final String CHANNEL_COLUMNS =
      "c.id as channel_row, c.name as channel_name, c.head, c.head_id, c.no as head_no, c.floor, c.floor_id";

  /** The columns of an entry as {@link EntryReader} reads them. */
  static final String ENTRY_COLUMNS =
      "e.seq, e.id, e.kind, e.no, e.about, e.sender_id, e.sender_name, e.client_key, e.at, e.data";

  /** The folder of its SQL files. */
  abstract String folder();

  /** Its SQL files in their order; the number in the name is the version. */
  abstract List<String> files();

  /** Takes the lock under which the schema is changed. */
  abstract void lockSchema(Connection connection) throws SQLException;

  /**
   * Gives back the lock under which the schema is changed, where it does not end with the transaction.
   *
   * @param done whether what was changed is to be kept
   */
  abstract void unlockSchema(Connection connection, boolean done) throws SQLException;

  /** Notes a version of the schema: its number, time and checksum; so where nobody else can be doing that. */
  String noteVersion() {
    return "insert into chat_schema (version, applied_at, checksum) values (?, ?, ?)";
  }

  /** Every table, column and index that is there, as {@code table}, {@code table.column}, {@code index}. */
  abstract Set<String> structure(Connection connection) throws SQLException;

  /** How durable a commit is, as seen on this connection. */
  abstract Durability durability(Connection connection) throws SQLException;

  /** Begins a transaction that writes. */
  abstract void begin(Connection connection) throws SQLException;

  abstract void commit(Connection connection) throws SQLException;

  abstract void rollback(Connection connection) throws SQLException;

  /**
   * Takes the rows of these channels for this transaction, in one order for all; comes before any other statement of it, and
   * may begin it anew.
   *
   * @param patience how long to wait for a row that another transaction holds
   * @param create when missing channels are created, and with what time; else they stay missing
   */
  abstract Locked lock(
      Connection connection,
      Collection<ChannelName> names,
      Duration patience,
      Optional<Instant> create)
      throws SQLException;

  /** True if this dialect is spoken by a database that calls itself so. */
  abstract boolean isOf(String product);

  /** Refuses, saying what to do, a connection of the host's on which no transaction is open that the log can be part of. */
  abstract void requireHostTransaction(Connection connection) throws SQLException;

  /** Creates channels, on another connection than the host's. */
  interface Creation {
    void create(Collection<ChannelName> missing) throws SQLException;
  }

  /**
   * Takes the rows of these channels for a transaction of the host's, in one order for all. It neither begins nor ends that
   * transaction.
   *
   * @param patience how long to wait for a row that another transaction holds
   * @param creation how missing channels are created, where that can be done beside the host's transaction
   * @return those it holds now; what is missing is being created by somebody else
   * @throws SQLException of which {@link #waitedInVain} is true if one could not be had in that time
   */
  abstract Map<ChannelName, ChannelRow> lockForHost(
      Connection connection,
      SortedSet<ChannelName> names,
      Duration patience,
      Instant at,
      Creation creation)
      throws SQLException;

  /** Gives a transaction of the host's the settings back that {@link #lockForHost} may have changed. */
  abstract void hostHasWritten(Connection connection) throws SQLException;

  /** True if this says that something could not be had because another transaction holds it. */
  abstract boolean waitedInVain(SQLException failure);

  /** What a host is told whose transaction could not have these channels. */
  String whyInVain(Duration patience, Collection<ChannelName> names) {
    return "Another transaction has held one of " + some(names) + " for " + patience.toMillis()
        + " ms: a channel is held from the append until the commit, so keep that short.";
  }

  private static String some(Collection<ChannelName> names) {
    return names.size() <= 5 ? names.toString() : names.size() + " channels";
  }

  /** True if who writes holds the whole log, because the database has one writer. */
  boolean hasOneWriter() {
    return false;
  }

  /** True if no transaction writes to the database at this moment; asked only where there is one writer. */
  boolean nobodyWrites(Connection connection) throws SQLException {
    return true;
  }

  /** Begins a transaction for the host, on a connection that is ours. */
  abstract void beginForHost(Connection connection) throws SQLException;

  /** True if this says that a table is not there. */
  abstract boolean tableMissing(SQLException failure);

  static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Where these keys were recorded. Keys whose entry retention removed count if they are younger than given. */
  abstract Map<KeyRow, KeyRow.Place> keys(
      Connection connection, Collection<KeyRow> keys, Instant youngerThan) throws SQLException;

  /** The entries with these ids behind the given places of channels this transaction holds. */
  abstract List<EntryRow> behind(
      Connection connection, Map<ChannelRow, Cursor> places, Set<EntryId> ids) throws SQLException;

  /** Writes entries and the heads that follow from them. An entry's data is what it says, or nothing for a redaction. */
  abstract void write(Connection connection, List<EntryRow> entries, Collection<ChannelRow> heads)
      throws SQLException;

  /** A stretch of a channel's log, at one moment. */
  abstract LogPart read(Connection connection, ChannelName name, LogPart.Stretch stretch)
      throws SQLException;

  /** The heads of those of at most 1,000 channels that exist, in one round trip. */
  abstract Map<ChannelName, Head> heads(Connection connection, Collection<ChannelName> names)
      throws SQLException;

  /** An expression that gives a column that holds a name or an id as text. */
  String text(String column) {
    return column;
  }

  /**
   * Remembers keys whose entries retention is about to remove; a key that is remembered already is overwritten. Parameters:
   * the id of the channel's row, the number behind which they stand, the number up to which, and the time they are younger
   * than.
   */
  abstract String rememberKeys();

  /** Forgets the oldest remembered keys. Parameters: the time they are not younger than, and how many at most. */
  abstract String forgetKeys();

  /** Forgets at most so many of the oldest remembered keys that are not younger than given; says how many. */
  final int forgetKeys(Connection connection, Instant youngerThan, int atMost) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(forgetKeys())) {
      delete.setLong(1, youngerThan.toEpochMilli());
      delete.setInt(2, atMost);
      return delete.executeUpdate();
    }
  }

  /** True if what the driver made of the failure says that the connection failed. */
  boolean connectionFailed(SQLException failure) {
    return failure instanceof java.sql.SQLTransientConnectionException
        || failure instanceof java.sql.SQLNonTransientConnectionException
        || failure instanceof java.sql.SQLRecoverableException
        || failure instanceof java.sql.SQLTimeoutException;
  }

  /** True if this says that the database can not be used now, whatever it was asked. */
  abstract boolean unavailable(SQLException failure);

  /** True if the database chose this transaction to fail for the sake of others, so that it can be repeated. */
  abstract boolean repeatable(SQLException failure);

  /** True if this answer to a commit says that it did not happen. */
  abstract boolean refusedCommit(SQLException failure);

  /** The keys that are about to lose their entries, for {@link #rememberKeys}. */
  static final String KEYS_TO_REMEMBER = """
      select e.channel_id, e.sender_id, e.client_key, e.seq, e.id, e.at from chat_entry e
      where e.channel_id = ? and e.seq > ? and e.seq <= ? and e.kind = 0 and e.client_key is not null
        and e.at > ?""";

  static @Nullable String headId(ChannelRow channel) {
    return channel.cursor().id().map(EntryId::value).orElse(null);
  }
}
