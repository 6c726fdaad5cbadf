package dev.confab.chat.testkit;

import dev.confab.chat.spi.Connection;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a write ended, and how often it did. */
public final class Written implements Connection.Done {
  private int times;
  private Optional<Throwable> failure = Optional.empty();

  @Override
  public synchronized void done(@Nullable Throwable thrown) {
    times++;
    failure = Optional.ofNullable(thrown);
    notifyAll();
  }

  /** Whether it ends within this time. */
  public synchronized boolean endsWithin(Duration time) {
    long deadline = System.nanoTime() + time.toNanos();
    while (times == 0) {
      long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      if (millis <= 0) {
        return false;
      }
      try {
        wait(millis);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new AssertionError(interrupted);
      }
    }
    return true;
  }

  /**
   * Waits until it has ended, and returns the failure.
   *
   * @throws AssertionError if it does not end within this time
   */
  public synchronized Optional<Throwable> failure(Duration within) {
    if (!endsWithin(within)) {
      throw new AssertionError("the write was not done in time");
    }
    return failure;
  }

  /** How often it was said to have ended. */
  public synchronized int times() {
    return times;
  }
}
