package dev.confab.chat.store.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Limits;
import dev.confab.chat.testkit.MessageStoreContract.UntilClosed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/**
 * A channel that another transaction holds, on two nodes that share one database, while twenty other channels are written at a
 * steady rate on both. Prints what sends to the others took; {@code -Dconfab.held.seconds=30} measures for longer.
 */
class HeldChannelTest {
  private static final Duration SPAN =
      Duration.ofSeconds(Integer.getInteger("confab.held.seconds", 2));
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final List<String> OTHERS =
      IntStream.range(0, 20).mapToObj(number -> "room_other" + number).toList();
  private static final ChannelName HELD = ChannelName.of("room_held");

  /** Sends at a steady rate over one connection, whatever becomes of what it sent. */
  private static final class Writer {
    private final Guest guest;
    private final List<String> channels;
    private final Map<Integer, Long> begun = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
    private final AtomicInteger refused = new AtomicInteger();
    private int sent;

    Writer(Hall hall, String name, List<String> channels) {
      this.guest = hall.enter(name);
      this.channels = channels;
      guest.listen(node -> {
        if (node.has("op")) {
          Long at = begun.remove(node.path("id").asInt());
          if (node.path("success").asBoolean() && at != null) {
            nanos.add(System.nanoTime() - at);
          } else {
            refused.incrementAndGet();
          }
        }
      });
    }

    /** Sends for so long, waits for every reply, and gives what they took. */
    long[] during(Duration span, Duration pause) {
      nanos.clear();
      long end = System.nanoTime() + span.toNanos();
      for (long next = System.nanoTime(); next < end; next += pause.toNanos()) {
        LockSupport.parkNanos(next - System.nanoTime());
        int number = sent++;
        begun.put(number, System.nanoTime());
        guest.say("{\"op\":\"publish\",\"args\":[\"" + channels.get(number % channels.size())
            + "\",\"hello\"],\"id\":" + number + "}");
      }
      await().atMost(Duration.ofSeconds(60)).until(begun::isEmpty);
      long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
      Arrays.sort(sorted);
      return sorted;
    }
  }

  private static void others_do_not_wait(String database, DataSource pool, DataSource direct)
      throws Exception {
    Limits limits = Limits.builder().watchPeriod(Duration.ofMillis(200)).build();
    try (Hall one = new Hall(JdbiMessageStore.create(pool), limits);
        Hall other = new Hall(JdbiMessageStore.create(pool), limits)) {
      List<Hall> nodes = List.of(one, other);
      List<Writer> writers = new ArrayList<>();
      List<Writer> waiting = new ArrayList<>();
      for (Hall node : nodes) {
        writers.add(new Writer(node, "writer" + writers.size(), OTHERS));
        waiting.add(new Writer(node, "waiting" + waiting.size(), List.of(HELD.value())));
      }
      together(writers, Duration.ofSeconds(1));
      waiting.get(0).during(Duration.ofMillis(20), Duration.ofMillis(20));

      List<long[]> free = together(writers, SPAN);
      List<long[]> held;
      try (Closing hold = new Closing(Holding.hold(direct, HELD))) {
        assertThat(hold).isNotNull();
        List<CompletableFuture<long[]>> stuck = waiting.stream()
            .map(writer -> begin(writer, SPAN, Duration.ofMillis(100)))
            .toList();
        held = together(writers, SPAN);
        assertThat(stuck).noneMatch(CompletableFuture::isDone);
      }
      for (int node = 0; node < nodes.size(); node++) {
        print(database, node + 1, "nobody holds a channel", free.get(node));
        print(database, node + 1, "one channel is held", held.get(node));
        assertThat(writers.get(node).refused).hasValue(0);
        long[] took = held.get(node);
        assertThat(took[took.length / 2]).as("median").isLessThan(TimeUnit.SECONDS.toNanos(1));
        assertThat(took[took.length - 1]).isLessThan(limits.heldWait().toNanos());
      }
      for (Writer writer : waiting) {
        // The hold is over: what waited has an answer soon, and the channel is written to again.
        await().atMost(Duration.ofSeconds(30)).until(writer.begun::isEmpty);
        int before = writer.refused.get();
        assertThat(writer.during(Duration.ofMillis(50), Duration.ofMillis(10))).isNotEmpty();
        assertThat(writer.refused).hasValue(before);
      }
      writers.forEach(writer -> writer.guest.close());
      waiting.forEach(writer -> writer.guest.close());
    }
  }

  private record Closing(UntilClosed until) implements AutoCloseable {
    @Override
    public void close() {
      until.close();
    }
  }

  private static CompletableFuture<long[]> begin(Writer writer, Duration span, Duration pause) {
    CompletableFuture<long[]> done = new CompletableFuture<>();
    Thread thread = new Thread(() -> {
      try {
        done.complete(writer.during(span, pause));
      } catch (RuntimeException | AssertionError failure) {
        done.completeExceptionally(failure);
      }
    });
    thread.setDaemon(true);
    thread.start();
    return done;
  }

  private static List<long[]> together(List<Writer> writers, Duration span) throws Exception {
    List<CompletableFuture<long[]>> under =
        writers.stream().map(writer -> begin(writer, span, PAUSE)).toList();
    List<long[]> all = new ArrayList<>();
    for (CompletableFuture<long[]> each : under) {
      all.add(each.get(2, TimeUnit.MINUTES));
    }
    return all;
  }

  private static void print(String database, int node, String when, long[] sorted) {
    System.out.printf(
        Locale.ROOT,
        "%s, node %d, %s: %d sends, send-to-reply p50 %.1f ms, p99 %.1f ms, max %.1f ms, mean %.1f ms%n",
        database,
        node,
        when,
        sorted.length,
        sorted[sorted.length / 2] / 1e6,
        sorted[sorted.length * 99 / 100] / 1e6,
        sorted[sorted.length - 1] / 1e6,
        LongStream.of(sorted).average().orElse(0) / 1e6);
  }

  @Test
  void held_channel_on_postgresql_delays_no_other_on_either_node() throws Exception {
    PostgresqlServer.Database database = PostgresqlServer.database();
    try (HikariDataSource pool = database.pool(16)) {
      others_do_not_wait("PostgreSQL", pool, database.direct());
    }
  }

  @Test
  void held_channel_on_mariadb_delays_no_other_on_either_node() throws Exception {
    MariadbServer.Database database = MariadbServer.database();
    try (HikariDataSource pool = database.pool(16)) {
      others_do_not_wait("MariaDB", pool, database.direct());
    }
  }
}
