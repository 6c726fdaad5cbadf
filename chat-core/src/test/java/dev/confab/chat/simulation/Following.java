package dev.confab.chat.simulation;

import dev.confab.chat.model.Cursor;

/** What a client knows of one subscription on one connection. */
final class Following {
  /** The place behind what it was shown last, or where it began. */
  Cursor last;

  /** Up to where it was told that retention removed what came next; 0 if nothing was shown since it was told nothing. */
  long trimmedTo;

  /** Where {@code live} is to be said; negative if it is not, or was. */
  long liveAt;

  /** True if it began at the head and nothing was between. */
  final boolean fromHead;

  /** Whether it is told of presence. */
  boolean presence;

  Following(Cursor last, long liveAt, boolean fromHead, boolean presence) {
    this.last = last;
    this.liveAt = liveAt;
    this.fromHead = fromHead;
    this.presence = presence;
  }

  /** The number of the place it is at. */
  long seq() {
    return Math.max(last.seq(), trimmedTo);
  }

  /** True if it knows the entry it stands behind: not so behind what retention removed. */
  boolean isExact() {
    return trimmedTo == 0;
  }

  void moveTo(Cursor place) {
    last = place;
    trimmedTo = 0;
  }

  @Override
  public String toString() {
    return last + (isExact() ? "" : " trimmed to " + trimmedTo);
  }
}
