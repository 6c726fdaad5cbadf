package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Reads what statements give: whatever they look like in each dialect, their columns have the same names. */
final class Rows {
  private Rows() {}

  /** Reads one row of {@link SqlDialect#CHANNEL_COLUMNS}. */
  static ChannelRow channel(ResultSet row) throws SQLException {
    return new ChannelRow(
        row.getLong("channel_row"),
        new ChannelName(row.getString("channel_name")),
        head(row),
        row.getLong("floor"),
        Optional.ofNullable(row.getString("floor_id")).map(EntryId::new));
  }

  /** Reads the head out of one row of {@link SqlDialect#CHANNEL_COLUMNS}. */
  private static Head head(ResultSet row) throws SQLException {
    long seq = row.getLong("head");
    return seq == 0
        ? Head.EMPTY
        : new Head(Cursor.of(seq, new EntryId(row.getString("head_id"))), row.getLong("head_no"));
  }

  /** Channels, in the order they come in. */
  static Map<ChannelName, ChannelRow> channels(ResultSet rows) throws SQLException {
    Map<ChannelName, ChannelRow> channels = new LinkedHashMap<>();
    while (rows.next()) {
      ChannelRow channel = channel(rows);
      channels.put(channel.name(), channel);
    }
    return channels;
  }

  /** The heads of channels. */
  static Map<ChannelName, Head> heads(ResultSet rows) throws SQLException {
    Map<ChannelName, Head> heads = new HashMap<>();
    while (rows.next()) {
      heads.put(new ChannelName(rows.getString("channel_name")), head(rows));
    }
    return heads;
  }

  /** The names of channels, in the first column. */
  static Set<ChannelName> names(ResultSet rows) throws SQLException {
    Set<ChannelName> names = new HashSet<>();
    while (rows.next()) {
      names.add(new ChannelName(rows.getString(1)));
    }
    return names;
  }

  /** Where keys were recorded; may be changed. */
  static Map<KeyRow, KeyRow.Place> keys(ResultSet rows) throws SQLException {
    Map<KeyRow, KeyRow.Place> keys = new HashMap<>();
    while (rows.next()) {
      keys.put(
          new KeyRow(
              rows.getLong("channel_row"),
              rows.getString("sender_id"),
              rows.getString("client_key"),
              rows.getString("about")),
          place(rows));
    }
    return keys;
  }

  /** Where one key was recorded. */
  static KeyRow.Place place(ResultSet row) throws SQLException {
    return new KeyRow.Place(
        row.getLong("seq"),
        new EntryId(row.getString("id")),
        Instant.ofEpochMilli(row.getLong("at")));
  }

  /** Entries of these channels. */
  static List<EntryRow> entries(ResultSet rows, Collection<ChannelRow> channels)
      throws SQLException {
    Map<Long, ChannelName> names = new HashMap<>();
    channels.forEach(channel -> names.put(channel.row(), channel.name()));
    List<EntryRow> entries = new ArrayList<>();
    while (rows.next()) {
      long channel = rows.getLong("channel_id");
      entries.add(new EntryRow(
          channel, EntryReader.read(Objects.requireNonNull(names.get(channel)), rows)));
    }
    return entries;
  }

  /** A channel and a stretch of its log, in rows that have both. */
  static LogPart stretch(ResultSet rows, ChannelName name, LogPart.Stretch stretch)
      throws SQLException {
    if (!rows.next()) {
      return LogPart.NOTHING;
    }
    ChannelRow channel = channel(rows);
    EntryReader entries = new EntryReader(name, stretch);
    // A channel without entries there is one row in which they are null.
    if (rows.getString("id") != null) {
      while (entries.take(rows) && rows.next()) {
        // Until the stretch is full or has ended.
      }
    }
    return new LogPart(Optional.of(channel), entries.entries());
  }

  /** Tables and indexes in the first column, and, where a row is a column of theirs, that in the second. */
  static Set<String> structure(ResultSet rows) throws SQLException {
    Set<String> found = new HashSet<>();
    while (rows.next()) {
      String relation = rows.getString(1);
      String column = rows.getString(2);
      found.add(relation);
      if (column != null) {
        found.add(relation + "." + column);
      }
    }
    return found;
  }

  /** Settings of the database, names in the first column and values in the second. */
  static Map<String, String> settings(ResultSet rows) throws SQLException {
    Map<String, String> settings = new TreeMap<>();
    while (rows.next()) {
      settings.put(rows.getString(1), rows.getString(2));
    }
    return settings;
  }
}
