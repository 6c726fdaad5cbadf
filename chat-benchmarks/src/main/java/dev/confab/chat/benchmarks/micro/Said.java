package dev.confab.chat.benchmarks.micro;

import dev.confab.chat.internal.dialect.ChatV1Dialect;
import dev.confab.chat.internal.dialect.PlainDialect;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.spi.Dialect;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** What is said in all of them: 128 bytes of text, by somebody, in one room. */
public final class Said {
  /** Where. */
  public static final ChannelName ROOM = ChannelName.of("room_1");

  /** What is spoken, in the order of the chat's own numbers of them. */
  public static final List<Dialect> DIALECTS = List.of(new PlainDialect(), new ChatV1Dialect());

  private static final UserRef AUTHOR = new UserRef(UserId.of("author"), "Author");
  private static final EntryId ID = EntryId.random(new Random(1));
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
  private static final Draft DRAFT = Draft.message(
      ROOM, ID, Optional.of(AUTHOR), Optional.empty(), Json.parse("\"" + "x".repeat(128) + "\""));

  private Said() {}

  /** The entry of this number. */
  public static Entry entry(long seq) {
    return Entry.of(DRAFT, seq, seq, AT);
  }

  /** The place behind the entry of this number; 0 is where the log begins. */
  public static Cursor at(long seq) {
    return seq == 0 ? Cursor.START : Cursor.of(seq, ID);
  }

  /** The number of a dialect by the name it has in a table. */
  public static int dialect(String name) {
    return name.equals("plain") ? 0 : 1;
  }
}
