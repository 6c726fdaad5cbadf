package dev.confab.chat.containers.jettyee11;

import dev.confab.chat.Chat;
import dev.confab.chat.transport.jsr356.conformance.EmbeddingContract;

class EmbeddedJettyTest extends EmbeddingContract {
  @Override
  protected AutoCloseable start(int port, Chat chat) throws Exception {
    return EmbeddedJetty.start(port, chat);
  }
}
