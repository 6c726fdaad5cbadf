package dev.confab.chat.internal.session;

import dev.confab.chat.spi.ChatListener;
import dev.confab.chat.spi.ChatListener.Happening;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;

/** Tells listeners what happened, one at a time, behind a bounded line. Any thread; its lock is a leaf. */
public final class Happenings {
  private static final System.Logger LOG = System.getLogger(Happenings.class.getName());

  private final List<ChatListener> listeners;
  private final Executor executor;
  private final int bound;
  private final LongAdder dropped = new LongAdder();

  // Both guarded by this.
  private final Deque<Happening> line = new ArrayDeque<>();
  private boolean telling;

  /**
   * Tells these listeners.
   *
   * @param executor runs at most one of our tasks at a time
   * @param bound how many happenings may wait
   */
  public Happenings(List<ChatListener> listeners, Executor executor, int bound) {
    this.listeners = List.copyOf(listeners);
    this.executor = executor;
    this.bound = bound;
  }

  /** Something happened. */
  public void tell(Happening happening) {
    if (listeners.isEmpty()) {
      return;
    }
    synchronized (this) {
      if (line.size() >= bound) {
        dropped.increment();
        return;
      }
      line.addLast(happening);
      if (telling) {
        return;
      }
      telling = true;
    }
    executor.execute(this::drain);
  }

  private void drain() {
    while (true) {
      Happening next;
      synchronized (this) {
        next = line.pollFirst();
        if (next == null) {
          telling = false;
          return;
        }
      }
      for (ChatListener listener : listeners) {
        try {
          listener.happened(next);
        } catch (RuntimeException | Error e) {
          LOG.log(System.Logger.Level.WARNING, "a listener failed and is told on", e);
        }
      }
    }
  }

  /** Happenings that no listener was told because too many waited. */
  public long dropped() {
    return dropped.sum();
  }
}
