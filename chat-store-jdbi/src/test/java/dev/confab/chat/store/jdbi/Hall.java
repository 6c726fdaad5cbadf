package dev.confab.chat.store.jdbi;

import dev.confab.chat.Chat;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
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

/** A chat on a store, behind a real socket. */
final class Hall implements AutoCloseable {
  private final ServerContainer container = ServerContainerFactory.createServerContainer();
  private final Chat chat;
  private final ChatEndpoint endpoint;

  Hall(MessageStore store, Limits limits) {
    this.chat = Chat.builder()
        .authenticator(credentials -> {
          if (credentials instanceof Credentials.Password login) {
            return Identity.of(login.name(), login.name());
          }
          throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
        })
        .store(store)
        .limits(limits)
        .build();
    this.endpoint = ChatEndpoint.install(container, "/chat", chat.acceptor());
    try {
      container.start("/", 0);
    } catch (DeploymentException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Chat chat() {
    return chat;
  }

  Guest enter(String name) {
    return new Guest(
        URI.create("ws://127.0.0.1:" + ((TyrusServerContainer) container).getPort() + "/chat"),
        name);
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
