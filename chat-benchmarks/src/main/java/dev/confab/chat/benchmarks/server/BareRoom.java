package dev.confab.chat.benchmarks.server;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A room as whoever needs nothing but speed writes it: messages are numbered and kept until members have them, nothing else.
 * Its events have the bytes that Confab's have.
 *
 * <p><b>Threads.</b> Any. The lock is a leaf: nobody is told anything while it is held.
 */
final class BareRoom {
  /** Who falls this far behind is thrown out: there is no log to read it from. */
  private static final int KEPT = 8_192;

  /** Rooms up to this size are served by whoever publishes: handing them over would cost more than it brings. */
  private static final int SMALL = 16;

  private final String name;
  private final Executor passes;
  private final List<BareMember> members = new CopyOnWriteArrayList<>();

  /** How often somebody wanted a pass since the last one began. At most one pass runs. */
  private final AtomicInteger wanted = new AtomicInteger();

  /** The event of each of the newest numbers. Guarded by {@code this}, as all that follows. */
  private final String[] newest = new String[KEPT];

  private long head;

  /** The text that was joined last: all who were at the same place are given the same. */
  private String joined = "";

  private long joinedFrom;
  private long joinedTo;

  /**
   * An empty room.
   *
   * @param passes one thread, so that what is published while it is at work waits together
   */
  BareRoom(String name, Executor passes) {
    this.name = name;
    this.passes = passes;
  }

  /** Lets somebody in, who is told what comes from now on. */
  void join(BareMember member) {
    synchronized (this) {
      member.enter(this, head);
    }
    members.add(member);
  }

  void leave(BareMember member) {
    members.remove(member);
  }

  /** Numbers a message and gives the reply to its sender. Call {@link #pass} afterwards. */
  synchronized String record(String from, String data) {
    long seq = ++head;
    // As long as one of Confab's, and as unpredictable as nobody here needs it.
    String id = Long.toString(0x4000_0000_0000_0000L + seq * 0x9E37_79B9L, 16);
    long at = System.currentTimeMillis();
    newest[(int) (seq % KEPT)] = "{\"event\":\"subscribe\",\"channel\":\"" + name + "\",\"seq\":"
        + seq + ",\"id\":\"" + id + "\",\"from\":{\"id\":\"" + from + "\",\"name\":\"" + from
        + "\"},\"at\":" + at + ",\"data\":" + data + "}";
    return "{\"op\":\"publish\",\"success\":true,\"data\":{\"seq\":" + seq + ",\"cursor\":\"" + seq
        + "." + id + "\",\"id\":\"" + id + "\",\"at\":" + at + "}}";
  }

  /** Wakes all members; what is recorded meanwhile is one more pass. */
  void pass() {
    if (wanted.getAndIncrement() > 0) {
      return;
    }
    if (members.size() <= SMALL) {
      wakeAll();
    } else {
      passes.execute(this::wakeAll);
    }
  }

  private void wakeAll() {
    int seen = wanted.get();
    do {
      for (BareMember member : members) {
        member.wake();
      }
      seen = wanted.addAndGet(-seen);
    } while (seen > 0);
  }

  /** What comes after this place, as one text; empty if nothing does. */
  synchronized Optional<Part> after(long position) {
    if (position == head) {
      return Optional.empty();
    }
    requireKept(position);
    if (position != joinedFrom || head != joinedTo) {
      StringBuilder text = new StringBuilder();
      for (long seq = position + 1; seq <= head; seq++) {
        if (seq > position + 1) {
          text.append('\n');
        }
        text.append(newest[(int) (seq % KEPT)]);
      }
      joined = text.toString();
      joinedFrom = position;
      joinedTo = head;
    }
    return Optional.of(new Part(joined, head));
  }

  /** The one event that comes next after this place; empty if none does. */
  synchronized Optional<Part> next(long position) {
    if (position == head) {
      return Optional.empty();
    }
    requireKept(position);
    return Optional.of(new Part(newest[(int) ((position + 1) % KEPT)], position + 1));
  }

  private void requireKept(long position) {
    if (head - position > KEPT) {
      throw new IllegalStateException("too slow");
    }
  }

  /**
   * What a member is told at once.
   *
   * @param to the number of the last event in it
   */
  record Part(String text, long to) {}
}
