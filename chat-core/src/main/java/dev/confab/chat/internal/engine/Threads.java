package dev.confab.chat.internal.engine;

import dev.confab.chat.internal.time.Time;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/** What the stages run on. A simulation gives queues and a clock of its own. */
public interface Threads {
  /** Clock and alarms. */
  Time time();

  /** Wake, pull, encode and write; never foreign code. */
  Executor pumps();

  /** Calls the application. */
  Executor doors();

  /** The journal's main line: one task at a time. */
  Executor journal();

  /** The journal's held channels: two tasks at a time. */
  Executor waiting();

  /** Reads from the store. */
  Executor readers();

  /** Calls listeners: one task at a time. */
  Executor listeners();

  /**
   * Lets the caller's own thread, which is none of these, wait until something holds, for at most so long. Returns early
   * where that thread is interrupted.
   */
  void await(BooleanSupplier condition, Duration within);

  /** Ends them all: what waits is not run, what runs is given so long. */
  void close(Duration patience);
}
