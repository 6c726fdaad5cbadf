package dev.confab.chat.internal.hub;

import dev.confab.chat.internal.dialect.ChatV1Dialect;
import dev.confab.chat.internal.dialect.PlainDialect;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Json;
import dev.confab.chat.spi.Dialect;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What tests of the hub say again and again: logs are strings of letters, an entry's id tells which log it is of. */
final class Logs {
  static final ChannelName ROOM = ChannelName.of("room_1");
  static final List<Dialect> DIALECTS = List.of(new PlainDialect(), new ChatV1Dialect());
  static final int PLAIN = 0;
  static final int CHAT_V1 = 1;

  private Logs() {}

  /** The id that the entry of this number has in the log of this name. */
  static EntryId id(char log, long seq) {
    return new EntryId(log + String.format("%015d", seq));
  }

  static Cursor at(char log, long seq) {
    return seq == 0 ? Cursor.START : Cursor.of(seq, id(log, seq));
  }

  static Head head(char log, long seq) {
    return new Head(at(log, seq), seq);
  }

  static Entry entry(char log, long seq) {
    return entry(log, seq, "\"" + log + seq + "\"");
  }

  static Entry entry(char log, long seq, String data) {
    return Entry.of(
        Draft.message(ROOM, id(log, seq), Optional.empty(), Optional.empty(), Json.parse(data)),
        seq,
        seq,
        Instant.EPOCH);
  }

  static Entry redaction(char log, long seq, long about) {
    return Entry.of(
        new Draft(
            ROOM,
            id(log, seq),
            EntryKind.REDACTION,
            Long.toString(about),
            Optional.empty(),
            Optional.empty(),
            Json.NULL),
        seq,
        seq - 1,
        Instant.EPOCH);
  }

  /** Both ends included. */
  static List<Entry> entries(char log, long from, long to) {
    List<Entry> entries = new ArrayList<>();
    for (long seq = from; seq <= to; seq++) {
      entries.add(entry(log, seq));
    }
    return entries;
  }
}
