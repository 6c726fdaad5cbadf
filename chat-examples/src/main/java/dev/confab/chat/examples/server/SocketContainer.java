package dev.confab.chat.examples.server;

import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.Map;
import java.util.Set;
import org.glassfish.tyrus.core.TyrusWebSocketEngine;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.WebSocketEngine;

/** Tyrus without a server of its own, for one that serves pages, too. */
final class SocketContainer extends TyrusServerContainer {
  /** The paths of endpoints are those of the server. */
  static final String CONTEXT_PATH = "/";

  private final TyrusWebSocketEngine engine = TyrusWebSocketEngine.builder(this).build();

  SocketContainer() {
    super(Set.of());
  }

  @Override
  public void register(Class<?> endpoint) throws DeploymentException {
    engine.register(endpoint, CONTEXT_PATH);
  }

  @Override
  public void register(ServerEndpointConfig endpoint) throws DeploymentException {
    engine.register(endpoint, CONTEXT_PATH);
  }

  @Override
  public WebSocketEngine getWebSocketEngine() {
    return engine;
  }

  @Override
  public Map<String, Object> getProperties() {
    return Map.of();
  }
}
