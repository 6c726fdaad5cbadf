package dev.confab.chat.internal.outlet;

import dev.confab.chat.spi.Frame;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** What waits for one connection and may be dropped, oldest first. Guarded by its outlet. */
final class Signals {
  private record Signal(@Nullable Source source, Object channel, Frame frame) {}

  private final int bound;

  /** Null while there are none: most connections never wait for any. */
  private @Nullable Deque<Signal> waiting;

  private int bytes;

  Signals(int bound) {
    this.bound = bound;
  }

  boolean isEmpty() {
    return waiting == null;
  }

  /** Adds one; says how many of the same channel had to go for it. */
  int add(@Nullable Source source, Object channel, Frame frame) {
    Deque<Signal> line = waiting;
    if (line == null) {
      line = new ArrayDeque<>(4);
      waiting = line;
    }
    line.addLast(new Signal(source, channel, frame));
    bytes += frame.length();
    int dropped = 0;
    Iterator<Signal> each = line.iterator();
    while (bytes > bound && each.hasNext()) {
      Signal signal = each.next();
      if (signal.channel().equals(channel)) {
        each.remove();
        bytes -= signal.frame().length();
        dropped++;
      }
    }
    forgetEmpty(line);
    return dropped;
  }

  /** Drops those of a source. */
  void removeAllOf(Source source) {
    Deque<Signal> line = waiting;
    if (line == null) {
      return;
    }
    Iterator<Signal> each = line.iterator();
    while (each.hasNext()) {
      Signal signal = each.next();
      if (signal.source() == source) {
        each.remove();
        bytes -= signal.frame().length();
      }
    }
    forgetEmpty(line);
  }

  /** Moves as many into the turn as it takes. */
  void moveInto(Turn turn) {
    Deque<Signal> line = waiting;
    if (line == null) {
      return;
    }
    for (Signal next = line.peekFirst();
        next != null && turn.takes(next.frame().length());
        next = line.peekFirst()) {
      line.removeFirst();
      bytes -= next.frame().length();
      turn.add(next.frame());
    }
    forgetEmpty(line);
  }

  void clear() {
    waiting = null;
    bytes = 0;
  }

  private void forgetEmpty(Deque<Signal> line) {
    if (line.isEmpty()) {
      waiting = null;
    }
  }
}
