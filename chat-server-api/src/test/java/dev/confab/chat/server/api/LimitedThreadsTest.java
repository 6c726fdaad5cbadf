package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Threads whose tasks have a limited time. */
final class LimitedThreadsTest {
  @Test
  void what_waited_as_long_as_it_may_take_is_refused_and_not_performed() throws Exception {
    try (LimitedThreads threads = new LimitedThreads("limited", 1, 3, Duration.ofMillis(200))) {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch released = new CountDownLatch(1);
      CompletableFuture<Boolean> second = new CompletableFuture<>();
      threads.execute(() -> {
        begun.countDown();
        hold(released);
      });
      assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();
      threads.execute(() -> second.complete(LimitedThreads.isToBeRefused()));
      long since = System.nanoTime();
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> System.nanoTime() - since > Duration.ofMillis(250).toNanos());
      released.countDown();
      assertThat(second.get(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  @Test
  void what_is_run_in_time_is_performed() throws Exception {
    try (LimitedThreads threads = new LimitedThreads("limited", 1, 3, Duration.ofMinutes(5))) {
      CompletableFuture<Boolean> refused = new CompletableFuture<>();
      threads.execute(() -> refused.complete(LimitedThreads.isToBeRefused()));
      assertThat(refused.get(1, TimeUnit.MINUTES)).isFalse();
    }
  }

  /** Whatever interrupts it, as a driver does that knows no interrupt. */
  private static void hold(CountDownLatch released) {
    while (true) {
      try {
        released.await();
        return;
      } catch (InterruptedException again) {
        // It goes on waiting.
      }
    }
  }
}
