package dev.confab.chat.internal.intake;

import java.util.ArrayDeque;
import java.util.Deque;

/** Lets only so many in at once; who has to wait holds no thread. Any thread; its lock is a leaf. */
final class Gate {
  // Both guarded by this.
  private int free;
  private final Deque<Runnable> line = new ArrayDeque<>();

  Gate(int places) {
    this.free = places;
  }

  /**
   * True if the caller is in. Else the task runs once it is, on the thread of who leaves: it must hand over at once.
   */
  synchronized boolean enter(Runnable whenIn) {
    if (free > 0) {
      free--;
      return true;
    }
    line.addLast(whenIn);
    return false;
  }

  /** The caller is out, or was never in and gives its place on. */
  void leave() {
    Runnable next;
    synchronized (this) {
      next = line.pollFirst();
      if (next == null) {
        free++;
        return;
      }
    }
    next.run();
  }
}
