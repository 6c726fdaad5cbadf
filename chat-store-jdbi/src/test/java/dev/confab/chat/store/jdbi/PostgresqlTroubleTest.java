package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.all;
import static dev.confab.chat.store.jdbi.Said.item;
import static dev.confab.chat.store.jdbi.Said.recorded;
import static dev.confab.chat.store.jdbi.Said.room;
import static dev.confab.chat.store.jdbi.Said.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.spi.MessageStore.Appended;
import dev.confab.chat.spi.MessageStore.Item;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** What breaks around a store on PostgreSQL, and what is said about it. */
class PostgresqlTroubleTest extends ServerTrouble {
  private final PostgresqlServer.Database database = PostgresqlServer.database();

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
    PostgresqlServer.Database.terminate(real.unwrap(PGConnection.class).getBackendPID());
  }

  @Override
  SQLException sacrificed() {
    return new SQLException("could not serialize access", "40001");
  }

  @Test
  void database_that_may_only_be_read_is_unavailable_for_writing() {
    database_that_may_only_be_read_is_unavailable_for_writing(
        database.direct("-c default_transaction_read_only=on"));
  }

  @Test
  void deadlock_victim_is_repeated_silently() throws Exception {
    ChannelName low = room();
    ChannelName high = room();
    say(store(), item(low));
    say(store(), item(high));
    try (Connection host = database.direct("-c deadlock_timeout=60s").getConnection();
        Statement statement = host.createStatement()) {
      host.setAutoCommit(false);
      statement.execute("select 1 from chat_channel where name = '" + high + "' for update");
      // Takes the lower one and waits for the higher.
      CompletableFuture<Appended> waiting =
          CompletableFuture.supplyAsync(() -> say(store(), item(high), item(low)));
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> database
              .ask("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                  + " and datname = current_database()")
              .equals("1"));
      // Only one of both looks for deadlocks in time; that is the one that is sacrificed.
      statement.execute("select 1 from chat_channel where name = '" + low + "' for update");
      assertThat(waiting).isNotDone();
      host.commit();

      Appended appended = waiting.get(30, TimeUnit.SECONDS);
      assertThat(recorded(appended, 0).seq()).isEqualTo(2);
      assertThat(recorded(appended, 1).seq()).isEqualTo(2);
    }
    assertThat(database.ask(
            "select deadlocks from pg_stat_database where datname = current_database()"))
        .isNotEqualTo("0");
  }

  @Test
  void transactions_are_read_committed_and_connections_come_back_as_they_were() throws Exception {
    List<String> isolations = new ArrayList<>();
    Watched.Moment ask = (real, sql) -> {
      if (sql.equals("commit")) {
        try (Statement statement = real.createStatement();
            ResultSet row = statement.executeQuery("show transaction_isolation")) {
          row.next();
          isolations.add(row.getString(1));
        }
      }
    };
    for (boolean autoCommit : List.of(true, false)) {
      try (Connection connection =
          database.direct("-c default_transaction_isolation=serializable").getConnection()) {
        connection.setAutoCommit(autoCommit);
        JdbiMessageStore onOne =
            JdbiMessageStore.create(Watched.dataSource(new OneConnection(connection), ask));
        isolations.clear();
        ChannelName room = room();

        say(onOne, item(room));
        assertThat(isolations).isNotEmpty().containsOnly("read committed");
        assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
        assertThat(all(onOne, room)).hasSize(1);
        assertThat(onOne.heads(List.of(room)).get(room).seq()).isEqualTo(1);
        assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
        assertThat(all(store(), room)).as("nothing is left open").hasSize(1);
      }
    }
  }

  @Test
  void huge_entries_are_not_fetched_beyond_the_bytes_asked_for() {
    ChannelName room = room();
    for (int i = 0; i < 5; i++) {
      Item item = item(room);
      say(
          store(),
          Item.of(
              item.draft().withData(dev.confab.chat.model.Json.string(i + "x".repeat(100_000)))));
    }
    List<Long> fetched = new ArrayList<>();
    try (Connection connection = database.direct().getConnection();
        java.sql.PreparedStatement query = connection.prepareStatement(PostgresqlDialect.FORWARD)) {
      query.setLong(1, 0);
      query.setLong(2, 1);
      query.setLong(3, 1);
      query.setLong(4, 1_000);
      query.setLong(5, 250_000);
      query.setString(6, room.value());
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          fetched.add(rows.getLong("seq"));
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    assertThat(fetched).containsExactly(1L, 2L);
  }
}
