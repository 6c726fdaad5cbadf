package dev.confab.chat.internal.outlet;

import org.jspecify.annotations.Nullable;

/** Something an outlet pulls from when it can write: a position in a log, not a queue. */
public abstract class Source {
  /** True while it stands in the outlet's ready-list. Guarded by the outlet. */
  boolean ready;

  /** Who stands behind it there. Guarded by the outlet. */
  @Nullable
  Source behind;

  /** True once it is no longer pulled from. Guarded by the outlet. */
  boolean detached;

  /** For whoever implements one. */
  protected Source() {}

  /**
   * Adds what comes next. Called by the outlet's pump only, one call at a time.
   *
   * @param maxBytes about how much; one entry may be larger
   * @return true if there is more that could be added now
   */
  protected abstract boolean pull(Turn turn, int maxBytes);

  /**
   * Adds what comes next up to this number, as far as it lies at hand. Called as {@link #pull} is.
   *
   * @return true if nothing up to it is missing any more, or what is missing does not lie at hand
   */
  protected abstract boolean pullTo(long seq, Turn turn);

  /** Gives up what it holds in memory for a client that does not read; called on any thread. */
  protected abstract void shrink();
}
