package dev.confab.chat.containers.war;

import dev.confab.chat.Chat;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import jakarta.websocket.Endpoint;
import jakarta.websocket.server.ServerApplicationConfig;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One more way to the members' chat, as a container installs it that is not asked to but asks itself. It does so before the
 * application has started, on an object of its own making; what that shares with the application has to be static.
 */
// docs:begin side-door
public final class SideDoor implements ServerApplicationConfig {
  private static final AtomicReference<@Nullable Chat> CHAT = new AtomicReference<>();

  private static final ChatEndpoint ENDPOINT =
      ChatEndpoint.create("/side-door", SideDoor::chat, EndpointOptions.defaults());

  /** For containers. */
  public SideDoor() {}

  /** It is open from now on. */
  static void leadsTo(Chat chat) {
    CHAT.set(chat);
  }

  static void close() {
    ENDPOINT.close();
  }

  private static Chat chat() {
    Chat chat = CHAT.get();
    if (chat == null) {
      throw new IllegalStateException("the club has not opened yet");
    }
    return chat;
  }

  @Override
  public Set<ServerEndpointConfig> getEndpointConfigs(Set<Class<? extends Endpoint>> found) {
    return Set.of(ENDPOINT.config());
  }

  @Override
  public Set<Class<?>> getAnnotatedEndpointClasses(Set<Class<?>> found) {
    return found;
  }
}
// docs:end side-door
