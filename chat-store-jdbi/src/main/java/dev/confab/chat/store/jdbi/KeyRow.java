package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.Draft;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.SendKey;
import java.time.Instant;

/**
 * What is recorded once.
 *
 * @param channel the id of the channel's row
 */
record KeyRow(long channel, String senderId, String key, String about) {
  static KeyRow of(long channel, Draft draft, SendKey key) {
    return new KeyRow(
        channel,
        draft.from().map(sender -> sender.id().value()).orElse(EntryRow.HOST),
        key.value(),
        draft.about());
  }

  /** Where and when a key was recorded. */
  record Place(long seq, EntryId id, Instant at) {}
}
