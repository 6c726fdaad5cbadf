package dev.confab.chat.model;

import java.time.Instant;

/**
 * The log's word that a message is committed, and where.
 *
 * @param channel where it stands
 * @param seq its number there
 * @param id its id
 * @param at when it was committed
 * @param duplicate true if this is the place of an earlier message with the same key, and nothing was recorded now
 */
public record Receipt(ChannelName channel, long seq, EntryId id, Instant at, boolean duplicate) {
  /** The place right behind the message. */
  public Cursor cursor() {
    return Cursor.of(seq, id);
  }
}
