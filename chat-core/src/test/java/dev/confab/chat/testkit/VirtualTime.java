package dev.confab.chat.testkit;

import dev.confab.chat.internal.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Time that stands still until a test moves it.
 *
 * <p><b>Threads.</b> Alarms run on the thread that moves time, in the order they are due, those of one instant in the order
 * they were set. Any thread may set or cancel an alarm or ask the time.
 */
public final class VirtualTime implements Time {
  /** Where the wall clock starts: a whole second, so that a test sees at once what was truncated. */
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private record Due(long nanos, long number) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      return nanos != other.nanos
          ? Long.compare(nanos, other.nanos)
          : Long.compare(number, other.number);
    }
  }

  /** What is set and has not run, by when it is due. Guarded by {@code this}. */
  private final TreeMap<Due, Runnable> alarms = new TreeMap<>();

  private long nanos;
  private long numbered;
  private Duration wallAhead = Duration.ZERO;

  @Override
  public synchronized Instant now() {
    return START.plusNanos(nanos).plus(wallAhead);
  }

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  @Override
  public synchronized Alarm after(Duration delay, Runnable task) {
    Due due = new Due(nanos + Math.max(0, delay.toNanos()), numbered++);
    alarms.put(due, task);
    return () -> {
      synchronized (this) {
        alarms.remove(due);
      }
    };
  }

  /** Lets the wall clock jump by this much, forward or back; the clock that never jumps stays where it is. */
  public synchronized void jump(Duration by) {
    wallAhead = wallAhead.plus(by);
  }

  /** Moves time on and runs each alarm at its own instant, also those that are set meanwhile. */
  public void advance(Duration by) {
    long end;
    synchronized (this) {
      end = nanos + by.toNanos();
    }
    while (true) {
      Runnable task;
      synchronized (this) {
        if (alarms.isEmpty() || alarms.firstKey().nanos() > end) {
          nanos = end;
          return;
        }
        nanos = Math.max(nanos, alarms.firstKey().nanos());
        task = alarms.pollFirstEntry().getValue();
      }
      // Outside the monitor: an alarm may do anything.
      task.run();
    }
  }

  /** How long until the next alarm; empty if none is set. */
  public synchronized Optional<Duration> untilNext() {
    return alarms.isEmpty()
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(Math.max(0, alarms.firstKey().nanos() - nanos)));
  }

  /** How many alarms are set and have neither run nor been cancelled. */
  public synchronized int alarms() {
    return alarms.size();
  }
}
