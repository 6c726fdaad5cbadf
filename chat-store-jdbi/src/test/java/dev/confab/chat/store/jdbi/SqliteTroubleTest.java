package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.all;
import static dev.confab.chat.store.jdbi.Said.id;
import static dev.confab.chat.store.jdbi.Said.item;
import static dev.confab.chat.store.jdbi.Said.recorded;
import static dev.confab.chat.store.jdbi.Said.room;
import static dev.confab.chat.store.jdbi.Said.say;
import static dev.confab.chat.store.jdbi.Said.withCopy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Appended;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Outcome;
import dev.confab.chat.spi.OutcomeUnknownException;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What breaks around a store on SQLite, and what its connections are like. */
class SqliteTroubleTest {
  private static String pragma(Connection connection, String name) throws SQLException {
    try (Statement query = connection.createStatement();
        ResultSet row = query.executeQuery("pragma " + name)) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void every_connection_waits_logs_ahead_and_flushes() throws SQLException {
    SqliteLeases leases = new SqliteLeases(SqliteFiles.fresh(), 3, Duration.ofSeconds(7));
    List<Lease> all = new ArrayList<>(List.of(leases.writer()));
    for (int i = 0; i < 3; i++) {
      all.add(leases.reader());
    }
    for (Lease lease : all) {
      assertThat(pragma(lease.connection(), "busy_timeout")).isEqualTo("7000");
      assertThat(pragma(lease.connection(), "journal_mode")).isEqualTo("wal");
      assertThat(pragma(lease.connection(), "synchronous")).isEqualTo("2");
      assertThat(pragma(lease.connection(), "fullfsync")).isEqualTo("1");
      assertThat(pragma(lease.connection(), "checkpoint_fullfsync")).isEqualTo("1");
    }
    all.forEach(lease -> lease.giveBack(true));
    leases.close();
  }

  @Test
  void connections_are_no_more_than_there_are_and_are_used_again() throws SQLException {
    SqliteLeases leases = new SqliteLeases(SqliteFiles.fresh(), 1, Duration.ofMillis(50));
    Lease one = leases.reader();
    assertThatThrownBy(leases::reader).isInstanceOf(SQLException.class);
    one.giveBack(true);
    Lease again = leases.reader();
    assertThat(again.connection()).isSameAs(one.connection());
    again.giveBack(false);
    assertThat(again.connection().isClosed()).isTrue();
    Lease fresh = leases.reader();
    assertThat(fresh.connection()).isNotSameAs(one.connection());
    leases.close();
    fresh.giveBack(true);
    assertThat(fresh.connection().isClosed()).isTrue();
  }

  @Test
  void file_that_another_writer_holds_is_unavailable_for_writing_and_still_read()
      throws SQLException {
    Path file = SqliteFiles.fresh();
    ChannelName room = room();
    try (JdbiMessageStore store = JdbiMessageStore.sqliteBuilder(file)
            .patience(Duration.ofMillis(100))
            .build();
        Connection other = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      say(store, item(room));
      SqliteDialect.run(other, "begin immediate");

      assertThatThrownBy(() -> say(store, item(room)))
          .isExactlyInstanceOf(StoreUnavailableException.class);
      assertThatThrownBy(() -> store.redact(room, 1, id(), Said.AT))
          .isExactlyInstanceOf(StoreUnavailableException.class);
      assertThat(all(store, room)).hasSize(1);
      SqliteDialect.run(other, "rollback");
      assertThat(recorded(say(store, item(room)), 0).seq()).isEqualTo(2);
    }
  }

  @Test
  void disk_that_is_full_is_unavailable_and_recorded_nothing() throws SQLException {
    Path file = SqliteFiles.fresh();
    ChannelName room = room();
    Item large = Item.of(
        item(room).draft().withData(dev.confab.chat.model.Json.string("x".repeat(200_000))));
    // SQLite's own limit fails exactly as a full disk does.
    try (JdbiMessageStore store = SqliteFiles.watched(file, (real, sql) -> {
      if (sql.contains("insert into chat_entry")) {
        SqliteDialect.run(real, "pragma max_page_count = 30");
      }
    })) {
      assertThatThrownBy(() -> say(store, large))
          .isExactlyInstanceOf(StoreUnavailableException.class);
      assertThat(all(store, room)).isEmpty();
      assertThat(recorded(say(store, item(room)), 0).seq()).isEqualTo(1);
    }
  }

  @Test
  void commit_that_another_holds_up_is_known_not_to_have_happened() {
    ChannelName room = room();
    Path file = SqliteFiles.fresh();
    try (JdbiMessageStore store = SqliteFiles.watched(file, Watched.once("commit", (real, sql) -> {
      throw new SQLException("[SQLITE_BUSY]", null, 5);
    }))) {
      assertThatThrownBy(() -> say(store, item(room)))
          .isExactlyInstanceOf(StoreUnavailableException.class);
      assertThat(all(store, room)).isEmpty();
      assertThat(recorded(say(store, item(room)), 0).seq()).isEqualTo(1);
    }
  }

  @Test
  void unknown_outcome_tells_the_heads_that_were_seen() {
    ChannelName room = room();
    Path file = SqliteFiles.fresh();
    Entry first;
    try (JdbiMessageStore store = JdbiMessageStore.sqlite(file)) {
      first = recorded(say(store, item(room)), 0);
    }
    Item item = item(room);
    try (JdbiMessageStore store = SqliteFiles.watched(file, Watched.once("commit", (real, sql) -> {
      SqliteDialect.run(real, "commit");
      throw new SQLException("[SQLITE_IOERR]", null, 10);
    }))) {
      OutcomeUnknownException unknown =
          catchThrowableOfType(OutcomeUnknownException.class, () -> say(store, item));
      assertThat(unknown.seen()).isEqualTo(Map.of(room, first.cursor()));
      Appended again = store.append(
          new Append(List.of(item), Said.AT.plusSeconds(9), Duration.ZERO, unknown.seen()));
      assertThat(recorded(again, 0)).isEqualTo(Entry.of(item.draft(), 2, 2, Said.AT));
      assertThat(again.previous()).isEqualTo(unknown.seen());
    }
  }

  @Test
  void file_that_can_not_be_made_is_unavailable() {
    Path nowhere = SqliteFiles.fresh().resolve("no").resolve("such").resolve("folder");
    assertThatThrownBy(() -> JdbiMessageStore.sqlite(nowhere))
        .isExactlyInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void pool_of_sqlite_connections_is_refused_naming_the_right_call() {
    org.sqlite.SQLiteDataSource pool = new org.sqlite.SQLiteDataSource();
    pool.setUrl("jdbc:sqlite:" + SqliteFiles.fresh());
    assertThatThrownBy(() -> JdbiMessageStore.create(pool))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("JdbiMessageStore.sqlite(Path)");
  }

  @Test
  void closing_leaves_one_file_that_holds_everything() {
    Path file = SqliteFiles.fresh();
    ChannelName room = room();
    try (JdbiMessageStore store = JdbiMessageStore.sqlite(file)) {
      say(store, item(room), item(room));
      assertThat(all(store, room)).hasSize(2);
    }
    assertThat(Files.exists(Path.of(file + "-wal"))).isFalse();
    try (JdbiMessageStore store = JdbiMessageStore.sqlite(file)) {
      assertThat(all(store, room)).hasSize(2);
      assertThat(store.durability().survivesCrash()).isTrue();
      assertThat(store.durability().settings())
          .containsEntry("synchronous", "2")
          .containsEntry("journal_mode", "wal");
      assertThat(store.durability().database()).startsWith("SQLite 3.");
    }
  }

  @Test
  void copy_is_recorded_without_its_key_if_the_originals_was_forgotten_before() {
    Path file = SqliteFiles.fresh();
    UserRef sender = new UserRef(UserId.of("sender"), "Sender");
    ChannelName own = ChannelName.user(sender.id());
    ChannelName theirs = ChannelName.user(Said.BOB.id());
    try (JdbiMessageStore store = JdbiMessageStore.sqlite(file)) {
      say(store, withCopy(theirs, sender, "k"));
      RealTrimming.trim(JdbiMessageStore.sqliteBuilder(file), theirs, 1);
      Item again = withCopy(theirs, sender, "k");
      Append later =
          new Append(List.of(again), Said.AT.plus(Duration.ofDays(8)), Duration.ZERO, Map.of());

      Outcome.Recorded outcome =
          (Outcome.Recorded) store.append(later).outcomes().get(0);
      assertThat(outcome.entry().seq()).isEqualTo(2);
      Entry copy = outcome.copy().orElseThrow();
      assertThat(copy.key()).isEmpty();
      assertThat(all(store, own)).hasSize(2).contains(copy);
    }
  }

  @Test
  void key_is_remembered_after_retention_for_as_long_as_was_asked() {
    Path file = SqliteFiles.fresh();
    ChannelName room = room();
    try (JdbiMessageStore store =
        JdbiMessageStore.sqliteBuilder(file).keyLife(Duration.ofDays(20)).build()) {
      Entry first = recorded(say(store, Said.keyed(room, "k")), 0);
      RealTrimming.trim(JdbiMessageStore.sqliteBuilder(file), room, 1);
      Item again = Said.keyed(room, "k");
      Cursor place = ((Outcome.Duplicate) store
              .append(Append.of(List.of(again), Said.AT.plus(Duration.ofDays(19))))
              .outcomes()
              .get(0))
          .receipt()
          .cursor();
      assertThat(place).isEqualTo(first.cursor());
      assertThat(store
              .append(Append.of(List.of(again), Said.AT.plus(Duration.ofDays(21))))
              .outcomes()
              .get(0))
          .isInstanceOf(Outcome.Recorded.class);
    }
  }

  @Test
  void settings_refuse_what_breaks_a_promise() {
    JdbiMessageStore.Builder builder = JdbiMessageStore.sqliteBuilder(SqliteFiles.fresh());
    assertThatThrownBy(() -> builder.keyLife(Duration.ofDays(7).minusMillis(1)))
        .hasMessageContaining("keyLife must be 7 to 3650 days");
    assertThatThrownBy(() -> builder.patience(Duration.ZERO))
        .hasMessageContaining("patience must be 1 ms to 10 min");
  }
}
