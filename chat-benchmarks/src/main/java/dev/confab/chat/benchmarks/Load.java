package dev.confab.chat.benchmarks;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Sends messages for a while and measures how long each takes to be committed.
 *
 * <p>In a <i>closed</i> loop each sender has one message outstanding: how much goes through. In an <i>open</i> loop
 * messages are due at a fixed rate, whatever becomes of those before, and the time of each is counted from when it was due;
 * so who is slow for a moment is charged for all that had to wait meanwhile (no coordinated omission).
 *
 * @param senders how many there are; in an open loop they take turns
 * @param rate messages a second that are due; 0 for a closed loop
 * @param rooms how many there are; each sender walks through all of them
 * @param warmUp how long is sent before anything counts
 * @param window how long it counts
 */
record Load(int senders, int rate, int rooms, Duration warmUp, Duration window) {
  private static final long DRAINED_WITHIN_SECONDS = 60;
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(2);

  /** Each of these has one message outstanding. */
  static Load closed(int senders, int rooms, Duration warmUp, Duration window) {
    return new Load(senders, 0, rooms, warmUp, window);
  }

  /** So many messages are due each second. */
  static Load open(int rate, int rooms, Duration warmUp, Duration window) {
    return new Load(rate, rate, rooms, warmUp, window);
  }

  boolean isOpen() {
    return rate > 0;
  }

  /**
   * Puts the load on this and waits until nothing is under way any more.
   *
   * @throws TimeoutException if something never gets its outcome
   */
  Figures on(Publisher publisher) throws TimeoutException {
    Run run = new Run(publisher, System.nanoTime());
    if (isOpen()) {
      run.sendOnTime();
    } else {
      run.sendInTurn();
    }
    return run.figures();
  }

  /**
   * What was measured.
   *
   * @param perSecond messages committed a second, within the window
   * @param median from when it was sent (open loop: due) to when it was told committed, in nanoseconds
   * @param p99 the same for the slowest in a hundred
   * @param committed how many were committed in all, before and after the window too
   * @param refused how many were not committed
   */
  record Figures(double perSecond, long median, long p99, long committed, long refused) {}

  /** One load put on. */
  private final class Run {
    private final Publisher publisher;
    private final long windowFrom;
    private final long windowTo;
    private final ConcurrentHistogram latency = new ConcurrentHistogram(LONGEST_NANOS, 3);
    private final AtomicLong inWindow = new AtomicLong();
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong committed = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final String keys;

    Run(Publisher publisher, long now) {
      this.publisher = publisher;
      this.windowFrom = now + warmUp.toNanos();
      this.windowTo = windowFrom + window.toNanos();
      this.keys = Long.toString(now, Character.MAX_RADIX) + ":";
    }

    void sendInTurn() {
      for (int sender = 0; sender < senders; sender++) {
        next(sender, 0);
      }
      while (System.nanoTime() < windowTo) {
        LockSupport.parkNanos(windowTo - System.nanoTime());
      }
    }

    /** Sends, and when that is done again, until the window is over. */
    private void next(int sender, long turn) {
      long sent = System.nanoTime();
      send(sender, turn, sent, () -> {
        if (System.nanoTime() < windowTo) {
          next(sender, turn + 1);
        }
      });
    }

    void sendOnTime() {
      long from = windowFrom - warmUp.toNanos();
      for (long number = 0; ; number++) {
        long due = from + number * TimeUnit.SECONDS.toNanos(1) / rate;
        if (due >= windowTo) {
          return;
        }
        while (System.nanoTime() < due) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        // When it was due decides whether it counts: the slow ones end after the window.
        send((int) (number % senders), number / senders, due, () -> {});
      }
    }

    private void send(int sender, long turn, long since, Runnable afterwards) {
      // Different senders begin in different rooms, and meet in each.
      int room = (int) ((sender + turn * 37) % rooms);
      long number = begun.incrementAndGet();
      publisher.publish(sender, room, keys + number, committedNow -> {
        long now = System.nanoTime();
        if (committedNow) {
          long decides = isOpen() ? since : now;
          if (decides >= windowFrom && decides < windowTo) {
            latency.recordValue(Math.min(now - since, LONGEST_NANOS));
          }
          if (now >= windowFrom && now < windowTo) {
            inWindow.incrementAndGet();
          }
        }
        // What follows begins before this one counts as done: so nothing under way is overlooked.
        afterwards.run();
        (committedNow ? committed : refused).incrementAndGet();
      });
    }

    Figures figures() throws TimeoutException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAINED_WITHIN_SECONDS);
      while (committed.get() + refused.get() < begun.get()) {
        if (System.nanoTime() > deadline) {
          throw new TimeoutException("messages have no outcome after "
              + DRAINED_WITHIN_SECONDS + " s: "
              + (begun.get() - committed.get() - refused.get()));
        }
        LockSupport.parkNanos(1_000_000);
      }
      return new Figures(
          inWindow.get() * 1e9 / window.toNanos(),
          latency.getValueAtPercentile(50),
          latency.getValueAtPercentile(99),
          committed.get(),
          refused.get());
    }
  }
}
