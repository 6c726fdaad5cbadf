package dev.confab.chat.examples.docs;

import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.testkit.MessageStoreContract;
import java.util.Set;

/** The store of the page keeps the rules of every store, as far as it can show them. */
// docs:begin store-test
final class MeteredStoreTest extends MessageStoreContract {
  private final MessageStore store = new MeteredStore(InMemoryMessageStore.create());

  /** A test that needs an ability that is not named here is skipped. */
  @Override
  protected Set<Ability> abilities() {
    return Set.of();
  }

  @Override
  protected MessageStore open() {
    return store;
  }
}
// docs:end store-test
