package dev.confab.chat.server.api;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads that calls run on: never those of a socket. */
final class Threads {
  /** Requests that wait for a thread; beyond that they are told to come back. */
  private static final int WAITING = 1_000;

  /**
   * How many of the sockets' calls run at once, and how many of those that wait for a store, and how many of those for keys. Each
   * socket has at most one task in any. Those that wait have threads of their own: what other workers acknowledge is not to wait
   * behind them.
   */
  private static final int SOCKETS = 64;

  private final ThreadPoolExecutor calls;
  private final ThreadPoolExecutor sockets;
  private final ThreadPoolExecutor waiting;

  /** Of its own: who hangs in a store holds up neither who comes in nor the end of a key that was taken back. */
  private final ThreadPoolExecutor door;

  private final ScheduledThreadPoolExecutor clock;

  Threads(int threads) {
    calls = pool("confab-api", threads, new ArrayBlockingQueue<>(WAITING));
    sockets = pool("confab-api-socket", SOCKETS, new LinkedBlockingQueue<>());
    waiting = pool("confab-api-waiting", SOCKETS, new LinkedBlockingQueue<>());
    door = pool("confab-api-door", SOCKETS, new LinkedBlockingQueue<>());
    clock = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "confab-api-clock"));
    clock.setRemoveOnCancelPolicy(true);
    clock.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    clock.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
  }

  private static ThreadPoolExecutor pool(
      String name, int threads, java.util.concurrent.BlockingQueue<Runnable> line) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor pool = new ThreadPoolExecutor(
        threads,
        threads,
        10,
        TimeUnit.SECONDS,
        line,
        task -> daemon(task, name + "-" + number.incrementAndGet()));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /** Runs what a request asks; false if too much waits, or the API is closed. */
  boolean call(Runnable task) {
    return offer(calls, task);
  }

  /** Runs what a socket's client asks; false if the API is closed. */
  boolean socket(Runnable task) {
    return offer(sockets, task);
  }

  /** Runs what a socket's client asks and may wait for a store; false if the API is closed. */
  boolean waiting(Runnable task) {
    return offer(waiting, task);
  }

  /** Runs what asks for a socket's key, which the host may keep far away; false if the API is closed. */
  boolean door(Runnable task) {
    return offer(door, task);
  }

  private static boolean offer(ThreadPoolExecutor pool, Runnable task) {
    try {
      pool.execute(task);
      return true;
    } catch (RejectedExecutionException full) {
      return false;
    }
  }

  /** Runs a short task again and again, on a thread that may not be held up. */
  void every(Duration period, Runnable task) {
    clock.scheduleWithFixedDelay(task, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Runs a short task once, on the same thread; false if the API is closed. */
  boolean later(Duration delay, Runnable task) {
    try {
      // Whatever it throws is for nobody.
      ScheduledFuture<?> never = clock.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
      return !never.isCancelled();
    } catch (RejectedExecutionException closed) {
      return false;
    }
  }

  void close() {
    clock.shutdownNow();
    calls.shutdown();
    sockets.shutdown();
    waiting.shutdown();
    door.shutdown();
    List<ThreadPoolExecutor> all = List.of(calls, sockets, waiting, door);
    try {
      for (ThreadPoolExecutor pool : all) {
        if (!pool.awaitTermination(5, TimeUnit.SECONDS)) {
          pool.shutdownNow();
        }
      }
    } catch (InterruptedException interrupted) {
      all.forEach(ThreadPoolExecutor::shutdownNow);
      Thread.currentThread().interrupt();
    }
  }
}
