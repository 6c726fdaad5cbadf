package dev.confab.chat.containers.quarkus;

import io.undertow.websockets.vertx.VertxServerWebSocketContainer;
import io.vertx.ext.web.RoutingContext;
import jakarta.websocket.ContainerProvider;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.Map;

/**
 * Has a request of a route answered by an endpoint, with user properties of its own: an endpoint that Quarkus installs itself has
 * one set of them for all requests.
 */
final class Upgrade {
  private Upgrade() {}

  // docs:begin quarkus-upgrade
  static void toWebSocket(RoutingContext request, ServerEndpointConfig endpoint) {
    var container = (VertxServerWebSocketContainer) ContainerProvider.getWebSocketContainer();
    container.doUpgrade(request, endpoint, Map.of());
    if (!request.response().ended()) {
      // An origin that is not admitted, or no WebSocket at all; nobody else answers.
      request.fail(403);
    }
  }
  // docs:end quarkus-upgrade
}
