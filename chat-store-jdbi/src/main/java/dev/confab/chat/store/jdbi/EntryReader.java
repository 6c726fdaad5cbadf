package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.spi.StoreException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes entries of rows, until a stretch is full. */
final class EntryReader {
  private final ChannelName channel;
  private final LogPart.Stretch stretch;
  private final List<Entry> entries = new ArrayList<>();
  private int counted;
  private long bytes;

  EntryReader(ChannelName channel, LogPart.Stretch stretch) {
    this.channel = channel;
    this.stretch = stretch;
  }

  /** Takes the row the result stands at; false if there was no place for it and the stretch is complete. */
  boolean take(ResultSet row) throws SQLException {
    Entry entry = read(channel, row);
    if (entry.seq() != stretch.uncounted()) {
      bytes += entry.data().bytes();
      if (counted == stretch.entries() || (counted > 0 && bytes > stretch.bytes())) {
        return false;
      }
      counted++;
    }
    entries.add(entry);
    return true;
  }

  List<Entry> entries() {
    return entries;
  }

  static Entry read(ChannelName channel, ResultSet row) throws SQLException {
    int kind = row.getInt("kind");
    String sender = row.getString("sender_id");
    String data = row.getString("data");
    return new Entry(
        channel,
        row.getLong("seq"),
        new EntryId(row.getString("id")),
        EntryKind.ofNumber(kind)
            .orElseThrow(() -> new StoreException("Channel " + channel + " holds an entry of kind "
                + kind + ", which this version does not know: a newer one wrote it. Use that.")),
        row.getLong("no"),
        row.getString("about"),
        sender.equals(EntryRow.HOST)
            ? Optional.empty()
            : Optional.of(new UserRef(new UserId(sender), row.getString("sender_name"))),
        Optional.ofNullable(row.getString("client_key")).map(SendKey::new),
        Instant.ofEpochMilli(row.getLong("at")),
        // No data is data that was taken away.
        data == null ? Json.NULL : Json.recorded(data));
  }
}
