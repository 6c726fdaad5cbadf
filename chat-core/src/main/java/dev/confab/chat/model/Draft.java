package dev.confab.chat.model;

import java.util.Optional;

/**
 * An entry that is not recorded yet: it has no place in the log and no time.
 *
 * @param channel where it will stand
 * @param id its id, made before it is recorded so that an unknown outcome can be looked up
 * @param kind what it is
 * @param about empty for a message, the recipient's id for a copy, the seq for a redaction
 * @param from who says it; absent for the host
 * @param key what makes it repeatable, if the sender gave one
 * @param data what is said
 */
public record Draft(
    ChannelName channel,
    EntryId id,
    EntryKind kind,
    String about,
    Optional<UserRef> from,
    Optional<SendKey> key,
    Json data) {
  /** Refuses an {@code about} that does not fit the kind. */
  public Draft {
    if ((kind == EntryKind.MESSAGE) != about.isEmpty()) {
      throw new InvalidNameException("about is empty for a message and only for a message");
    }
  }

  /** A message. */
  public static Draft message(
      ChannelName channel, EntryId id, Optional<UserRef> from, Optional<SendKey> key, Json data) {
    return new Draft(channel, id, EntryKind.MESSAGE, "", from, key, data);
  }

  /** The copy of this message for its sender's own channel; it bears the message's id and key. */
  public Draft copyFor(UserRef sender, UserId recipient) {
    return new Draft(
        ChannelName.user(sender.id()),
        id,
        EntryKind.COPY,
        recipient.value(),
        Optional.of(sender),
        key,
        data);
  }

  /** The same with other data. */
  public Draft withData(Json newData) {
    return new Draft(channel, id, kind, about, from, key, newData);
  }

  /** Roughly what it costs in memory and on the way to the store, in bytes. */
  public long weight() {
    return 256L + 2L * channel.value().length() + data.bytes();
  }
}
