package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.all;
import static dev.confab.chat.store.jdbi.Said.append;
import static dev.confab.chat.store.jdbi.Said.item;
import static dev.confab.chat.store.jdbi.Said.keyed;
import static dev.confab.chat.store.jdbi.Said.room;
import static dev.confab.chat.store.jdbi.Said.say;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** Many stores at once on one database, in channels that none of them has seen before. */
class StormTest {
  private static final int STORES = 8;
  private static final int APPENDS = 60;
  private static final int KEYS = 40;

  private static <T> List<T> together(List<Callable<T>> tasks) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> future : threads.invokeAll(tasks, 90, TimeUnit.SECONDS)) {
        results.add(future.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  /** Appends whatever comes, with and without patience, and gives what was recorded. */
  private static List<Entry> storm(JdbiMessageStore store, List<ChannelName> rooms, long seed) {
    Random random = new Random(seed);
    Supplier<ChannelName> anyRoom = () -> rooms.get(random.nextInt(rooms.size()));
    List<Entry> recorded = new ArrayList<>();
    for (int i = 0; i < APPENDS; i++) {
      Item[] items = Stream.generate(() -> random.nextInt(3) == 0
              ? keyed(anyRoom.get(), "k" + random.nextInt(KEYS))
              : item(anyRoom.get()))
          .limit(1 + random.nextInt(6))
          .toArray(Item[]::new);
      Duration patience = random.nextBoolean() ? Duration.ZERO : Duration.ofSeconds(20);
      for (Outcome outcome : store.append(append(patience, items)).outcomes()) {
        if (outcome instanceof Outcome.Recorded place) {
          recorded.add(place.entry());
        }
      }
    }
    return recorded;
  }

  private static void assertDenseAndOnce(Callable<JdbiMessageStore> open) throws Exception {
    List<ChannelName> rooms = Stream.generate(Said::room).limit(12).toList();
    List<Callable<List<Entry>>> tasks = new ArrayList<>();
    for (int i = 0; i < STORES; i++) {
      long seed = i;
      tasks.add(() -> {
        try (JdbiMessageStore store = open.call()) {
          return storm(store, rooms, seed);
        }
      });
    }
    List<Entry> told = together(tasks).stream().flatMap(List::stream).toList();

    List<Entry> kept = new ArrayList<>();
    try (JdbiMessageStore store = open.call()) {
      for (ChannelName room : rooms) {
        List<Entry> entries = all(store, room);
        assertThat(entries)
            .extracting(Entry::seq)
            .containsExactlyElementsOf(
                IntStream.rangeClosed(1, entries.size()).mapToObj(Long::valueOf).toList());
        Set<String> keys = new HashSet<>();
        entries.forEach(entry ->
            entry.key().ifPresent(key -> assertThat(keys.add(key.value())).isTrue()));
        assertThat(store.heads(List.of(room)).get(room).cursor())
            .isEqualTo(
                entries.isEmpty()
                    ? Cursor.START
                    : entries.get(entries.size() - 1).cursor());
        kept.addAll(entries);
      }
    }
    assertThat(told).containsExactlyInAnyOrderElementsOf(kept);
  }

  @Test
  void logs_on_postgresql_are_dense_and_hold_each_key_once() throws Exception {
    PostgresqlServer.Database database = PostgresqlServer.database();
    try (HikariDataSource pool = database.pool(STORES)) {
      assertDenseAndOnce(() -> JdbiMessageStore.create(pool));
    }
  }

  @Test
  void logs_on_mariadb_are_dense_and_hold_each_key_once() throws Exception {
    MariadbServer.Database database = MariadbServer.database();
    try (HikariDataSource pool = database.pool(STORES)) {
      assertDenseAndOnce(() -> JdbiMessageStore.create(pool));
    }
  }

  @Test
  void logs_on_h2_are_dense_and_hold_each_key_once() throws Exception {
    DataSource database = H2Files.fresh();
    assertDenseAndOnce(() -> JdbiMessageStore.create(database));
  }

  @Test
  void logs_on_sqlite_are_dense_and_hold_each_key_once() throws Exception {
    Path file = SqliteFiles.fresh();
    assertDenseAndOnce(() ->
        JdbiMessageStore.sqliteBuilder(file).patience(Duration.ofSeconds(30)).build());
  }

  /** Once one start in sixty failed: SQLite does not wait for who makes or folds up the write-ahead log. */
  @Test
  void stores_that_come_and_go_on_one_sqlite_file_all_start() throws Exception {
    for (int round = 0; round < 15; round++) {
      Path file = SqliteFiles.fresh();
      List<Callable<Boolean>> starts = new ArrayList<>();
      for (int i = 0; i < STORES; i++) {
        starts.add(() -> {
          try (JdbiMessageStore store = JdbiMessageStore.sqlite(file)) {
            say(store, item(room()));
          }
          return true;
        });
      }
      assertThat(together(starts)).hasSize(STORES);
    }
  }
}
