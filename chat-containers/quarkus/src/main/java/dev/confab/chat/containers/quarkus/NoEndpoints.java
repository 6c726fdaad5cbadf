package dev.confab.chat.containers.quarkus;

import jakarta.websocket.Endpoint;
import jakarta.websocket.server.ServerApplicationConfig;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.Set;

/** There has to be one, or Quarkus leaves its WebSocket container out. */
public final class NoEndpoints implements ServerApplicationConfig {
  /** For Quarkus. */
  public NoEndpoints() {}

  @Override
  public Set<ServerEndpointConfig> getEndpointConfigs(Set<Class<? extends Endpoint>> found) {
    return Set.of();
  }

  @Override
  public Set<Class<?>> getAnnotatedEndpointClasses(Set<Class<?>> found) {
    return Set.of();
  }
}
