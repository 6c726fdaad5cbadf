package dev.confab.chat.store.jdbi;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Has retention done now and then, until it is closed: on a thread of its own, because it may take long and nobody waits for
 * it. The pauses are random around the period, so that several nodes on one database come one after another: the second finds
 * little left.
 */
final class Housekeeping implements AutoCloseable {
  private static final Logger LOG = System.getLogger(JdbiMessageStore.class.getName());

  private final Duration period;
  private final Supplier<Trimmed> work;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "confab-retention-1");

  /** True after it failed, until it did not: said once in the log, not every period. Used by the thread alone. */
  private boolean failing;

  /**
   * Nothing is done before {@link #start}.
   *
   * @param work what is to be done; it ends early once the store is closed
   */
  Housekeeping(Duration period, Supplier<Trimmed> work) {
    this.period = period;
    this.work = work;
    thread.setDaemon(true);
  }

  /** Begins with a pause. */
  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (!closed.await(pauseMillis(), TimeUnit.MILLISECONDS)) {
        once();
      }
    } catch (InterruptedException ended) {
      // Nobody but the end of the thread is meant by it.
      Thread.currentThread().interrupt();
    }
  }

  /** Between half the period and one and a half. */
  private long pauseMillis() {
    long half = period.toMillis() / 2;
    return half + ThreadLocalRandom.current().nextLong(2 * half + 1);
  }

  private void once() {
    try {
      Trimmed trimmed = work.get();
      LOG.log(Level.DEBUG, "Retention: {0}", trimmed);
      if (failing) {
        failing = false;
        LOG.log(Level.INFO, "Retention works again");
      }
    } catch (RuntimeException | Error failure) {
      if (!failing && closed.getCount() > 0) {
        failing = true;
        LOG.log(
            Level.WARNING,
            "Retention failed; it is tried again every " + period + " and this is said once",
            failure);
      }
    }
  }

  /** Begins nothing more, and waits up to five seconds for the transaction under way. Never fails. */
  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
