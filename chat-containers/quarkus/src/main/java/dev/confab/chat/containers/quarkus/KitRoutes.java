package dev.confab.chat.containers.quarkus;

import dev.confab.chat.containers.kit.Kit;
import dev.confab.chat.containers.kit.Places;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.websocket.server.ServerEndpointConfig;

/** The kit's endpoints and its page, beside those of the club. */
@ApplicationScoped
public class KitRoutes {
  /** For Quarkus. */
  public KitRoutes() {}

  void open(@Observes Router router) {
    for (ServerEndpointConfig place : Places.all("/app")) {
      router.get(place.getPath()).handler(request -> Upgrade.toWebSocket(request, place));
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
}
