package dev.confab.chat.simulation;

/** What a client knows of one subscription on one connection. */
final class Following {
  /** The number it was shown last, or began behind. */
  long last;

  /** Where {@code live} is to be said; negative if it is not, or was. */
  long liveAt;

  /** True if it began at the head and nothing was between. */
  final boolean fromHead;

  /** Whether it is told of presence. */
  boolean presence;

  Following(long last, long liveAt, boolean fromHead, boolean presence) {
    this.last = last;
    this.liveAt = liveAt;
    this.fromHead = fromHead;
    this.presence = presence;
  }
}
