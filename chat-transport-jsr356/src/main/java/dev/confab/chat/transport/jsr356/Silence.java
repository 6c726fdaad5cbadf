package dev.confab.chat.transport.jsr356;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * How long nothing came or went on one connection, counted here because the container would make a timer for each frame. This
 * makes one for each time of silence allowed.
 *
 * <p><b>Threads.</b> Any.
 */
final class Silence {
  private final Workers workers;
  private final long mostNanos;
  private final Runnable tooLong;
  private volatile long since = System.nanoTime();
  private volatile boolean over;
  private volatile Future<?> look = CompletableFuture.completedFuture(null);

  Silence(Workers workers, Duration most, Runnable tooLong) {
    this.workers = workers;
    this.mostNanos = most.toNanos();
    this.tooLong = tooLong;
  }

  void begin() {
    broken();
    lookIn(mostNanos);
  }

  /** Something came or went. */
  void broken() {
    since = System.nanoTime();
  }

  /** Nothing is counted any more. */
  void end() {
    over = true;
    look.cancel(false);
  }

  private void lookIn(long nanos) {
    look = workers.laterUnlessClosed(Duration.ofNanos(nanos), this::look);
    if (over) {
      look.cancel(false);
    }
  }

  private void look() {
    long left = since + mostNanos - System.nanoTime();
    if (left <= 0) {
      tooLong.run();
    } else {
      lookIn(left);
    }
  }
}
