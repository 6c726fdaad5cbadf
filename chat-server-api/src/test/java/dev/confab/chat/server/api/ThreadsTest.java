package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What may hang holds up nothing else. */
final class ThreadsTest {
  @Test
  void where_all_that_waits_for_a_store_hangs_keys_are_asked_for_and_calls_done() throws Exception {
    Threads threads = new Threads(1);
    CountDownLatch released = new CountDownLatch(1);
    try {
      for (int i = 0; i < 1_000; i++) {
        assertThat(threads.waiting(() -> hang(released))).isTrue();
      }
      CountDownLatch done = new CountDownLatch(3);
      assertThat(threads.door(done::countDown)).isTrue();
      assertThat(threads.socket(done::countDown)).isTrue();
      assertThat(threads.call(done::countDown)).isTrue();
      assertThat(done.await(1, TimeUnit.MINUTES)).isTrue();
    } finally {
      released.countDown();
      threads.close();
    }
  }

  private static void hang(CountDownLatch released) {
    try {
      released.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
