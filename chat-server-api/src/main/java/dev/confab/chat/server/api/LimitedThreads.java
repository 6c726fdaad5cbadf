package dev.confab.chat.server.api;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Threads for a server whose every task reads from a socket: one that has not ended in time is interrupted, which ends the
 * socket, so that who sends nothing does not keep a thread.
 */
final class LimitedThreads implements Executor, AutoCloseable {
  private final ThreadPoolExecutor threads;
  private final ScheduledThreadPoolExecutor clock;
  private final Set<Limited> running = ConcurrentHashMap.newKeySet();
  private final long withinNanos;

  LimitedThreads(String name, int count, Duration within) {
    withinNanos = within.toNanos();
    AtomicInteger number = new AtomicInteger();
    // The server's own bound is that of its connections.
    threads = new ThreadPoolExecutor(
        count, count, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
          Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
    threads.allowCoreThreadTimeOut(true);
    clock = new ScheduledThreadPoolExecutor(1, task -> {
      Thread thread = new Thread(task, name + "-clock");
      thread.setDaemon(true);
      return thread;
    });
    long period = Math.max(10, within.toMillis() / 10);
    clock.scheduleWithFixedDelay(this::look, period, period, TimeUnit.MILLISECONDS);
  }

  @Override
  public void execute(Runnable task) {
    threads.execute(new Limited(task));
  }

  private void look() {
    long now = System.nanoTime();
    running.forEach(task -> task.endIfLate(now));
  }

  @Override
  public void close() {
    clock.shutdownNow();
    threads.shutdownNow();
  }

  private final class Limited implements Runnable {
    private final Runnable task;
    private final long since;

    /** Who runs it; null when nobody does. Guarded by this. */
    private @Nullable Thread thread;

    Limited(Runnable task) {
      this.task = task;
      this.since = System.nanoTime();
    }

    @Override
    public void run() {
      synchronized (this) {
        thread = Thread.currentThread();
      }
      running.add(this);
      try {
        task.run();
      } finally {
        running.remove(this);
        synchronized (this) {
          thread = null;
        }
        // It was for this task, and it is over.
        Thread.interrupted();
      }
    }

    synchronized void endIfLate(long now) {
      if (thread != null && now - since > withinNanos) {
        thread.interrupt();
      }
    }
  }
}
