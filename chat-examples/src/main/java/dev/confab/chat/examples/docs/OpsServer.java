package dev.confab.chat.examples.docs;

import dev.confab.chat.Chat;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import jakarta.websocket.server.ServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/** A chat with ops of the application's own, for whoever has a name: a program to start. */
// docs:begin ops-server
public final class OpsServer {
  private OpsServer() {}

  /** Adds the chat to a WebSocket container. */
  static Chat install(ServerContainer container) {
    Chat chat = OwnOps.addTo(Chat.builder())
        .authenticator(shown -> {
          if (shown instanceof Credentials.Password login) {
            return Identity.of(login.name(), login.name());
          }
          throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
        })
        .build();
    ChatEndpoint.install(container, "/chat", chat);
    return chat;
  }

  /** Starts it at ws://localhost:8080/chat. Ends when something is typed. */
  public static void main(String[] arguments) throws Exception {
    var server = ServerContainerFactory.createServerContainer();
    Chat chat = install(server);
    server.start("/", 8080);
    System.in.read();
    chat.close();
    server.stop();
  }
}
// docs:end ops-server
