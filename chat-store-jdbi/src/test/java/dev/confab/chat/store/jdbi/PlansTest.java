package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.item;
import static dev.confab.chat.store.jdbi.Said.keyed;
import static dev.confab.chat.store.jdbi.Said.say;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.spi.MessageStore.Item;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reading stays an index's work when the log is long. The plans are the databases' own. */
class PlansTest {
  private static final ChannelName ROOM = ChannelName.of("room_1");

  private static void fill(JdbiMessageStore store) {
    for (int batch = 0; batch < 20; batch++) {
      List<Item> items = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        items.add(
            i % 2 == 0 ? keyed(ROOM, "k" + batch + "-" + i) : item(ChannelName.of("room_" + i)));
      }
      say(store, items.toArray(Item[]::new));
    }
  }

  private static String plan(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        if (values[i] instanceof java.sql.Array array) {
          query.setArray(i + 1, array);
        } else {
          query.setObject(i + 1, values[i]);
        }
      }
      StringBuilder plan = new StringBuilder();
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          plan.append(rows.getString(rows.getMetaData().getColumnCount())).append('\n');
        }
      }
      return plan.toString();
    }
  }

  @Test
  void postgresql_reads_pages_keys_and_heads_by_index() throws SQLException {
    PostgresqlServer.Database database = PostgresqlServer.database();
    try (JdbiMessageStore store = JdbiMessageStore.create(database.direct())) {
      fill(store);
    }
    database.run("analyze");
    try (Connection connection = database.direct().getConnection()) {
      for (String sql : List.of(PostgresqlDialect.FORWARD, PostgresqlDialect.BACKWARD)) {
        assertThat(
                plan(connection, "explain " + sql, 0L, 2_500L, 2_500L, 100L, 65_536L, ROOM.value()))
            .contains("chat_channel_name")
            // Bounded at both ends: a page never looks at all that stands behind or before it.
            .containsPattern("chat_entry_place[^\n]*\n *Index Cond: [^\n]*seq >[^\n]*seq <"
                + "|chat_entry_place[^\n]*\n *Index Cond: [^\n]*seq <[^\n]*seq >")
            .doesNotContain("Seq Scan");
      }
      assertThat(plan(
              connection,
              "explain " + PostgresqlDialect.KEYS,
              connection.createArrayOf("int8", new Long[] {1L}),
              connection.createArrayOf("text", new String[] {"ann"}),
              connection.createArrayOf("text", new String[] {"k1-0"}),
              connection.createArrayOf("text", new String[] {""}),
              0L))
          .contains("chat_entry_key")
          .doesNotContain("Seq Scan on chat_entry");
    }
  }

  @Test
  void sqlite_reads_pages_and_keys_by_index() {
    Path file = SqliteFiles.fresh();
    try (JdbiMessageStore store = JdbiMessageStore.sqlite(file)) {
      fill(store);
    }
    SqliteFiles.with(file, connection -> {
      for (String sql : List.of(SqliteDialect.FORWARD, SqliteDialect.BACKWARD)) {
        assertThat(plan(connection, "explain query plan " + sql, 1L, 2_500L, 100L))
            .containsPattern("SEARCH e USING PRIMARY KEY \\(channel_id=\\? AND seq[<>]\\?\\)")
            .doesNotContain("SCAN")
            .doesNotContain("TEMP B-TREE");
      }
      assertThat(plan(connection, "explain query plan " + RowByRow.KEY, 1L, "ann", "k", ""))
          .contains("SEARCH e USING INDEX chat_entry_key")
          .doesNotContain("SCAN");
      assertThat(plan(connection, "explain query plan " + SqliteDialect.HEADS, "[\"a\",\"b\"]"))
          .contains("SEARCH c USING INDEX");
      return true;
    });
  }
}
