package dev.confab.chat.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the load tool would get wrong if it were wrong. */
class LoadTest {
  private static final Duration WINDOW = Duration.ofMillis(200);

  /** Commits at once, but the first message keeps whoever sends it for a while. */
  private static final class Stalling implements Publisher {
    private final Duration stall;
    private boolean stalled;

    Stalling(Duration stall) {
      this.stall = stall;
    }

    @Override
    public void publish(int sender, int room, String key, Done done) {
      if (!stalled) {
        stalled = true;
        try {
          TimeUnit.NANOSECONDS.sleep(stall.toNanos());
        } catch (InterruptedException ended) {
          Thread.currentThread().interrupt();
        }
      }
      done.done(true);
    }

    @Override
    public void close() {}
  }

  /** Commits one message after the other on a thread of its own, and sees how many each sender has under way. */
  private static final class Counting implements Publisher {
    private final ExecutorService one = Executors.newSingleThreadExecutor();
    private final Map<Integer, Integer> underWay = new HashMap<>();
    private int most;

    @Override
    public synchronized void publish(int sender, int room, String key, Done done) {
      most = Math.max(most, underWay.merge(sender, 1, Integer::sum));
      one.execute(() -> {
        synchronized (this) {
          underWay.merge(sender, -1, Integer::sum);
        }
        done.done(true);
      });
    }

    @Override
    public void close() {
      one.shutdown();
    }
  }

  @Test
  void an_open_loop_charges_a_stall_to_all_that_had_to_wait_for_it() throws Exception {
    try (Stalling publisher = new Stalling(Duration.ofMillis(150))) {
      Load.Figures figures = Load.open(1_000, 1, Duration.ZERO, WINDOW).on(publisher);

      // Of 200 messages due 150 were due during the stall; half of all waited 50 ms or longer. Who
      // counts from when it could send would see one slow message in all.
      assertThat(figures.committed()).isEqualTo(200);
      assertThat(Duration.ofNanos(figures.median())).isGreaterThan(Duration.ofMillis(45));
    }
  }

  @Test
  void in_a_closed_loop_each_sender_has_one_message_under_way() throws Exception {
    try (Counting publisher = new Counting()) {
      Load.Figures figures = Load.closed(5, 3, Duration.ZERO, WINDOW).on(publisher);

      assertThat(publisher.most).isEqualTo(1);
      assertThat(figures.committed()).isGreaterThanOrEqualTo(5);
      assertThat(figures.refused()).isZero();
    }
  }

  @Test
  void what_was_refused_does_not_count() throws Exception {
    try (Refusing publisher = new Refusing()) {
      Load.Figures figures = Load.open(100, 1, Duration.ZERO, WINDOW).on(publisher);

      assertThat(figures.refused()).isEqualTo(20);
      assertThat(figures.committed()).isZero();
      assertThat(figures.perSecond()).isZero();
    }
  }

  /** Commits nothing. */
  private record Refusing() implements Publisher {
    @Override
    public void publish(int sender, int room, String key, Done done) {
      done.done(false);
    }

    @Override
    public void close() {}
  }
}
