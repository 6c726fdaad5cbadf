package dev.confab.chat.server.api;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Threads for a server whose every task reads from a socket and writes to it: one that has not ended in time is interrupted, which
 * ends the socket, so that who sends nothing, or reads nothing, does not keep a thread. So many tasks wait; of what comes beyond
 * that some are run to be refused, on other threads and for a shorter time, and the rest is rejected. What waited as long as it may
 * take is run to be refused, too: whoever asked has most likely gone.
 */
final class LimitedThreads implements Executor, AutoCloseable {
  private static final int REFUSING = 4;
  private static final Duration REFUSED_WITHIN = Duration.ofSeconds(2);

  /** Runs tasks that have to be refused. */
  private static final class Refuser extends Thread {
    Refuser(Runnable task, String name) {
      super(task, name);
    }
  }

  /** Set while a thread runs what waited too long. */
  private static final ThreadLocal<Boolean> WAITED_TOO_LONG = ThreadLocal.withInitial(() -> false);

  private final ThreadPoolExecutor threads;
  private final ThreadPoolExecutor refusing;
  private final ScheduledThreadPoolExecutor clock;
  private final Set<Limited> running = ConcurrentHashMap.newKeySet();

  /** Tasks that were taken and have not ended. */
  private final AtomicInteger underWay = new AtomicInteger();

  private final long withinNanos;
  private final LongSupplier nanos;

  /**
   * Threads.
   *
   * @param waiting how many tasks wait for one of them, and how many to be refused
   * @param within how long a task may wait and run
   */
  LimitedThreads(String name, int count, int waiting, Duration within) {
    this(name, count, waiting, within, System::nanoTime);
  }

  /**
   * As above.
   *
   * @param nanos what the time is, as {@link System#nanoTime}
   */
  LimitedThreads(String name, int count, int waiting, Duration within, LongSupplier nanos) {
    this.nanos = nanos;
    withinNanos = within.toNanos();
    AtomicInteger number = new AtomicInteger();
    threads = pool(count, waiting, task -> new Thread(task, name + "-" + number.incrementAndGet()));
    refusing = pool(
        REFUSING,
        waiting,
        task -> new Refuser(task, name + "-refusing-" + number.incrementAndGet()));
    clock = new ScheduledThreadPoolExecutor(1, task -> {
      Thread thread = new Thread(task, name + "-clock");
      thread.setDaemon(true);
      return thread;
    });
    long most = Math.min(within.toMillis(), REFUSED_WITHIN.toMillis());
    long period = Math.max(10, most / 10);
    clock.scheduleWithFixedDelay(this::look, period, period, TimeUnit.MILLISECONDS);
  }

  private static ThreadPoolExecutor pool(int count, int waiting, Function<Runnable, Thread> made) {
    ThreadPoolExecutor pool = new ThreadPoolExecutor(
        count, count, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(waiting), task -> {
          Thread thread = made.apply(task);
          thread.setDaemon(true);
          return thread;
        });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /**
   * Runs a task, as soon as there is a thread.
   *
   * @throws RejectedExecutionException if there is not even one to refuse it
   */
  @Override
  public void execute(Runnable task) {
    underWay.incrementAndGet();
    try {
      threads.execute(new Limited(task, withinNanos));
    } catch (RejectedExecutionException full) {
      refuse(task);
    }
  }

  private void refuse(Runnable task) {
    try {
      refusing.execute(new Limited(task, REFUSED_WITHIN.toNanos()));
    } catch (RejectedExecutionException full) {
      underWay.decrementAndGet();
      throw full;
    }
  }

  /** True on a thread whose task is to be refused: too much waits, or this has waited too long. */
  static boolean isToBeRefused() {
    return Thread.currentThread() instanceof Refuser || WAITED_TOO_LONG.get();
  }

  /** True if nothing waits or runs. */
  boolean isIdle() {
    return underWay.get() == 0;
  }

  /** How many tasks wait now. */
  int waiting() {
    return threads.getQueue().size();
  }

  /** Interrupts what is late; done again and again until this is closed. */
  void look() {
    long now = nanos.getAsLong();
    running.forEach(task -> task.endIfLate(now));
  }

  /** What runs is interrupted, what waits is forgotten, and what comes is rejected. */
  @Override
  public void close() {
    clock.shutdownNow();
    threads.shutdownNow();
    refusing.shutdownNow();
  }

  private final class Limited implements Runnable {
    private final Runnable task;
    // All below guarded by this.
    private long limitNanos;
    private long since;

    /** Who runs it; null when nobody does. */
    private @Nullable Thread thread;

    Limited(Runnable task, long limitNanos) {
      this.task = task;
      this.limitNanos = limitNanos;
      this.since = nanos.getAsLong();
    }

    @Override
    public void run() {
      boolean tooLong;
      synchronized (this) {
        long now = nanos.getAsLong();
        tooLong = now - since >= limitNanos;
        if (tooLong) {
          // To be refused takes a little time itself.
          since = now;
          limitNanos = Math.min(limitNanos, REFUSED_WITHIN.toNanos());
        }
        thread = Thread.currentThread();
      }
      running.add(this);
      WAITED_TOO_LONG.set(tooLong);
      try {
        task.run();
      } finally {
        WAITED_TOO_LONG.remove();
        running.remove(this);
        synchronized (this) {
          // Whoever interrupted it meant this task; the pool keeps that from the next.
          thread = null;
        }
        underWay.decrementAndGet();
      }
    }

    synchronized void endIfLate(long now) {
      if (thread != null && now - since > limitNanos) {
        thread.interrupt();
      }
    }
  }
}
