package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/** Removes entries as retention is specified to: keys are kept, the floor remembers the last one. */
final class Trimming {
  private static final String OF =
      " channel_id = (select id from chat_channel where name = ?1) and seq <= ?2";

  private static final List<String> STEPS = List.of(
      "insert into chat_key (channel_id, sender_id, client_key, seq, id, at)"
          + " select channel_id, sender_id, client_key, seq, id, at from chat_entry"
          + " where kind = 0 and client_key is not null and" + OF,
      "update chat_channel set floor = ?2, floor_id = (select e.id from chat_entry e"
          + " where e.channel_id = chat_channel.id and e.seq = ?2) where name = ?1",
      "delete from chat_entry where" + OF);

  private Trimming() {}

  static void trim(DataSource source, ChannelName channel, long upTo) {
    try (Connection connection = source.getConnection()) {
      trim(connection, channel, upTo);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  static void trim(Connection connection, ChannelName channel, long upTo) throws SQLException {
    connection.setAutoCommit(false);
    for (String step : STEPS) {
      // Each database writes numbered parameters in its own way; plain ones are the same
      // everywhere.
      StringBuilder sql = new StringBuilder();
      java.util.List<Object> values = new java.util.ArrayList<>();
      for (int i = 0; i < step.length(); i++) {
        char c = step.charAt(i);
        sql.append(c);
        if (c == '?') {
          values.add(step.charAt(++i) == '1' ? channel.value() : (Object) upTo);
        }
      }
      try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
        for (int i = 0; i < values.size(); i++) {
          statement.setObject(i + 1, values.get(i));
        }
        statement.executeUpdate();
      }
    }
    connection.commit();
    connection.setAutoCommit(true);
  }
}
