package dev.confab.chat.spi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import java.io.Serial;
import java.util.Map;

/** A commit was asked for and its answer did not come: it may have happened. */
public final class OutcomeUnknownException extends StoreException {
  @Serial
  private static final long serialVersionUID = 1L;

  private final transient Map<ChannelName, Cursor> seen;

  /**
   * Says what failed.
   *
   * @param seen the heads of the channels written to, as this attempt had seen them under its locks
   */
  public OutcomeUnknownException(String message, Throwable cause, Map<ChannelName, Cursor> seen) {
    super(message, cause);
    this.seen = Map.copyOf(seen);
  }

  /** The heads of the channels written to, as the attempt had seen them; goes into {@link MessageStore.Append#seen()}. */
  public Map<ChannelName, Cursor> seen() {
    return seen;
  }
}
