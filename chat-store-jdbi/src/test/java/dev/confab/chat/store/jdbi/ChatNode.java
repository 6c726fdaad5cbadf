package dev.confab.chat.store.jdbi;

import dev.confab.chat.Chat;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import jakarta.websocket.DeploymentException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/** A chat on a store behind a real socket, which lets everybody in. Knows of others like it only what the database says. */
final class ChatNode implements AutoCloseable {
  private final ServerContainer container = ServerContainerFactory.createServerContainer();
  private final Chat chat;
  private final ChatEndpoint endpoint;

  /** Asks the store where logs end once a period; after a day, it asks only when something else makes it. */
  ChatNode(MessageStore store, Duration watchPeriod) {
    chat = Chat.builder()
        .authenticator(credentials -> Identity.of("somebody", "somebody"))
        .store(store)
        .limits(
            Limits.builder().watchPeriod(watchPeriod).connectionsPerUser(1_000).build())
        .build();
    endpoint = ChatEndpoint.install(container, "/chat", chat.acceptor());
    try {
      container.start("/", 0);
    } catch (DeploymentException failure) {
      throw new IllegalStateException(failure);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  Chat chat() {
    return chat;
  }

  URI uri() {
    return URI.create("ws://127.0.0.1:" + ((TyrusServerContainer) container).getPort() + "/chat");
  }

  /** A client that can be told everything. */
  ChatClient v1() {
    return new ChatClient(uri(), true);
  }

  /** A client that can not be told that its log went back. */
  ChatClient plain() {
    return new ChatClient(uri(), false);
  }

  @Override
  public void close() {
    try {
      chat.close(Duration.ofSeconds(6));
    } finally {
      endpoint.close();
      container.stop();
    }
  }
}
