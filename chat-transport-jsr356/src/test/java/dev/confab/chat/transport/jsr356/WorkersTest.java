package dev.confab.chat.transport.jsr356;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which thread does what for an endpoint, also while it closes. */
@Timeout(30)
final class WorkersTest {
  @Test
  void what_may_be_held_up_does_not_hold_up_the_prompt_thread_while_closing() throws Exception {
    // The threads that may be held up were shut first, so that every session was closed on the one
    // prompt thread: a client that did not read kept all behind it from being told that they ended.
    Workers workers = new Workers("/test");
    CountDownLatch closing = new CountDownLatch(1);
    CompletableFuture<String> heldUp = new CompletableFuture<>();
    workers.soon(() -> {
      awaitQuietly(closing);
      workers.blocking(() -> heldUp.complete(Thread.currentThread().getName()));
    });
    Thread closer = new Thread(() -> workers.close(Duration.ofSeconds(1), () -> {}), "closer");
    closer.start();
    while (closer.getState() != Thread.State.TIMED_WAITING) {
      assertThat(closer.isAlive()).isTrue();
      Thread.onSpinWait();
    }
    closing.countDown();
    assertThat(heldUp.get(10, TimeUnit.SECONDS)).contains(" blockable ");
    closer.join();
  }

  @Test
  void threads_that_are_held_up_are_freed_while_closing() {
    Workers workers = new Workers("/test");
    CountDownLatch client = new CountDownLatch(1);
    CompletableFuture<Void> closed = new CompletableFuture<>();
    workers.blocking(() -> {
      // As a container that does not heed interrupts.
      while (client.getCount() > 0) {
        awaitQuietly(client);
      }
      closed.complete(null);
    });

    workers.close(Duration.ofMillis(50), client::countDown);

    assertThat(closed).isDone();
  }

  @Test
  void what_comes_after_all_were_closed_is_done_in_time_and_leaves_no_thread() throws Exception {
    // Who connected to a closed endpoint on Undertow was cut at once, before it could be told why.
    Workers workers = new Workers("/test late");
    workers.close(Duration.ofSeconds(1), () -> {});
    CompletableFuture<Thread> done = new CompletableFuture<>();
    long began = System.nanoTime();

    workers.laterInAnyCase(Duration.ofMillis(50), () -> done.complete(Thread.currentThread()));

    Thread thread = done.get(10, TimeUnit.SECONDS);
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isGreaterThanOrEqualTo(Duration.ofMillis(50));
    assertThat(thread.getName()).contains("/test late");
    thread.join(10_000);
    assertThat(thread.isAlive()).isFalse();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
