package dev.confab.chat.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;

/**
 * An executor without threads: a task waits until the test runs it, so a test decides what happens in which order.
 *
 * <p><b>Threads.</b> Any may give tasks; they run on the thread that calls {@code run…}.
 */
public final class QueueExecutor implements Executor {
  private final String name;

  /** Oldest first. Guarded by {@code this}. */
  private final List<Runnable> tasks = new ArrayList<>();

  private boolean shut;

  /** An executor that its name tells from others in messages. */
  public QueueExecutor(String name) {
    this.name = name;
  }

  @Override
  public synchronized void execute(Runnable task) {
    if (shut) {
      throw new RejectedExecutionException(name + " takes no more tasks");
    }
    tasks.add(task);
  }

  /** How many tasks wait. */
  public synchronized int waiting() {
    return tasks.size();
  }

  /** Runs the oldest task; false if there is none. */
  public boolean runOne() {
    return run(0);
  }

  /** Runs any one of the tasks, as a pool of many threads might; false if there is none. */
  public boolean runAny(RandomGenerator random) {
    int size = waiting();
    return size > 0 && run(random.nextInt(size));
  }

  /** Runs tasks, also those that are given meanwhile, until there are none; says how many ran. */
  public int runAll() {
    int ran = 0;
    while (runOne()) {
      if (++ran > 1_000_000) {
        throw new AssertionError(name + " never comes to an end");
      }
    }
    return ran;
  }

  /** Runs the tasks of all these executors until none has one. */
  public static void runAll(QueueExecutor... executors) {
    boolean ran = true;
    while (ran) {
      ran = false;
      for (QueueExecutor executor : executors) {
        ran |= executor.runAll() > 0;
      }
    }
  }

  /** Takes no more tasks; those that wait can still be run. */
  public synchronized void shutdown() {
    shut = true;
  }

  @Override
  public synchronized String toString() {
    return name + " with " + tasks.size() + " tasks";
  }

  private boolean run(int index) {
    Runnable task;
    synchronized (this) {
      if (index >= tasks.size()) {
        return false;
      }
      task = tasks.remove(index);
    }
    task.run();
    return true;
  }
}
