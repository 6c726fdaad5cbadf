package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.all;
import static dev.confab.chat.store.jdbi.Said.append;
import static dev.confab.chat.store.jdbi.Said.id;
import static dev.confab.chat.store.jdbi.Said.item;
import static dev.confab.chat.store.jdbi.Said.recorded;
import static dev.confab.chat.store.jdbi.Said.room;
import static dev.confab.chat.store.jdbi.Said.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import dev.confab.chat.spi.MessageStore.Appended;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Outcome;
import dev.confab.chat.spi.MessageStore.Position;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What breaks around a store on MariaDB, and what is said about it. */
class MariadbTroubleTest extends ServerTrouble {
  private final MariadbServer.Database database = MariadbServer.database();

  @Override
  DataSource direct() {
    return database.direct();
  }

  @Override
  HikariDataSource pool(int size) {
    return database.pool(size);
  }

  @Override
  void kill(Connection real) throws SQLException {
    MariadbServer.Database.kill(real.unwrap(org.mariadb.jdbc.Connection.class).getThreadId());
  }

  @Override
  SQLException sacrificed() {
    return new SQLException("Deadlock found when trying to get lock", "40001", 1213);
  }

  @Test
  void database_that_may_only_be_read_is_unavailable_for_writing() {
    database_that_may_only_be_read_is_unavailable_for_writing(
        database.direct("&sessionVariables=transaction_read_only=1"));
  }

  @Test
  void deadlock_victim_is_repeated_silently() throws Exception {
    ChannelName low = ChannelName.of("room_a" + id().value());
    ChannelName high = ChannelName.of("room_b" + id().value());
    say(store(), item(low));
    say(store(), item(high));
    database.run("create table heavy (n int)");
    String deadlocks =
        "select count from information_schema.innodb_metrics" + " where name = 'lock_deadlocks'";
    try (Connection host = database.direct().getConnection();
        Statement statement = host.createStatement()) {
      host.setAutoCommit(false);
      // The transaction that has written less is the one that is sacrificed.
      statement.execute("insert into heavy select seq from seq_1_to_100");
      statement.execute("select 1 from chat_channel where name = '" + high + "' for update");
      // Takes the lower one and waits for the higher.
      CompletableFuture<Appended> waiting =
          CompletableFuture.supplyAsync(() -> say(store(), item(high), item(low)));
      await()
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(150))
          .until(() -> database
              .ask("select count(*) from information_schema.innodb_trx"
                  + " where trx_state = 'LOCK WAIT'")
              .equals("1"));
      String before = database.ask(deadlocks);
      statement.execute("select 1 from chat_channel where name = '" + low + "' for update");
      assertThat(waiting).isNotDone();
      assertThat(database.ask(deadlocks)).isNotEqualTo(before);
      host.commit();

      Appended appended = waiting.get(30, TimeUnit.SECONDS);
      assertThat(recorded(appended, 0).seq()).isEqualTo(2);
      assertThat(recorded(appended, 1).seq()).isEqualTo(2);
    }
  }

  @Test
  void transactions_are_read_committed_and_connections_come_back_as_they_were() throws Exception {
    List<String> isolations = new ArrayList<>();
    Watched.Moment ask = Watched.once("commit", (real, sql) -> {
      try (Statement statement = real.createStatement();
          ResultSet row =
              statement.executeQuery("select trx_isolation_level from information_schema.innodb_trx"
                  + " where trx_mysql_thread_id = connection_id()")) {
        row.next();
        isolations.add(row.getString(1));
      }
    });
    String session = "select concat(@@session.transaction_isolation, ' ',"
        + " @@session.innodb_lock_wait_timeout)";
    for (boolean autoCommit : List.of(true, false)) {
      try (Connection connection = database
          .direct("&sessionVariables=transaction_isolation='SERIALIZABLE',"
              + "innodb_lock_wait_timeout=33")
          .getConnection()) {
        connection.setAutoCommit(autoCommit);
        JdbiMessageStore onOne =
            JdbiMessageStore.create(Watched.dataSource(new OneConnection(connection), ask));
        ChannelName room = room();
        say(onOne, item(room));

        assertThat(isolations).containsExactly("READ COMMITTED");
        assertThat(all(onOne, room)).hasSize(1);
        assertThat(onOne.heads(List.of(room)).get(room).seq()).isEqualTo(1);
        assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
        try (Statement statement = connection.createStatement();
            ResultSet row = statement.executeQuery(session)) {
          row.next();
          assertThat(row.getString(1)).isEqualTo("SERIALIZABLE 33");
        }
        assertThat(all(store(), room)).as("nothing is left open").hasSize(1);
      }
    }
  }

  @Test
  void channel_held_by_its_id_alone_is_skipped_too() throws Exception {
    ChannelName held = room();
    ChannelName free = room();
    say(store(), item(held), item(free));
    String row = database.ask("select id from chat_channel where name = '" + held + "'");
    try (Connection host = database.direct().getConnection();
        Statement statement = host.createStatement()) {
      host.setAutoCommit(false);
      statement.execute("select 1 from chat_channel where id = " + row + " for update");
      Appended appended = store().append(append(Duration.ZERO, item(held), item(free)));
      assertThat(appended.outcomes().get(0)).isEqualTo(new Outcome.Held(held));
      assertThat(recorded(appended, 1).seq()).isEqualTo(2);
    }
  }

  @Test
  void appends_that_nobody_holds_up_lock_nothing_but_their_own_channels() throws Exception {
    ChannelName mine = room();
    ChannelName other = room();
    say(store(), item(mine), item(other));
    List<Appended> meanwhile = new ArrayList<>();
    JdbiMessageStore slow = watched(Watched.once(
        "commit",
        (real, sql) -> meanwhile.add(store().append(append(Duration.ZERO, item(other))))));

    say(slow, item(mine));
    assertThat(recorded(meanwhile.get(0), 0).seq()).isEqualTo(2);
  }

  @Test
  void huge_batch_and_huge_entries_are_written_in_several_statements_and_one_transaction() {
    ChannelName room = room();
    AtomicInteger statements = new AtomicInteger();
    AtomicInteger commits = new AtomicInteger();
    JdbiMessageStore counting = watched((real, sql) -> {
      if (sql.startsWith("insert into chat_entry")) {
        statements.incrementAndGet();
      } else if (sql.equals("commit")) {
        commits.incrementAndGet();
      }
    });
    say(counting, item(room));
    statements.set(0);
    commits.set(0);
    Item[] items = new Item[600];
    java.util.Arrays.setAll(items, n -> item(room));
    items[0] = Item.of(items[0].draft().withData(Json.string("x".repeat((1 << 20) - 2))));

    say(counting, items);
    assertThat(statements).hasValue(3);
    assertThat(commits).hasValue(1);
    assertThat(all(store(), room)).hasSize(601);
  }

  @Test
  void huge_entries_are_not_sent_beyond_the_bytes_asked_for() throws SQLException {
    ChannelName room = room();
    for (int i = 0; i < 5; i++) {
      say(store(), Item.of(item(room).draft().withData(Json.string(i + "x".repeat(100_000)))));
    }
    List<Long> fetched = new ArrayList<>();
    try (Connection connection = database.direct().getConnection();
        PreparedStatement query = connection.prepareStatement(MariadbDialect.FORWARD)) {
      query.setLong(1, 0);
      query.setLong(2, 0);
      query.setLong(3, 1);
      query.setLong(4, 1);
      query.setLong(5, 1_000);
      query.setString(6, room.value());
      query.setLong(7, 250_000);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          fetched.add(rows.getLong("seq"));
        }
      }
    }
    assertThat(fetched).containsExactly(1L, 2L);
    assertThat(store().read(room, new Position.AfterSeq(0), 100, 10).entries()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {1021, 1040, 1053, 1114, 1203, 1205, 1226, 1290, 1317, 1792, 1836, 1927, 1969, 3024})
  void trouble_of_the_servers_is_no_fault_of_what_was_asked(int error) {
    JdbiMessageStore troubled = watched(Watched.once("insert into chat_entry", (real, sql) -> {
      throw new SQLException("trouble", "HY000", error);
    }));
    assertThatThrownBy(() -> say(troubled, item(room())))
        .isExactlyInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void what_a_trigger_refuses_is_no_trouble_of_the_connection() {
    JdbiMessageStore refusing = watched(Watched.once("insert into chat_entry", (real, sql) -> {
      throw new java.sql.SQLTransientConnectionException("mine", "45000", 1644);
    }));
    assertThatThrownBy(() -> say(refusing, item(room()))).isExactlyInstanceOf(StoreException.class);
  }

  @Test
  void servers_that_can_not_skip_locked_rows_are_refused() {
    assertThat(MariadbDialect.of("MariaDB", "10.6.0-MariaDB").folder()).isEqualTo("mariadb");
    assertThat(MariadbDialect.of("MySQL", "8.0.36").folder()).isEqualTo("mariadb");
    assertThat(MariadbDialect.of("MySQL", "5.5.5-10.11.2-MariaDB-log").folder())
        .isEqualTo("mariadb");
    for (List<String> old : List.of(
        List.of("MariaDB", "10.5.29-MariaDB"),
        List.of("MySQL", "5.7.44-log"),
        List.of("MySQL", "5.5.5-10.3.39-MariaDB"))) {
      assertThatThrownBy(() -> MariadbDialect.of(old.get(0), old.get(1)))
          .isExactlyInstanceOf(StoreException.class)
          .hasMessageStartingWith("Expected MariaDB 10.6 or MySQL 8 or later");
    }
  }
}
