package dev.confab.chat.local;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Json;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.testkit.MessageStoreContract;
import java.util.Optional;
import java.util.Set;

/** The store in memory keeps the rules of every store. */
final class InMemoryMessageStoreTest extends MessageStoreContract {
  private static final int TOTAL_BYTES = 4 << 20;

  private final InMemoryMessageStore store =
      InMemoryMessageStore.builder().totalBytes(TOTAL_BYTES).build();

  /** There is no other transaction, no database that could go away, and no second store on one log. */
  @Override
  protected Set<Ability> abilities() {
    return Set.of(Ability.TRIM, Ability.POISON, Ability.SEE_CHANNELS);
  }

  @Override
  protected MessageStore open() {
    return store;
  }

  @Override
  protected void trim(ChannelName channel, long upTo) {
    store.trim(channel, upTo);
  }

  /** Too large for it. */
  @Override
  protected Draft poison(ChannelName channel) {
    return Draft.message(
        channel,
        new EntryId("tooLargeToRecord"),
        Optional.empty(),
        Optional.empty(),
        Json.string("x".repeat(TOTAL_BYTES / 2)));
  }

  @Override
  protected boolean exists(ChannelName channel) {
    return store.knows(channel);
  }
}
