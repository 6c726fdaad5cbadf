package dev.confab.chat.examples.docs;

import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import dev.confab.chat.testkit.MessageStoreContract;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** The store of the page keeps the rules of every store, as far as it can show them. */
// docs:begin store-test
final class MeteredStoreTest extends MessageStoreContract {
  @TempDir
  private Path folder;

  /** A test that needs an ability that is not named here is skipped. */
  @Override
  protected Set<Ability> abilities() {
    return Set.of(Ability.SEVERAL_INSTANCES);
  }

  @Override
  protected MessageStore open() {
    return new MeteredStore(JdbiMessageStore.sqlite(folder.resolve("chat.db")));
  }
}
// docs:end store-test
