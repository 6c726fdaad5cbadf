package dev.confab.chat.internal.time;

import java.time.Duration;
import java.time.Instant;

/** What time it is, and a way to be called later. Any thread may call any method. */
public interface Time {
  /** The wall clock; may jump. */
  Instant now();

  /** A clock that never jumps, in nanoseconds from an arbitrary start. */
  long nanos();

  /** Runs the task once after the delay. It runs on the alarm's one thread and so must hand over at once. */
  Alarm after(Duration delay, Runnable task);

  /** A task that has not run yet. */
  @FunctionalInterface
  interface Alarm {
    /** Lets it not run, unless it is running or has run. */
    void cancel();
  }
}
