package dev.confab.chat.internal.outlet;

import dev.confab.chat.internal.outlet.Outlet.Barrier;
import dev.confab.chat.spi.Frame;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** The replies that wait for one connection, oldest first. Guarded by its outlet. */
final class Replies {
  /** A reply, and what has to be passed before it leaves. Compared by identity. */
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
  private @Nullable Runnable whenRoom;

  Replies(int bound) {
    this.bound = bound;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  boolean hasRoom() {
    return bytes <= bound;
  }

  /** The task is given back by {@link #remove} or {@link #clear}, once there is room. */
  void whenRoom(Runnable task) {
    whenRoom = task;
  }

  void add(Frame frame, @Nullable Barrier barrier, long nowNanos) {
    waiting.addLast(new Waiting(frame, barrier));
    bytes += frame.length();
    if (!hasRoom() && !full) {
      full = true;
      fullSince = nowNanos;
    }
  }

  @Nullable
  Waiting first() {
    return waiting.peekFirst();
  }

  /** Removes the first if it is this one; gives the task that waited for room, once half is free. */
  @Nullable
  Runnable remove(Waiting reply) {
    if (waiting.peekFirst() != reply) {
      return null;
    }
    waiting.removeFirst();
    bytes -= reply.frame.length();
    if (bytes > bound / 2) {
      return null;
    }
    full = false;
    return takeTask();
  }

  /** Removes all; gives the task that waited for room. */
  @Nullable
  Runnable clear() {
    waiting.clear();
    bytes = 0;
    full = false;
    return takeTask();
  }

  /** True if there has been no room for so long. */
  boolean fullFor(long nanos, long nowNanos) {
    return full && nowNanos - fullSince >= nanos;
  }

  private @Nullable Runnable takeTask() {
    Runnable task = whenRoom;
    whenRoom = null;
    return task;
  }
}
