package dev.confab.chat.examples.journey;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Several visitors who do something at the same time, each on a thread of its own. */
final class Crowd implements AutoCloseable {
  private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
    Thread thread = new Thread(task, "crowd");
    thread.setDaemon(true);
    return thread;
  });

  <T> Future<T> begin(Callable<T> task) {
    return threads.submit(task);
  }

  /** What came of it; its failure is this thread's. */
  static <T> T end(Future<T> task) {
    try {
      return task.get(90, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("a task did not end in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  static <T> List<T> end(List<Future<T>> tasks) {
    List<T> all = new ArrayList<>();
    tasks.forEach(task -> all.add(end(task)));
    return all;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
