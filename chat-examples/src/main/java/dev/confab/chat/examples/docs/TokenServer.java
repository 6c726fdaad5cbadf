package dev.confab.chat.examples.docs;

import dev.confab.chat.Chat;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import jakarta.websocket.server.ServerContainer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/** A chat whose users show a token of the application's: a program to start. */
// docs:begin token-server
public final class TokenServer {
  // An application asks its own tables.
  private static final Map<String, OwnUsers.Account> ACCOUNTS = Map.of(
      "token-of-ann",
      new OwnUsers.Account("17", "Ann", Set.of("staff"), Instant.parse("2100-01-01T00:00:00Z")));

  private TokenServer() {}

  /** Adds the chat to a WebSocket container. */
  static Chat install(ServerContainer container) {
    Chat chat = Chat.builder()
        .authenticator(new OwnUsers(token -> Optional.ofNullable(ACCOUNTS.get(token))))
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
// docs:end token-server
