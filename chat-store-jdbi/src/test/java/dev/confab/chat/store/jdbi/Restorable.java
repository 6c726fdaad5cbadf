package dev.confab.chat.store.jdbi;

import dev.confab.chat.spi.MessageStore;

/** A real database that can become again what it was, while stores are open on it. */
interface Restorable extends AutoCloseable {
  /** Opens a store as another node does; closed, it gives back all it took. */
  MessageStore store();

  /** Keeps a copy of what is there now under a name. */
  void keep(String copy);

  /** Makes the database what it was when this copy was made. Who is connected may lose the connection. */
  void restore(String copy);

  @Override
  void close();
}
