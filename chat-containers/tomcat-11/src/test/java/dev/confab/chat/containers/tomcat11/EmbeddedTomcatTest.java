package dev.confab.chat.containers.tomcat11;

import dev.confab.chat.Chat;
import dev.confab.chat.transport.jsr356.conformance.EmbeddingContract;

class EmbeddedTomcatTest extends EmbeddingContract {
  @Override
  protected AutoCloseable start(int port, Chat chat) throws Exception {
    return EmbeddedTomcat.start(port, chat);
  }
}
