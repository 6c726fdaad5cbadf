package dev.confab.chat.benchmarks;

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
import java.net.URI;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/** A chat behind a real socket at a free port: Tyrus on Grizzly, in this process. Everybody may log in. */
final class Venue implements AutoCloseable {
  private final Chat chat;
  private final ServerContainer container;
  private final ChatEndpoint endpoint;

  private Venue(Chat chat, ServerContainer container, ChatEndpoint endpoint) {
    this.chat = chat;
    this.container = container;
    this.endpoint = endpoint;
  }

  static Venue open(Chat chat) throws IOException {
    ServerContainer container = ServerContainerFactory.createServerContainer();
    ChatEndpoint endpoint = ChatEndpoint.install(container, "/chat", chat);
    try {
      container.start("/", 0);
    } catch (DeploymentException failure) {
      throw new IOException(failure);
    }
    return new Venue(chat, container, endpoint);
  }

  /** A chat with the limits it has by default, which closes the store when it is closed. */
  static Chat chat(MessageStore store) {
    return chat(store, Limits.defaults());
  }

  static Chat chat(MessageStore store, Limits limits) {
    return Chat.builder()
        .authenticator(credentials -> {
          if (credentials instanceof Credentials.Password login) {
            return Identity.of(login.name(), login.name());
          }
          throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
        })
        .store(store)
        .limits(limits)
        .build();
  }

  Chat chat() {
    return chat;
  }

  URI uri() {
    return URI.create("ws://127.0.0.1:" + ((TyrusServerContainer) container).getPort() + "/chat");
  }

  @Override
  public void close() {
    chat.close();
    endpoint.close();
    container.stop();
  }
}
