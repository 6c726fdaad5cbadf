package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Json;
import dev.confab.chat.spi.MessageStore.Appended;
import dev.confab.chat.spi.MessageStore.Outcome;
import dev.confab.chat.spi.StoreUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Takes the data of one entry away and says so in the log. */
record Redaction(
    SqlDialect dialect, ChannelName channel, long seq, EntryId id, Instant at, Duration patience) {
  /**
   * Prepares it.
   *
   * @param seen the head an attempt before this one had seen, if one was left without answer
   */
  Transactions.Prepared<Optional<Appended>> prepare(Connection connection, Optional<Cursor> seen)
      throws SQLException {
    Locked locked = dialect.lock(connection, Set.of(channel), patience, Optional.empty());
    if (!locked.held().isEmpty()) {
      throw new StoreUnavailableException(
          "Another transaction holds channel " + channel + "; nothing was recorded");
    }
    ChannelRow row = locked.rows().get(channel);
    if (row == null) {
      return new Transactions.Prepared<>(Optional.empty(), Map.of());
    }
    if (seen.isPresent()) {
      List<EntryRow> found = dialect.behind(connection, Map.of(row, seen.get()), Set.of(id));
      if (!found.isEmpty()) {
        return new Transactions.Prepared<>(
            Optional.of(appended(found.get(0).entry(), seen.get())), Map.of());
      }
    }
    if (!dataTaken(connection, row)) {
      return new Transactions.Prepared<>(Optional.empty(), Map.of());
    }
    Draft draft = new Draft(
        channel,
        id,
        EntryKind.REDACTION,
        Long.toString(seq),
        Optional.empty(),
        Optional.empty(),
        Json.NULL);
    Entry entry = Entry.of(draft, row.head().seq() + 1, row.head().no(), at);
    ChannelRow moved = new ChannelRow(
        row.row(), channel, new Head(entry.cursor(), entry.no()), row.floor(), row.floorId());
    dialect.write(connection, List.of(new EntryRow(row.row(), entry)), List.of(moved));
    return new Transactions.Prepared<>(
        Optional.of(appended(entry, row.cursor())), Map.of(channel, row.cursor()));
  }

  private boolean dataTaken(Connection connection, ChannelRow row) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement("update chat_entry set data = null"
        + " where channel_id = ? and seq = ? and data is not null")) {
      update.setLong(1, row.row());
      update.setLong(2, seq);
      return update.executeUpdate() == 1;
    }
  }

  private Appended appended(Entry entry, Cursor previous) {
    return new Appended(
        List.of(new Outcome.Recorded(entry, Optional.empty())), Map.of(channel, previous));
  }
}
