package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Appended;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Outcome;
import dev.confab.chat.spi.MessageStore.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Short words for what the tests say and read. */
final class Said {
  static final Instant AT = Instant.parse("2026-03-01T12:00:00.123Z");
  static final UserRef ANN = new UserRef(UserId.of("ann"), "Ann");
  static final UserRef BOB = new UserRef(UserId.of("bob"), "Bob");

  private Said() {}

  static EntryId id() {
    return EntryId.random(RandomGenerator.getDefault());
  }

  static ChannelName room() {
    return ChannelName.of("room_" + id().value());
  }

  static Item item(ChannelName channel) {
    return Item.of(
        Draft.message(channel, id(), Optional.of(ANN), Optional.empty(), Json.string("hello")));
  }

  static Item keyed(ChannelName channel, String key) {
    return Item.of(Draft.message(
        channel, id(), Optional.of(ANN), Optional.of(SendKey.of(key)), Json.string("hello")));
  }

  static Item withCopy(ChannelName channel, UserRef sender, String key) {
    Draft draft = Draft.message(
        channel, id(), Optional.of(sender), Optional.of(SendKey.of(key)), Json.string("hello"));
    return new Item(draft, Optional.of(draft.copyFor(sender, BOB.id())));
  }

  /** What a database refuses that was told to. */
  static Draft poison(ChannelName channel) {
    return Draft.message(channel, id(), Optional.empty(), Optional.empty(), Json.string("poison"));
  }

  static Append append(Duration patience, Item... items) {
    return new Append(List.of(items), AT, patience, Map.of());
  }

  static Appended say(MessageStore store, Item... items) {
    return store.append(append(Duration.ofSeconds(10), items));
  }

  static Entry recorded(Appended appended, int item) {
    return ((Outcome.Recorded) appended.outcomes().get(item)).entry();
  }

  static List<Entry> all(MessageStore store, ChannelName channel) {
    return store.read(channel, new Position.AfterSeq(0), 10_000, 1 << 26).entries();
  }
}
