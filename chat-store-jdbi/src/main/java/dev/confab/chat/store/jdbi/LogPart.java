package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.Entry;
import java.util.List;
import java.util.Optional;

/**
 * A channel and a stretch of its log, seen at one moment.
 *
 * @param channel empty if it does not exist
 * @param entries in the direction that was asked for
 */
record LogPart(Optional<ChannelRow> channel, List<Entry> entries) {
  /** Nothing, of a channel in which nothing was said. */
  static final LogPart NOTHING = new LogPart(Optional.empty(), List.of());

  /**
   * Which stretch.
   *
   * @param forward true for ascending from {@code first}, false for descending from it
   * @param first the number the stretch begins with, included
   * @param uncounted the number of an entry that is wanted beside the others and counts for neither limit; 0 if none
   * @param entries at most so many others
   * @param bytes at most so many bytes of data of others, but at least one entry
   */
  record Stretch(boolean forward, long first, long uncounted, int entries, int bytes) {
    /** The first, within what can be added to and subtracted from; no log has other numbers. */
    long computableFirst() {
      return Math.min(Math.max(first, 0), Long.MAX_VALUE >> 1);
    }

    /** How many rows to ask for at most. */
    long rows() {
      return (long) entries + (uncounted > 0 ? 1 : 0);
    }
  }
}
