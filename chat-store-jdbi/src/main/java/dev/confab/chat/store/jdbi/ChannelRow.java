package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import java.util.Optional;

/**
 * A channel's row, as a transaction that holds it or a snapshot saw it.
 *
 * @param row the id of the row
 * @param floor the number of the last entry that retention removed; 0 if none was
 * @param floorId the id of that entry
 */
record ChannelRow(long row, ChannelName name, Head head, long floor, Optional<EntryId> floorId) {
  Cursor cursor() {
    return head.cursor();
  }
}
