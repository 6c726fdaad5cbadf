package dev.confab.chat.internal.outlet;

import dev.confab.chat.internal.outlet.Outlet.Barrier;
import dev.confab.chat.spi.Frame;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The replies that wait for one connection, oldest first, and what senders are to be shown of their own beside them. Guarded
 * by its outlet.
 */
final class Replies {
  /** A reply, and what has to be passed before it leaves, or, for who is answered first, behind it. Compared by identity. */
  static final class Waiting {
    final Frame frame;
    final @Nullable Barrier barrier;

    Waiting(Frame frame, @Nullable Barrier barrier) {
      this.frame = frame;
      this.barrier = barrier;
    }
  }

  private final int bound;
  private final Deque<Waiting> waiting = new ArrayDeque<>(4);
  private int bytes;
  private boolean full;
  private long fullSince;

  /** How many of those that wait have a barrier. */
  private int barriers;

  /** How far a source has to be pulled because what it shows there was acknowledged: one number a source. */
  private Map<Source, Long> owed = Map.of();

  private @Nullable Runnable waiter;
  private boolean waitsUntilShown;

  Replies(int bound) {
    this.bound = bound;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  boolean hasRoom() {
    return bytes <= bound;
  }

  /** True if what was acknowledged, or is about to be, was shown to who sent it, as far as it lay at hand. */
  boolean allShown() {
    return barriers == 0 && owed.isEmpty();
  }

  /** The task is given by {@link #released} once half is free. */
  void whenRoom(Runnable task) {
    waiter = task;
    waitsUntilShown = false;
  }

  /** The task is given by {@link #released} once {@link #allShown}. */
  void whenShown(Runnable task) {
    waiter = task;
    waitsUntilShown = true;
  }

  void add(Frame frame, @Nullable Barrier barrier, long nowNanos) {
    waiting.addLast(new Waiting(frame, barrier));
    bytes += frame.length();
    if (barrier != null) {
      barriers++;
    }
    if (!hasRoom() && !full) {
      full = true;
      fullSince = nowNanos;
    }
  }

  @Nullable
  Waiting first() {
    return waiting.peekFirst();
  }

  /** Removes the first; false if it is another one by now, because all were cleared. */
  boolean remove(Waiting reply) {
    if (waiting.peekFirst() != reply) {
      return false;
    }
    waiting.removeFirst();
    bytes -= reply.frame.length();
    full &= bytes > bound / 2;
    if (reply.barrier != null) {
      barriers--;
    }
    return true;
  }

  /** It left before what it acknowledges. */
  void owe(Barrier barrier) {
    if (owed.isEmpty()) {
      owed = new LinkedHashMap<>(4);
    }
    owed.merge(barrier.source(), barrier.seq(), Math::max);
  }

  /** Something that was acknowledged and is to be shown now. */
  @Nullable
  Barrier firstOwed() {
    if (owed.isEmpty()) {
      return null;
    }
    Map.Entry<Source, Long> next = owed.entrySet().iterator().next();
    return new Barrier(next.getKey(), next.getValue());
  }

  /** The source has passed what was owed, or is not pulled from any more. */
  void shown(Source source) {
    if (owed.isEmpty()) {
      return;
    }
    owed.remove(source);
    if (owed.isEmpty()) {
      // An idle connection keeps none.
      owed = Map.of();
    }
  }

  /** Removes all. */
  void clear() {
    waiting.clear();
    bytes = 0;
    full = false;
    barriers = 0;
    owed = Map.of();
  }

  /** The task that waited, if that is for nothing any more: given out once. */
  @Nullable
  Runnable released() {
    if (waitsUntilShown ? !allShown() : bytes > bound / 2) {
      return null;
    }
    Runnable task = waiter;
    waiter = null;
    return task;
  }

  /** True if there has been no room for so long. */
  boolean fullFor(long nanos, long nowNanos) {
    return full && nowNanos - fullSince >= nanos;
  }
}
