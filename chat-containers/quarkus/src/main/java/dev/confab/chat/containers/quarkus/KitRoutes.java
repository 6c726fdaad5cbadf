package dev.confab.chat.containers.quarkus;

import dev.confab.chat.containers.kit.Kit;
import dev.confab.chat.containers.kit.Places;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.websocket.server.ServerEndpointConfig;

/** The kit's endpoints, before those of the club, and its page; where the kit is to be run. */
@ApplicationScoped
public class KitRoutes {
  private static final int BEFORE_OTHERS = -1;

  /** For Quarkus. */
  public KitRoutes() {}

  void open(@Observes Router router) {
    if (!System.getProperty("confab.application", "club").equals("kit")) {
      return;
    }
    for (ServerEndpointConfig place : Places.all("/app")) {
      router
          .get(place.getPath())
          .order(BEFORE_OTHERS)
          .handler(request -> Upgrade.toWebSocket(request, place));
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
