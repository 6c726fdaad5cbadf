package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Threads whose tasks have a limited time, which passes when a test says so. */
final class LimitedThreadsTest {
  private static final Duration WITHIN = Duration.ofMinutes(5);

  /** How many are there to refuse. */
  private static final int REFUSING = 4;

  /** Somewhere in the range of {@link System#nanoTime}, which has no beginning. */
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);

  private final LimitedThreads threads = new LimitedThreads("limited", 1, 2, WITHIN, nanos::get);
  private final List<Held> all = new ArrayList<>();

  @AfterEach
  void close() {
    all.forEach(Held::release);
    threads.close();
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
            .filteredOn(Thread::isAlive)
            .extracting(Thread::getName)
            .noneMatch(name -> name.startsWith("limited-")));
  }

  /** A task that ends when the test says so, whatever interrupts it, as with a driver that knows no interrupt. */
  private static final class Held implements Runnable {
    private final CompletableFuture<Boolean> refused = new CompletableFuture<>();
    private final CompletableFuture<Thread> thread = new CompletableFuture<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger interrupts = new AtomicInteger();

    @Override
    public void run() {
      if (Thread.interrupted()) {
        interrupts.incrementAndGet();
      }
      refused.complete(LimitedThreads.isToBeRefused());
      thread.complete(Thread.currentThread());
      while (released.getCount() > 0) {
        try {
          released.await();
        } catch (InterruptedException again) {
          interrupts.incrementAndGet();
        }
      }
    }

    boolean isToBeRefused() throws Exception {
      return refused.get(1, TimeUnit.MINUTES);
    }

    Thread thread() throws Exception {
      return thread.get(1, TimeUnit.MINUTES);
    }

    boolean hasRun() {
      return refused.isDone();
    }

    void awaitInterrupts(int count) {
      Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> interrupts.get() >= count);
    }

    void release() {
      released.countDown();
    }
  }

  private Held execute() {
    Held held = new Held();
    all.add(held);
    threads.execute(held);
    return held;
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    threads.look();
  }

  @Test
  void what_is_run_in_time_is_performed_and_not_interrupted() throws Exception {
    Held task = execute();
    assertThat(task.isToBeRefused()).isFalse();
    pass(WITHIN);
    assertThat(task.thread().isInterrupted()).isFalse();
    assertThat(task.interrupts).hasValue(0);
  }

  @Test
  void what_takes_longer_than_it_may_is_interrupted_and_the_next_on_its_thread_is_not()
      throws Exception {
    Held task = execute();
    Thread thread = task.thread();
    pass(WITHIN.plusMillis(1));
    task.awaitInterrupts(1);
    task.release();
    Held next = execute();
    assertThat(next.thread()).isSameAs(thread);
    assertThat(next.isToBeRefused()).isFalse();
    assertThat(next.interrupts).hasValue(0);
  }

  @Test
  void what_waited_as_long_as_it_may_take_is_refused_and_has_a_little_time_for_that()
      throws Exception {
    Held first = execute();
    assertThat(first.isToBeRefused()).isFalse();
    Held second = execute();
    pass(WITHIN);
    first.release();
    assertThat(second.isToBeRefused()).isTrue();
    pass(Duration.ofMillis(1_900));
    assertThat(second.thread().isInterrupted()).isFalse();
    assertThat(second.interrupts).hasValue(0);
    // Not as long as others: its caller has most likely gone.
    pass(Duration.ofMillis(200));
    second.awaitInterrupts(1);
    second.release();
    Held third = execute();
    assertThat(third.isToBeRefused()).isFalse();
  }

  /** As many as run and wait to be performed. */
  private void fill() throws Exception {
    execute().thread();
    execute();
    execute();
    assertThat(threads.waiting()).isEqualTo(2);
  }

  @Test
  void where_too_many_wait_the_next_is_refused_at_once_and_in_little_time() throws Exception {
    fill();
    Held more = execute();
    assertThat(more.isToBeRefused()).isTrue();
    pass(Duration.ofSeconds(2));
    assertThat(more.thread().isInterrupted()).isFalse();
    assertThat(more.interrupts).hasValue(0);
    pass(Duration.ofMillis(1));
    more.awaitInterrupts(1);
    // Those before have their own time.
    assertThat(all.get(0).interrupts).hasValue(0);
  }

  @Test
  void where_too_many_wait_to_be_refused_the_next_is_rejected() throws Exception {
    fill();
    for (int i = 0; i < REFUSING; i++) {
      assertThat(execute().isToBeRefused()).isTrue();
    }
    execute();
    execute();
    assertThatThrownBy(this::execute).isInstanceOf(RejectedExecutionException.class);
    all.forEach(Held::release);
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(threads::isIdle);
    assertThat(all.get(all.size() - 1).hasRun()).isFalse();
    // There is room again.
    assertThat(execute().isToBeRefused()).isFalse();
  }

  @Test
  void they_are_idle_when_nothing_runs_and_nothing_waits() throws Exception {
    assertThat(threads.isIdle()).isTrue();
    Held first = execute();
    Held second = execute();
    assertThat(threads.isIdle()).isFalse();
    first.release();
    second.thread();
    assertThat(threads.isIdle()).isFalse();
    second.release();
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(threads::isIdle);
    threads.execute(() -> {
      // Silently: what is told of it is none of this test's.
      Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {});
      throw new IllegalStateException("a bug");
    });
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(threads::isIdle);
  }

  @Test
  void what_comes_when_they_are_closed_is_rejected_what_waits_forgotten_what_runs_interrupted()
      throws Exception {
    fill();
    Held refused = execute();
    refused.thread();
    threads.close();
    all.get(0).awaitInterrupts(1);
    refused.awaitInterrupts(1);
    assertThatThrownBy(this::execute).isInstanceOf(RejectedExecutionException.class);
    Thread runner = all.get(0).thread();
    all.forEach(Held::release);
    runner.join(Duration.ofMinutes(1).toMillis());
    assertThat(runner.isAlive()).isFalse();
    assertThat(all).filteredOn(Held::hasRun).containsExactly(all.get(0), refused);
  }
}
