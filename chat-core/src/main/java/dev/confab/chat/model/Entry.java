package dev.confab.chat.model;

import java.time.Instant;
import java.util.Optional;

/**
 * One line of a channel's log: committed and numbered.
 *
 * @param channel where it stands
 * @param seq its number in the channel: 1, 2, 3 … without gap, reuse or reorder
 * @param id its random id
 * @param kind what it is
 * @param no how many messages the log had with it, copies and other kinds not counted
 * @param about empty for a message, the recipient's id for a copy, the seq for a redaction
 * @param from who said it; absent for the host
 * @param key the sender's key, if any
 * @param at the committing server's clock, in whole milliseconds
 * @param data what was said
 */
public record Entry(
    ChannelName channel,
    long seq,
    EntryId id,
    EntryKind kind,
    long no,
    String about,
    Optional<UserRef> from,
    Optional<SendKey> key,
    Instant at,
    Json data) {
  /** Refuses numbers that no log gives out. */
  public Entry {
    if (seq < 1 || no < 0 || no > seq) {
      throw new InvalidNameException("an entry's seq begins at 1 and its no never passes it");
    }
  }

  /** The draft at its place. */
  public static Entry of(Draft draft, long seq, long no, Instant at) {
    return new Entry(
        draft.channel(),
        seq,
        draft.id(),
        draft.kind(),
        no,
        draft.about(),
        draft.from(),
        draft.key(),
        at,
        draft.data());
  }

  /** The place right behind this entry. */
  public Cursor cursor() {
    return Cursor.of(seq, id);
  }

  /** Roughly what it costs in memory, in bytes. */
  public long weight() {
    return 256L + data.bytes();
  }
}
