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

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Appended;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Outcome;
import dev.confab.chat.spi.MessageStore.Position;
import dev.confab.chat.spi.OutcomeUnknownException;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What breaks around a store on a database server behind a pool, and what is said about it: the same on each. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ServerTrouble {
  private HikariDataSource pool;
  private JdbiMessageStore store;

  /** Opens a new connection to the database of these tests each time. */
  abstract DataSource direct();

  /** A real pool. */
  abstract HikariDataSource pool(int size);

  /** Has the server end this connection. */
  abstract void kill(Connection real) throws SQLException;

  /** What the server says to a transaction it sacrificed for others. */
  abstract SQLException sacrificed();

  @BeforeAll
  void open() {
    pool = pool(8);
    store = JdbiMessageStore.create(pool);
  }

  @AfterAll
  void close() {
    store.close();
    // Whatever was broken here, each connection was given back.
    assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
    pool.close();
  }

  JdbiMessageStore store() {
    return store;
  }

  JdbiMessageStore watched(Watched.Moment moment) {
    return JdbiMessageStore.create(Watched.dataSource(pool, moment));
  }

  @Test
  void connection_killed_while_entries_are_written_recorded_nothing_and_says_so() {
    ChannelName room = room();
    Watched.Moment kill = Watched.once("insert into chat_entry", (real, sql) -> kill(real));
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
    Watched.Moment kill = Watched.once("commit", (real, sql) -> kill(real));

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
    try (Connection first = direct().getConnection()) {
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
  void failure_that_the_database_repeats_for_ever_ends_as_unavailable() {
    AtomicInteger attempts = new AtomicInteger();
    JdbiMessageStore unlucky = watched((real, sql) -> {
      if (sql.contains("insert into chat_entry")) {
        attempts.incrementAndGet();
        throw sacrificed();
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
      throw sacrificed();
    }));
    ChannelName room = room();

    assertThat(recorded(say(refused, item(room)), 0).seq()).isEqualTo(1);
    assertThat(refusals).hasValue(1);
    assertThat(all(store, room)).hasSize(1);
  }

  @Test
  void pool_without_a_free_connection_is_unavailable() throws Exception {
    try (HikariDataSource small = pool(1)) {
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

  /**
   * For the servers that have such.
   *
   * @param readOnly opens connections to the same database that may only read
   */
  void database_that_may_only_be_read_is_unavailable_for_writing(DataSource readOnly) {
    JdbiMessageStore standby = JdbiMessageStore.builder(readOnly)
        .schema(JdbiMessageStore.Tables.VERIFY)
        .build();
    ChannelName room = room();
    say(store, item(room));

    assertThatThrownBy(() -> say(standby, item(room)))
        .isExactlyInstanceOf(StoreUnavailableException.class);
    assertThat(all(standby, room)).hasSize(1);
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
    try (Connection host = direct().getConnection();
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
    try (Connection host = direct().getConnection();
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
    Sources.run(
        direct(),
        "delete from chat_entry where seq = 2 and channel_id ="
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
    Sources.run(
        direct(),
        "update chat_entry set kind = 77 where channel_id ="
            + " (select id from chat_channel where name = '" + room + "')");

    assertThatThrownBy(() -> all(store, room))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("kind 77");
  }
}
