package dev.confab.chat.transport.jsr356;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of one installed endpoint: one that tells the chat of ends nobody else tells, and a few that may be held up by
 * a container, which closes to a stalled client for up to 20 s on Tomcat. None of them lives when nobody is connected, and a
 * connection waits for them at most a few times (to be pinged, to be ended, to be closed), so connections bound the queues.
 */
final class Workers {
  private static final int BLOCKABLE_THREADS = 8;
  private static final Duration THREAD_IDLE = Duration.ofSeconds(5);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final ScheduledThreadPoolExecutor prompt;
  private final ThreadPoolExecutor blockable;

  /** Is never shut down, and has no thread while there is nothing to do. */
  private final ScheduledThreadPoolExecutor late;

  Workers(String path) {
    prompt = new ScheduledThreadPoolExecutor(1, threads("chat-transport " + path + " prompt "));
    prompt.setKeepAliveTime(THREAD_IDLE.toMillis(), TimeUnit.MILLISECONDS);
    prompt.allowCoreThreadTimeOut(true);
    prompt.setRemoveOnCancelPolicy(true);
    prompt.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    late = new ScheduledThreadPoolExecutor(1, threads("chat-transport " + path + " late "));
    late.setKeepAliveTime(100, TimeUnit.MILLISECONDS);
    late.allowCoreThreadTimeOut(true);
    blockable = new ThreadPoolExecutor(
        BLOCKABLE_THREADS,
        BLOCKABLE_THREADS,
        THREAD_IDLE.toMillis(),
        TimeUnit.MILLISECONDS,
        new LinkedBlockingQueue<>(),
        threads("chat-transport " + path + " blockable "));
    blockable.allowCoreThreadTimeOut(true);
  }

  /** Runs what never blocks, soon; after {@link #close} at once. */
  void soon(Runnable task) {
    try {
      prompt.execute(task);
    } catch (RejectedExecutionException closed) {
      task.run();
    }
  }

  /** Runs what never blocks after this time, unless closed by then. */
  void later(Duration delay, Runnable task) {
    try {
      ScheduledFuture<?> unused = prompt.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException closed) {
      task.run();
    }
  }

  /** Runs what never blocks after this time, or never if closed by then; false if closed now. */
  boolean laterIfOpen(Duration delay, Runnable task) {
    try {
      ScheduledFuture<?> unused = prompt.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (RejectedExecutionException closed) {
      return false;
    }
  }

  /** Runs what never blocks after this time, whether closed before or by then or not at all. */
  void laterInAnyCase(Duration delay, Runnable task) {
    ScheduledFuture<?> unused = late.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Runs what a container may hold up; after {@link #close} at once. */
  void blocking(Runnable task) {
    try {
      blockable.execute(task);
    } catch (RejectedExecutionException closed) {
      task.run();
    }
  }

  /**
   * Lets what was handed over end for up to 5 s, then interrupts it.
   *
   * @param patience how long a container may hold up our threads before something is done about it, less than 5 s
   * @param ifHeldUp what is done about it
   */
  void close(Duration patience, Runnable ifHeldUp) {
    long began = System.nanoTime();
    try {
      // In this order: what the first still has to do hands its sessions to the second.
      prompt.shutdown();
      if (!endsWithin(CLOSE_WITHIN, began, prompt)) {
        prompt.shutdownNow();
      }
      blockable.shutdown();
      if (!endsWithin(patience, began, blockable)) {
        ifHeldUp.run();
      }
      if (!endsWithin(CLOSE_WITHIN, began, blockable)) {
        blockable.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      prompt.shutdownNow();
      blockable.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private static boolean endsWithin(Duration time, long began, ThreadPoolExecutor threads)
      throws InterruptedException {
    long left = time.toNanos() - (System.nanoTime() - began);
    return threads.awaitTermination(left, TimeUnit.NANOSECONDS);
  }

  private static ThreadFactory threads(String name) {
    AtomicInteger number = new AtomicInteger();
    ClassLoader application = Thread.currentThread().getContextClassLoader();
    return task -> {
      Thread thread = new Thread(task, name + number.incrementAndGet());
      thread.setContextClassLoader(application);
      thread.setDaemon(true);
      return thread;
    };
  }
}
