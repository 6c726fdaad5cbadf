package dev.confab.chat.model;

/**
 * The newest place of a channel's log.
 *
 * @param cursor behind the newest entry; {@link Cursor#START} if there never was one
 * @param no how many messages the log has had
 */
public record Head(Cursor cursor, long no) {
  /** The head of a channel in which nothing was ever said. */
  public static final Head EMPTY = new Head(Cursor.START, 0);

  /** The number of the newest entry; 0 if there is none. */
  public long seq() {
    return cursor.seq();
  }
}
