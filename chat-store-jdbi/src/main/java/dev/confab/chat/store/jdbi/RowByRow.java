package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.spi.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Looks up and writes one row after the other, for databases that run in the application's own process, where a statement
 * costs no way through a network.
 */
final class RowByRow {
  static final String KEY = """
      select e.seq, e.id, e.at from chat_entry e
      where e.channel_id = ? and e.sender_id = ? and e.client_key = ? and e.about = ?""";

  private static final String REMEMBERED_KEY = """
      select o.seq, o.id, o.at from chat_key o
      where o.channel_id = ? and o.sender_id = ? and o.client_key = ? and o.at > ?""";

  private static final String BEHIND = "select " + SqlDialect.ENTRY_COLUMNS
      + " from chat_entry e where e.channel_id = ? and e.seq > ? order by e.seq";

  private static final String INSERT = """
      insert into chat_entry
        (channel_id, seq, id, kind, no, sender_id, sender_name, client_key, about, data, at)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";

  private static final String MOVE =
      "update chat_channel set head = ?, head_id = ?, no = ? where id = ?";

  private RowByRow() {}

  static Map<KeyRow, KeyRow.Place> keys(
      Connection connection, Collection<KeyRow> keys, Instant youngerThan) throws SQLException {
    Map<KeyRow, KeyRow.Place> found = new HashMap<>();
    try (PreparedStatement kept = connection.prepareStatement(KEY);
        PreparedStatement remembered = connection.prepareStatement(REMEMBERED_KEY)) {
      for (KeyRow key : keys) {
        kept.setString(4, key.about());
        Optional<KeyRow.Place> place = place(kept, key);
        if (place.isEmpty() && key.about().isEmpty()) {
          remembered.setLong(4, youngerThan.toEpochMilli());
          place = place(remembered, key);
        }
        place.ifPresent(there -> found.put(key, there));
      }
    }
    return found;
  }

  private static Optional<KeyRow.Place> place(PreparedStatement query, KeyRow key)
      throws SQLException {
    query.setLong(1, key.channel());
    query.setString(2, key.senderId());
    query.setString(3, key.key());
    try (ResultSet row = query.executeQuery()) {
      return row.next() ? Optional.of(Rows.place(row)) : Optional.empty();
    }
  }

  static List<EntryRow> behind(
      Connection connection, Map<ChannelRow, Cursor> places, Set<EntryId> ids) throws SQLException {
    List<EntryRow> found = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(BEHIND)) {
      for (Map.Entry<ChannelRow, Cursor> place : places.entrySet()) {
        ChannelRow channel = place.getKey();
        query.setLong(1, channel.row());
        query.setLong(2, place.getValue().seq());
        try (ResultSet rows = query.executeQuery()) {
          while (rows.next()) {
            if (ids.contains(new EntryId(rows.getString("id")))) {
              found.add(new EntryRow(channel.row(), EntryReader.read(channel.name(), rows)));
            }
          }
        }
      }
    }
    return found;
  }

  static void write(Connection connection, List<EntryRow> entries, Collection<ChannelRow> heads)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      for (EntryRow row : entries) {
        insert.setLong(1, row.channel());
        insert.setLong(2, row.entry().seq());
        insert.setString(3, row.entry().id().value());
        insert.setInt(4, row.entry().kind().number());
        insert.setLong(5, row.entry().no());
        insert.setString(6, row.senderId());
        insert.setString(7, row.senderName());
        insert.setString(8, row.clientKey());
        insert.setString(9, row.entry().about());
        insert.setString(10, row.data());
        insert.setLong(11, row.entry().at().toEpochMilli());
        insert.addBatch();
      }
      insert.executeBatch();
    }
    try (PreparedStatement update = connection.prepareStatement(MOVE)) {
      for (ChannelRow head : heads) {
        update.setLong(1, head.cursor().seq());
        update.setString(2, SqlDialect.headId(head));
        update.setLong(3, head.head().no());
        update.setLong(4, head.row());
        update.addBatch();
      }
      for (int moved : update.executeBatch()) {
        if (moved != 1) {
          throw new StoreException("The database moved " + moved + " heads instead of one");
        }
      }
    }
  }
}
