package dev.confab.chat.internal.time;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** The machine's own time, with one thread for alarms. */
public final class SystemTime implements Time, AutoCloseable {
  private final ScheduledThreadPoolExecutor alarms;

  /** The machine's clock may begin anywhere, below zero too; this one never shows less than zero. */
  private final long start = System.nanoTime();

  /** Starts with a thread from this factory, made when the first alarm is set. */
  public SystemTime(ThreadFactory threads) {
    alarms = new ScheduledThreadPoolExecutor(1, threads);
    alarms.setRemoveOnCancelPolicy(true);
    alarms.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    // An alarm that is set while the chat stops is one that nobody waits for any more.
    alarms.setRejectedExecutionHandler((task, executor) -> {});
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public long nanos() {
    return System.nanoTime() - start;
  }

  @Override
  public Alarm after(Duration delay, Runnable task) {
    ScheduledFuture<?> future = alarms.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  /** Forgets every alarm and ends the thread. */
  @Override
  public void close() {
    alarms.shutdownNow();
  }
}
