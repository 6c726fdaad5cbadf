package dev.confab.chat.protocol;

/**
 * Entries that retention removed.
 *
 * @param from the first
 * @param to the last, included
 */
public record TrimmedRange(long from, long to) {
  /** Refuses a range without entries. */
  public TrimmedRange {
    if (from < 1 || to < from) {
      throw new IllegalArgumentException(
          "a trimmed range holds at least one entry, got " + from + " to " + to);
    }
  }
}
