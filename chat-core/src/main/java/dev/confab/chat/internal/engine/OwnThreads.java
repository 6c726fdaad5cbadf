package dev.confab.chat.internal.engine;

import dev.confab.chat.internal.time.SystemTime;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Real threads. All are daemons, named {@code confab-…}, have the context class loader of the thread that made this, and end when
 * they have had nothing to do for a minute.
 */
public final class OwnThreads implements Threads {
  /** A task that comes while the chat ends is one that nobody waits for any more. */
  private static final RejectedExecutionHandler FORGET = (task, executor) -> {};

  private static final long LOOK_AGAIN_NANOS = 2_000_000;

  private final SystemTime time = new SystemTime(factory("time"));
  private final List<ThreadPoolExecutor> pools = new ArrayList<>();
  private final Executor pumps;
  private final Executor doors;
  private final Executor journal;
  private final Executor waiting;
  private final Executor readers;
  private final Executor listeners;

  /**
   * Threads for one chat.
   *
   * @param doorThreads how many threads call the application
   * @param hostDoors the host's own executor for that, which is not ended with the others
   */
  public OwnThreads(Limits limits, int doorThreads, Optional<Executor> hostDoors) {
    pumps = pool("pump", Runtime.getRuntime().availableProcessors(), FORGET);
    doors = hostDoors.orElseGet(() -> pool("door", doorThreads, FORGET));
    // These two say no, because somebody has to be told that nothing will come of it.
    journal = pool("journal", 1, new ThreadPoolExecutor.AbortPolicy());
    waiting = pool("journal-held", 2, new ThreadPoolExecutor.AbortPolicy());
    readers = pool("reader", limits.readers(), new ThreadPoolExecutor.AbortPolicy());
    listeners = pool("listener", 1, FORGET);
  }

  private ThreadPoolExecutor pool(String name, int threads, RejectedExecutionHandler rejected) {
    // Unbounded, and yet bounded: every stage puts at most one task for each connection, channel or
    // page into it.
    ThreadPoolExecutor pool = new ThreadPoolExecutor(
        threads,
        threads,
        1,
        TimeUnit.MINUTES,
        new LinkedBlockingQueue<>(),
        factory(name),
        rejected);
    pool.allowCoreThreadTimeOut(true);
    pools.add(pool);
    return pool;
  }

  private static ThreadFactory factory(String name) {
    AtomicInteger next = new AtomicInteger();
    ClassLoader application = Thread.currentThread().getContextClassLoader();
    return task -> {
      Thread thread = new Thread(task, "confab-" + name + "-" + next.incrementAndGet());
      // Not that of the thread that happens to need another one, which may be a container's.
      thread.setContextClassLoader(application);
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public Time time() {
    return time;
  }

  @Override
  public Executor pumps() {
    return pumps;
  }

  @Override
  public Executor doors() {
    return doors;
  }

  @Override
  public Executor journal() {
    return journal;
  }

  @Override
  public Executor waiting() {
    return waiting;
  }

  @Override
  public Executor readers() {
    return readers;
  }

  @Override
  public Executor listeners() {
    return listeners;
  }

  @Override
  public void await(BooleanSupplier condition, Duration within) {
    long deadline = System.nanoTime() + within.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
  }

  @Override
  public void close(Duration patience) {
    time.close();
    long deadline = System.nanoTime() + patience.toNanos();
    pools.forEach(ThreadPoolExecutor::shutdown);
    for (ThreadPoolExecutor pool : pools) {
      try {
        if (!pool.awaitTermination(
            Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
          pool.shutdownNow();
        }
      } catch (InterruptedException e) {
        pool.shutdownNow();
        Thread.currentThread().interrupt();
      }
    }
  }
}
