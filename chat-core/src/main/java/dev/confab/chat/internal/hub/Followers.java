package dev.confab.chat.internal.hub;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Who follows one channel, in slices: a join or leave touches one slice, and a pass through them gives way to other
 * channels after each.
 *
 * <p><b>Threads.</b> Any. Its lock is a leaf; a slice's members are read without it.
 */
final class Followers {
  /** How many followers a slice has at most. */
  static final int SLICE = 256;

  /** A part of the followers. */
  static final class Slice {
    /** Replaced, never changed, when somebody joins or leaves. */
    private volatile Follower[] members = new Follower[0];

    Follower[] members() {
      return members;
    }
  }

  // Both guarded by this.
  private final List<Slice> slices = new ArrayList<>(1);
  private final Deque<Slice> withRoom = new ArrayDeque<>(1);

  private final IntConsumer onChange;
  private volatile int count;

  /**
   * Nobody yet.
   *
   * @param onChange told how many more there are, so that all of them are counted without asking every channel; a leaf, too
   */
  Followers(IntConsumer onChange) {
    this.onChange = onChange;
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** The slices at this moment. */
  synchronized Slice[] slices() {
    return slices.toArray(new Slice[0]);
  }

  /** Adds one; gives the slice it is in. */
  synchronized Slice add(Follower follower) {
    Slice slice = withRoom.peekFirst();
    if (slice == null) {
      slice = new Slice();
      slices.add(slice);
      withRoom.addFirst(slice);
    }
    Follower[] old = slice.members;
    Follower[] members = new Follower[old.length + 1];
    System.arraycopy(old, 0, members, 0, old.length);
    members[old.length] = follower;
    slice.members = members;
    if (members.length == SLICE) {
      withRoom.removeFirst();
    }
    count++;
    onChange.accept(1);
    return slice;
  }

  /** Removes one from its slice. */
  synchronized void remove(Follower follower, Slice slice) {
    Follower[] old = slice.members;
    int at = 0;
    while (at < old.length && old[at] != follower) {
      at++;
    }
    if (at == old.length) {
      return;
    }
    Follower[] members = new Follower[old.length - 1];
    System.arraycopy(old, 0, members, 0, at);
    System.arraycopy(old, at + 1, members, at, old.length - at - 1);
    slice.members = members;
    count--;
    onChange.accept(-1);
    if (old.length == SLICE) {
      withRoom.addLast(slice);
    }
    if (members.length == 0) {
      slices.remove(slice);
      withRoom.remove(slice);
    }
  }
}
