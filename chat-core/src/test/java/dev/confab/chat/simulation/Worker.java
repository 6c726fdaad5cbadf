package dev.confab.chat.simulation;

import dev.confab.chat.testkit.QueueExecutor;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** A pool of threads that do not exist: its tasks wait until the simulation runs them, at most so many inside each other. */
final class Worker implements Executor {
  private final QueueExecutor queue;
  private final int threads;
  private final boolean inOrder;
  private boolean forgets;
  private int running;
  private long asleepUntil;
  private boolean over;

  Worker(String name, int threads, boolean inOrder) {
    this.queue = new QueueExecutor(name);
    this.threads = threads;
    this.inOrder = inOrder;
  }

  @Override
  public void execute(Runnable task) {
    if (!forgets) {
      queue.execute(task);
    }
  }

  boolean canRun(long nanos) {
    return !over && running < threads && nanos >= asleepUntil && queue.waiting() > 0;
  }

  void run(RandomGenerator random) {
    running++;
    try {
      if (inOrder) {
        queue.runOne();
      } else {
        queue.runAny(random);
      }
    } finally {
      running--;
    }
  }

  int waiting() {
    return queue.waiting();
  }

  /** What waits is not run any more. */
  void end() {
    over = true;
  }

  void sleepUntil(long nanos) {
    asleepUntil = nanos;
  }

  /** Takes no more tasks: says so, or forgets them. */
  void shutdown(boolean quietly) {
    forgets = quietly;
    queue.shutdown();
  }

  @Override
  public String toString() {
    return queue.toString();
  }
}
