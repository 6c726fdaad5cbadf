package dev.confab.chat.examples.docs;

import dev.confab.chat.Chat;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import jakarta.websocket.server.ServerContainer;
import java.nio.file.Path;
import java.util.Map;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/** A chat in twenty lines: the application's users, a file for the messages, a socket. */
public final class Embedding {
  private Embedding() {}

  /** Adds a chat to a WebSocket container. */
  // docs:begin embedding
  static Chat install(ServerContainer container, Path file, Map<String, String> passwords) {
    Chat chat = Chat.builder()
        .authenticator(shown -> {
          if (shown instanceof Credentials.Password login
              && login.password().equals(passwords.get(login.name()))) {
            return Identity.of(login.name(), login.name());
          }
          throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
        })
        .store(JdbiMessageStore.sqlite(file))
        .build();
    ChatEndpoint.install(container, "/chat", chat);
    return chat;
  }
  // docs:end embedding

  /** Starts Tyrus with it: ws://localhost:8080/chat. Ends when something is typed. */
  public static void main(String[] arguments) throws Exception {
    // docs:begin tyrus
    var server = ServerContainerFactory.createServerContainer();
    Chat chat = install(server, Path.of("chat.db"), Map.of("ann", "secret", "tom", "secret"));
    server.start("/", 8080);
    chat.publish(ChannelName.of("room_101"), "Hello, the server is up.");
    // docs:end tyrus
    System.in.read();
    chat.close();
    server.stop();
  }
}
