package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.all;
import static dev.confab.chat.store.jdbi.Said.item;
import static dev.confab.chat.store.jdbi.Said.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Entry;
import dev.confab.chat.protocol.TrimmedRange;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Position;
import dev.confab.chat.store.jdbi.Retention.Keep;
import dev.confab.chat.testkit.CapturedLog;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import javax.sql.DataSource;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Retention that nobody calls. */
class HousekeepingTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20));
  }

  /** Says so much that nobody looks for any more. */
  private static void sayBefore(JdbiMessageStore store, ChannelName room, int messages) {
    Item[] items = new Item[messages];
    java.util.Arrays.setAll(items, n -> item(room));
    store.append(new Append(
        List.of(items),
        Instant.now().minus(Duration.ofHours(1)),
        Duration.ofSeconds(10),
        Map.of()));
  }

  private static List<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.isAlive() && thread.getName().startsWith("confab-retention"))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void what_is_not_kept_goes_by_itself_and_openly(SchemaTest.Kind kind) {
    ChannelName room = room();
    try (JdbiMessageStore store = kind.fresh()
        .store()
        .retention(Retention.everything().with("room_", Keep.newest(2)))
        .trimEvery(SECOND)
        .build()) {
      sayBefore(store, room, 5);
      soon().until(() -> all(store, room).size() == 2);
      assertThat(all(store, room)).extracting(Entry::seq).containsExactly(4L, 5L);
      assertThat(store.read(room, new Position.AfterSeq(0), 10, 1_000).trimmed())
          .contains(new TrimmedRange(1, 3));
      sayBefore(store, room, 1);
      soon().until(() -> all(store, room).size() == 2);
    }
    assertThat(threads()).isEmpty();
  }

  @Test
  void two_nodes_on_one_database_remove_each_entry_once_and_keep_what_is_kept() {
    SchemaTest.Place place = SchemaTest.Kind.POSTGRESQL.fresh();
    Retention retention = Retention.everything().with("room_", Keep.newest(3));
    List<ChannelName> rooms = List.of(room(), room(), room());
    try (JdbiMessageStore one =
            place.store().retention(retention).trimEvery(SECOND).build();
        JdbiMessageStore other =
            place.store().retention(retention).trimEvery(SECOND).build()) {
      for (ChannelName room : rooms) {
        sayBefore(one, room, 1_500);
      }
      for (ChannelName room : rooms) {
        soon().until(() -> all(other, room).size() == 3);
        assertThat(all(other, room)).extracting(Entry::seq).containsExactly(1498L, 1499L, 1500L);
      }
    }
  }

  @Test
  void store_that_keeps_everything_or_is_told_not_to_has_no_thread_for_it() {
    try (JdbiMessageStore everything =
            JdbiMessageStore.builder(H2Files.fresh()).trimEvery(SECOND).build();
        JdbiMessageStore called = JdbiMessageStore.builder(H2Files.fresh())
            .retention(Retention.everything().with(Keep.newest(0)))
            .trimEvery(Duration.ZERO)
            .build()) {
      assertThat(threads()).isEmpty();
      ChannelName room = room();
      sayBefore(called, room, 1);
      assertThat(called.trim(Instant.now()).entries()).isEqualTo(1);
      assertThat(everything.trim(Instant.now()).complete()).isTrue();
    }
  }

  @Test
  void failure_is_logged_once_and_tried_again_until_it_works() {
    AtomicBoolean down = new AtomicBoolean();
    AtomicInteger failures = new AtomicInteger();
    DataSource database = Watched.dataSource(H2Files.fresh(), (real, sql) -> {
      if (down.get() && sql.contains("delete from")) {
        failures.incrementAndGet();
        throw new SQLException("The database is being moved", "08006");
      }
    });
    ChannelName room = room();
    try (CapturedLog log = new CapturedLog(JdbiMessageStore.class);
        JdbiMessageStore store = JdbiMessageStore.builder(database)
            .retention(Retention.everything().with("room_", Keep.newest(0)))
            .trimEvery(SECOND)
            .build()) {
      sayBefore(store, room, 1);
      down.set(true);
      int before = failures.get();
      soon().until(() -> failures.get() >= before + 2);
      down.set(false);
      soon().until(() -> all(store, room).isEmpty());
      soon().until(() -> said(log, "Retention works again") == 1);
      assertThat(said(log, "Retention failed")).isEqualTo(1);
    }
  }

  private static long said(CapturedLog log, String what) {
    return log.records().stream()
        .filter(line -> line.getLevel().intValue() >= Level.INFO.intValue())
        .map(LogRecord::getMessage)
        .filter(message -> message.startsWith(what))
        .count();
  }

  @Test
  void closing_waits_for_the_transaction_under_way_and_begins_no_other() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger removals = new AtomicInteger();
    DataSource real = H2Files.fresh();
    DataSource database = Watched.dataSource(real, (connection, sql) -> {
      if (sql.contains("delete from chat_entry")) {
        removals.incrementAndGet();
        begun.countDown();
        try {
          go.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          throw new SQLException(e);
        }
      }
    });
    ChannelName room = room();
    JdbiMessageStore store = JdbiMessageStore.builder(database)
        .retention(Retention.everything().with("room_", Keep.newest(0)))
        .trimEvery(SECOND)
        .build();
    sayBefore(store, room, RetentionRun.BITE + 1);
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    Thread closer = new Thread(store::close);
    closer.start();
    soon().until(() -> closer.getState() == Thread.State.TIMED_WAITING);
    go.countDown();
    closer.join(30_000);
    soon().until(() -> threads().isEmpty());
    assertThat(removals).hasValue(1);
    try (JdbiMessageStore after = JdbiMessageStore.create(real)) {
      assertThat(all(after, room)).hasSize(1);
    }
  }

  @Test
  void period_out_of_its_range_is_refused() {
    JdbiMessageStore.Builder builder = JdbiMessageStore.builder(H2Files.fresh());
    assertThatThrownBy(() -> builder.trimEvery(Duration.ofMillis(999)))
        .hasMessageContaining("trimEvery must be 1 s to 1 day, or zero");
    assertThatThrownBy(() -> builder.trimEvery(Duration.ofDays(2)))
        .hasMessageContaining("trimEvery must be 1 s to 1 day, or zero");
  }
}
