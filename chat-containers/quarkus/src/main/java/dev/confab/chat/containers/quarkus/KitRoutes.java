package dev.confab.chat.containers.quarkus;

import dev.confab.chat.containers.kit.Kit;
import dev.confab.chat.containers.kit.Places;
import io.undertow.websockets.vertx.VertxServerWebSocketContainer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.websocket.ContainerProvider;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.Map;

/** Where the kit's endpoints are, and its page. */
@ApplicationScoped
public class KitRoutes {
  /** For Quarkus. */
  public KitRoutes() {}

  /** Takes the places of the kit's endpoints. */
  void open(@Observes Router router) {
    for (ServerEndpointConfig place : Places.all("/app")) {
      router.get(place.getPath()).handler(request -> upgrade(request, place));
    }
    router.get("/app/kit").handler(request -> {
      String state = "look".equals(request.request().query())
          ? "ready"
          : Kit.ask(
              System.getProperty("confab.container", "Quarkus"),
              request.request().localAddress().port());
      request.response().putHeader("Content-Type", "text/plain;charset=UTF-8").end(state);
    });
  }

  /** With user properties of its own for each request; an endpoint that Quarkus installs itself has one set of them for all. */
  private static void upgrade(RoutingContext request, ServerEndpointConfig endpoint) {
    ((VertxServerWebSocketContainer) ContainerProvider.getWebSocketContainer())
        .doUpgrade(request, endpoint, Map.of());
    if (!request.response().ended()) {
      // An origin that is not admitted, or not a WebSocket at all; nobody else answers.
      request.fail(403);
    }
  }
}
