package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.SendKey;
import org.jspecify.annotations.Nullable;

/**
 * An entry and the id of its channel's row.
 *
 * @param channel the id of the row
 */
record EntryRow(long channel, Entry entry) {
  String senderId() {
    return entry.from().map(sender -> sender.id().value()).orElse(HOST);
  }

  String senderName() {
    return entry.from().map(sender -> sender.name()).orElse("");
  }

  @Nullable
  String clientKey() {
    return entry.key().map(SendKey::value).orElse(null);
  }

  /** The data as it is recorded: a redaction has none, so that it can not be redacted itself. */
  @Nullable
  String data() {
    return entry.kind() == EntryKind.REDACTION ? null : entry.data().text();
  }

  /** What stands for the host where a user's id stands; no user id can be empty. */
  static final String HOST = "";
}
