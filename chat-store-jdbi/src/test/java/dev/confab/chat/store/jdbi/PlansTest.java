package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.item;
import static dev.confab.chat.store.jdbi.Said.keyed;
import static dev.confab.chat.store.jdbi.Said.say;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.spi.MessageStore.Item;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
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

  /** The same values so many times, but the texts with a number behind them. */
  private static Object[] repeated(int times, Object... values) {
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      for (Object value : values) {
        all.add(value instanceof String text ? (text + i).getBytes(StandardCharsets.UTF_8) : value);
      }
    }
    return all.toArray();
  }

  private static Object[] and(Object[] values, Object... more) {
    List<Object> all = new ArrayList<>(List.of(values));
    all.addAll(List.of(more));
    return all.toArray();
  }

  /** Each line as table, kind of access, index. */
  private static List<String> mariadb(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement("explain " + sql)) {
      for (int i = 0; i < values.length; i++) {
        query.setObject(i + 1, values[i]);
      }
      List<String> lines = new ArrayList<>();
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          lines.add(
              rows.getString("table") + " " + rows.getString("type") + " " + rows.getString("key"));
        }
      }
      return lines;
    }
  }

  @Test
  void mariadb_reads_locks_and_writes_by_index_however_many_are_asked_for() throws SQLException {
    MariadbServer.Database database = MariadbServer.database();
    try (JdbiMessageStore store = JdbiMessageStore.create(database.direct())) {
      fill(store);
    }
    database.run("analyze table chat_channel, chat_entry");
    byte[] name = ROOM.value().getBytes(StandardCharsets.UTF_8);
    byte[] ann = "ann".getBytes(StandardCharsets.UTF_8);
    String key = "k1-";
    String id = "abcdefghijkl";
    byte[] nothing = new byte[0];
    try (Connection connection = database.direct().getConnection()) {
      for (String sql : List.of(MariadbDialect.FORWARD, MariadbDialect.BACKWARD)) {
        assertThat(mariadb(connection, sql, 0L, 0L, 2_500L, 2_500L, 100L, name, 65_536L))
            .contains("c const chat_channel_name", "s range PRIMARY", "e eq_ref PRIMARY");
      }
      for (int names : List.of(2, 1_000)) {
        assertThat(mariadb(connection, MariadbDialect.heads(names), repeated(names, "room_")))
            .hasSize(1)
            .allMatch(line -> line.equals("c range chat_channel_name"));
        assertThat(mariadb(
                connection,
                MariadbDialect.heads(names) + " for update skip locked",
                repeated(names, "room_")))
            .hasSize(1)
            .allMatch(line -> line.equals("c range chat_channel_name"));
        assertThat(mariadb(
                connection,
                MariadbDialect.keys(names),
                and(
                    and(repeated(names, 1L, ann, key, nothing), repeated(names, 1L, ann, key)),
                    0L)))
            .anyMatch(line -> line.matches("e (range|eq_ref) chat_entry_key"))
            .anyMatch(line -> line.startsWith("o "))
            .noneMatch(line -> line.matches("[eo] (ALL|index) .*"));
        assertThat(mariadb(
                connection,
                MariadbDialect.behind(names, names),
                and(repeated(names, 1L, 4_900L), repeated(names, id))))
            .containsExactly("e range PRIMARY");
      }
      assertThat(mariadb(connection, MariadbDialect.move(500), repeated(500, 1L, 7L, id, 7L)))
          .contains("c eq_ref PRIMARY")
          .noneMatch(line -> line.startsWith("c ALL"));
      assertThat(mariadb(connection, RetentionRun.candidates(new MariadbDialect()), 0L))
          .containsExactly("c range PRIMARY", "e eq_ref PRIMARY");
    }
  }

  @Test
  void h2_reads_pages_keys_and_heads_by_index() throws SQLException {
    DataSource database = H2Files.fresh();
    try (JdbiMessageStore store = JdbiMessageStore.create(database)) {
      fill(store);
    }
    try (Connection connection = database.getConnection()) {
      for (String sql : List.of(H2Dialect.FORWARD, H2Dialect.BACKWARD)) {
        assertThat(plan(connection, "explain " + sql, 2_500L, 2_500L, 100L, ROOM.value()))
            .containsIgnoringCase("chat_channel_name")
            .containsPattern("(?s)E .*SEQ >.*SEQ <|(?s)E .*SEQ <.*SEQ >")
            .doesNotContain("tableScan");
      }
      assertThat(plan(connection, "explain " + RowByRow.KEY, 1L, "ann", "k", ""))
          .contains("CHAT_ENTRY_KEY");
      assertThat(plan(
              connection,
              "explain " + H2Dialect.HEADS,
              connection.createArrayOf("varchar", new Object[] {"a", "b"})))
          .containsIgnoringCase("chat_channel_name")
          .doesNotContain("tableScan");
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
