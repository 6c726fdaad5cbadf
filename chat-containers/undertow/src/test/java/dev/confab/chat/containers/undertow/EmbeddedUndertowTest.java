package dev.confab.chat.containers.undertow;

import dev.confab.chat.Chat;
import dev.confab.chat.transport.jsr356.conformance.EmbeddingContract;

class EmbeddedUndertowTest extends EmbeddingContract {
  @Override
  protected AutoCloseable start(int port, Chat chat) throws Exception {
    return EmbeddedUndertow.start(port, chat);
  }
}
