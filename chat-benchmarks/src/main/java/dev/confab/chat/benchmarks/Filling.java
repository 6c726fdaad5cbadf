package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.DatabaseServer.Database;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Appended;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Outcome;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Puts messages into a database before anything is measured. Used by one thread. */
final class Filling implements AutoCloseable {
  private static final int BATCH = 500;
  private static final Optional<UserRef> AUTHOR =
      Optional.of(new UserRef(UserId.of("author"), "author"));

  private final MessageStore store;
  private final List<Item> items = new ArrayList<>();

  Filling(Database database) {
    store = database.store();
  }

  /** Adds a message soon, by {@link #close} at the latest. */
  void add(ChannelName room, Json data) {
    items.add(item(room, data));
    if (items.size() == BATCH) {
      flush();
    }
  }

  /** Adds a message now and says where it is. */
  Cursor first(ChannelName room, Json data) {
    items.add(item(room, data));
    return ((Outcome.Recorded) flush().outcomes().get(0)).entry().cursor();
  }

  private static Item item(ChannelName room, Json data) {
    EntryId id = EntryId.random(ThreadLocalRandom.current());
    return Item.of(Draft.message(room, id, AUTHOR, Optional.empty(), data));
  }

  private Appended flush() {
    Appended appended =
        store.append(Append.of(items, Instant.now().truncatedTo(ChronoUnit.MILLIS)));
    items.clear();
    return appended;
  }

  @Override
  public void close() {
    if (!items.isEmpty()) {
      flush();
    }
    store.close();
  }
}
