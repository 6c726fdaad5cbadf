package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.all;
import static dev.confab.chat.store.jdbi.Said.append;
import static dev.confab.chat.store.jdbi.Said.id;
import static dev.confab.chat.store.jdbi.Said.item;
import static dev.confab.chat.store.jdbi.Said.keyed;
import static dev.confab.chat.store.jdbi.Said.recorded;
import static dev.confab.chat.store.jdbi.Said.room;
import static dev.confab.chat.store.jdbi.Said.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Json;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Appended;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Outcome;
import dev.confab.chat.spi.MessageStore.Position;
import dev.confab.chat.spi.OutcomeUnknownException;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What breaks around a store on MariaDB, and what is said about it. */
class MariadbTroubleTest {
  private static MariadbServer.Database database;
  private static HikariDataSource pool;
  private static JdbiMessageStore store;

  @BeforeAll
  static void open() {
    database = MariadbServer.database();
    pool = database.pool(8);
    store = JdbiMessageStore.create(pool);
  }

  @AfterAll
  static void close() {
    store.close();
    // Whatever was broken here, each connection was given back.
    assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
    pool.close();
  }

  private static long backend(Connection connection) throws SQLException {
    return connection.unwrap(org.mariadb.jdbc.Connection.class).getThreadId();
  }

  private static JdbiMessageStore watched(Watched.Moment moment) {
    return JdbiMessageStore.create(Watched.dataSource(pool, moment));
  }

  @Test
  void connection_killed_while_entries_are_written_recorded_nothing_and_says_so() {
    ChannelName room = room();
    Watched.Moment kill = Watched.once(
        "insert into chat_entry", (real, sql) -> MariadbServer.Database.kill(backend(real)));
    Item item = item(room);

    assertThatThrownBy(() -> say(watched(kill), item))
        .isExactlyInstanceOf(StoreUnavailableException.class);
    assertThat(all(store, room)).isEmpty();
    assertThat(recorded(say(store, item), 0).seq()).isEqualTo(1);
  }

  @Test
  void connection_killed_right_before_the_commit_arrives_leaves_the_outcome_unknown() {
    ChannelName room = room();
    say(store, item(room));
    Cursor head = store.heads(List.of(room)).get(room).cursor();
    Watched.Moment kill =
        Watched.once("commit", (real, sql) -> MariadbServer.Database.kill(backend(real)));

    OutcomeUnknownException unknown =
        catchThrowableOfType(OutcomeUnknownException.class, () -> say(watched(kill), item(room)));
    assertThat(unknown.seen()).isEqualTo(Map.of(room, head));
    assertThat(all(store, room)).hasSize(1);
  }

  @Test
  void nothing_but_repeats_has_no_commit_that_could_stay_without_answer() {
    ChannelName room = room();
    say(store, keyed(room, "k"));
    AtomicInteger commits = new AtomicInteger();
    JdbiMessageStore counting = watched((real, sql) -> {
      if (sql.equals("commit")) {
        commits.incrementAndGet();
      }
    });
    commits.set(0);

    assertThat(say(counting, keyed(room, "k")).outcomes().get(0))
        .isInstanceOf(Outcome.Duplicate.class);
    assertThat(commits).hasValue(0);
  }

  @Test
  void repeat_finds_a_commit_that_was_still_on_its_way_instead_of_calling_its_channel_held()
      throws Exception {
    ChannelName room = room();
    say(store, item(room));
    Map<ChannelName, Cursor> seen =
        Map.of(room, store.heads(List.of(room)).get(room).cursor());
    Item item = item(room);
    Append repeat = new Append(List.of(item), Said.AT, Duration.ZERO, seen);

    // The first attempt, as the server sees it: everything is written, the commit has not come yet.
    try (Connection first = database.direct().getConnection()) {
      first.setAutoCommit(false);
      try (Statement statement = first.createStatement()) {
        statement.execute("select 1 from chat_channel where name = '" + room + "' for update");
        OutcomeUnknownException still =
            catchThrowableOfType(OutcomeUnknownException.class, () -> store.append(repeat));
        assertThat(still.seen()).isEqualTo(seen);
        statement.execute("insert into chat_entry select id, 2, '"
            + item.draft().id().value()
            + "', 0, 2, 'ann', 'Ann', null, '', '\"hello\"', 0 from chat_channel where name = '"
            + room + "'");
        statement.execute("update chat_channel set head = 2, no = 2, head_id = '"
            + item.draft().id().value() + "' where name = '" + room + "'");
      }
      first.commit();
    }
    Appended appended = store.append(repeat);
    assertThat(recorded(appended, 0).seq()).isEqualTo(2);
    assertThat(appended.previous()).isEqualTo(seen);
    assertThat(all(store, room)).hasSize(2);
  }

  @Test
  void repeat_that_stays_without_answer_too_can_be_repeated_again() {
    ChannelName written = room();
    ChannelName other = room();
    say(store, item(written), item(other));
    Map<ChannelName, Cursor> seen = new HashMap<>();
    store.heads(List.of(written, other)).forEach((name, head) -> seen.put(name, head.cursor()));
    Item first = item(written);
    Item second = item(other);
    // The first attempt was committed for one of them, the other was held by then.
    recorded(say(store, first), 0);
    say(store, item(written));
    Watched.Moment lose = Watched.once("commit", (real, sql) -> {
      real.commit();
      real.abort(Runnable::run);
      throw new SQLException("lost", "08006");
    });
    Append repeat = new Append(
        List.of(first, second),
        Said.AT,
        Duration.ofSeconds(10),
        Map.of(written, seen.get(written)));

    OutcomeUnknownException unknown =
        catchThrowableOfType(OutcomeUnknownException.class, () -> watched(lose).append(repeat));
    assertThat(unknown.seen()).isEqualTo(seen);
    Appended third = store.append(
        new Append(List.of(first, second), Said.AT, Duration.ofSeconds(10), unknown.seen()));
    assertThat(recorded(third, 0).seq()).isEqualTo(2);
    assertThat(recorded(third, 1).seq()).isEqualTo(2);
    assertThat(all(store, written)).hasSize(3);
    assertThat(all(store, other)).hasSize(2);
  }

  @Test
  void redaction_whose_answer_is_lost_is_looked_up() {
    for (boolean committed : List.of(true, false)) {
      ChannelName room = room();
      say(store, item(room));
      Watched.Moment lose = Watched.once("commit", (real, sql) -> {
        if (committed) {
          real.commit();
        }
        real.abort(Runnable::run);
        throw new SQLException("lost", "08006");
      });

      Optional<Appended> redacted = watched(lose).redact(room, 1, id(), Said.AT);
      assertThat(recorded(redacted.orElseThrow(), 0).seq()).isEqualTo(2);
      assertThat(redacted.get().previous())
          .isEqualTo(Map.of(room, all(store, room).get(0).cursor()));
      assertThat(all(store, room))
          .extracting(entry -> entry.kind())
          .containsExactly(EntryKind.MESSAGE, EntryKind.REDACTION);
    }
  }

  @Test
  void deadlock_victim_is_repeated_silently() throws Exception {
    ChannelName low = ChannelName.of("room_a" + id().value());
    ChannelName high = ChannelName.of("room_b" + id().value());
    say(store, item(low));
    say(store, item(high));
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
          CompletableFuture.supplyAsync(() -> say(store, item(high), item(low)));
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
  void failure_that_the_database_repeats_for_ever_ends_as_unavailable() {
    AtomicInteger attempts = new AtomicInteger();
    JdbiMessageStore unlucky = watched((real, sql) -> {
      if (sql.contains("insert into chat_entry")) {
        attempts.incrementAndGet();
        throw new SQLException("Deadlock found when trying to get lock", "40001", 1213);
      }
    });

    assertThatThrownBy(() -> say(unlucky, item(room())))
        .isExactlyInstanceOf(StoreUnavailableException.class);
    assertThat(attempts).hasValue(10);
  }

  @Test
  void commit_that_the_database_refuses_is_known_not_to_have_happened() {
    AtomicInteger refusals = new AtomicInteger();
    JdbiMessageStore refused = watched(Watched.once("commit", (real, sql) -> {
      refusals.incrementAndGet();
      throw new SQLException("Deadlock found when trying to get lock", "40001", 1213);
    }));
    ChannelName room = room();

    assertThat(recorded(say(refused, item(room)), 0).seq()).isEqualTo(1);
    assertThat(refusals).hasValue(1);
    assertThat(all(store, room)).hasSize(1);
  }

  @Test
  void pool_without_a_free_connection_is_unavailable() throws Exception {
    try (HikariDataSource small = database.pool(1)) {
      JdbiMessageStore starved = JdbiMessageStore.create(small);
      ChannelName room = room();
      try (Connection taken = small.getConnection()) {
        assertThat(taken.isValid(1)).isTrue();
        assertThatThrownBy(() -> say(starved, item(room)))
            .isExactlyInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> all(starved, room))
            .isExactlyInstanceOf(StoreUnavailableException.class);
      }
      assertThat(recorded(say(starved, item(room)), 0).seq()).isEqualTo(1);
    }
  }

  @Test
  void database_that_may_only_be_read_is_unavailable_for_writing() {
    JdbiMessageStore standby = JdbiMessageStore.builder(
            database.direct("&sessionVariables=transaction_read_only=1"))
        .schema(JdbiMessageStore.Tables.VERIFY)
        .build();
    ChannelName room = room();
    say(store, item(room));

    assertThatThrownBy(() -> say(standby, item(room)))
        .isExactlyInstanceOf(StoreUnavailableException.class);
    assertThat(all(standby, room)).hasSize(1);
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
        assertThat(all(store, room)).as("nothing is left open").hasSize(1);
      }
    }
  }

  @Test
  void held_channel_among_many_delays_none_of_them() throws Exception {
    List<ChannelName> rooms = new ArrayList<>();
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      rooms.add(room());
      items.add(item(rooms.get(i)));
    }
    say(store, items.toArray(Item[]::new));
    try (Connection host = database.direct().getConnection();
        Statement statement = host.createStatement()) {
      host.setAutoCommit(false);
      statement.execute(
          "select 1 from chat_channel where name = '" + rooms.get(20) + "' for update");
      List<Item> more = rooms.stream().map(Said::item).toList();
      Appended appended = store.append(append(Duration.ZERO, more.toArray(Item[]::new)));

      for (int i = 0; i < 50; i++) {
        if (i == 20) {
          assertThat(appended.outcomes().get(i)).isEqualTo(new Outcome.Held(rooms.get(20)));
        } else {
          assertThat(recorded(appended, i).seq()).isEqualTo(2);
        }
      }
    }
  }

  @Test
  void name_that_another_transaction_is_creating_is_held() throws Exception {
    ChannelName taken = room();
    try (Connection host = database.direct().getConnection();
        Statement statement = host.createStatement()) {
      host.setAutoCommit(false);
      statement.execute("insert into chat_channel (name, created_at) values ('" + taken + "', 0)");
      Appended appended = store.append(append(Duration.ZERO, item(taken), item(room())));
      assertThat(appended.outcomes().get(0)).isEqualTo(new Outcome.Held(taken));
      assertThat(recorded(appended, 1).seq()).isEqualTo(1);
    }
    assertThat(recorded(say(store, item(taken)), 0).seq()).isEqualTo(1);
  }

  @Test
  void hole_in_a_log_is_said_and_not_skipped() {
    ChannelName room = room();
    say(store, item(room), item(room), item(room));
    database.run("delete from chat_entry where seq = 2 and channel_id ="
        + " (select id from chat_channel where name = '" + room + "')");

    assertThatThrownBy(() -> all(store, room))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("lacks entry 2");
    assertThatThrownBy(() -> store.read(room, new Position.BeforeSeq(Long.MAX_VALUE), 10, 1_000))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("lacks entry 2");
  }

  @Test
  void entry_of_a_kind_from_the_future_is_said() {
    ChannelName room = room();
    say(store, item(room));
    database.run("update chat_entry set kind = 77 where channel_id ="
        + " (select id from chat_channel where name = '" + room + "')");

    assertThatThrownBy(() -> all(store, room))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("kind 77");
  }

  @Test
  void channel_held_by_its_id_alone_is_skipped_too() throws Exception {
    ChannelName held = room();
    ChannelName free = room();
    say(store, item(held), item(free));
    String row = database.ask("select id from chat_channel where name = '" + held + "'");
    try (Connection host = database.direct().getConnection();
        Statement statement = host.createStatement()) {
      host.setAutoCommit(false);
      statement.execute("select 1 from chat_channel where id = " + row + " for update");
      Appended appended = store.append(append(Duration.ZERO, item(held), item(free)));
      assertThat(appended.outcomes().get(0)).isEqualTo(new Outcome.Held(held));
      assertThat(recorded(appended, 1).seq()).isEqualTo(2);
    }
  }

  @Test
  void appends_that_nobody_holds_up_lock_nothing_but_their_own_channels() throws Exception {
    ChannelName mine = room();
    ChannelName other = room();
    say(store, item(mine), item(other));
    List<Appended> meanwhile = new ArrayList<>();
    JdbiMessageStore slow = watched(Watched.once(
        "commit", (real, sql) -> meanwhile.add(store.append(append(Duration.ZERO, item(other))))));

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
    assertThat(all(store, room)).hasSize(601);
  }

  @Test
  void huge_entries_are_not_sent_beyond_the_bytes_asked_for() throws SQLException {
    ChannelName room = room();
    for (int i = 0; i < 5; i++) {
      say(store, Item.of(item(room).draft().withData(Json.string(i + "x".repeat(100_000)))));
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
    assertThat(store.read(room, new Position.AfterSeq(0), 100, 10).entries()).hasSize(1);
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
