package dev.confab.chat.internal.hub;

/** A position in one channel's log that is told when the log has moved. */
interface Follower {
  /**
   * The log has moved.
   *
   * @param suspect true if it may have gone backwards, so that the position has to be looked up
   */
  void wake(boolean suspect);

  /** True while it is behind what lies in memory. */
  boolean behind();
}
