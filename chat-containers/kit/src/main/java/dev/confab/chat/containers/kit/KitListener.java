package dev.confab.chat.containers.kit;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;

/** Takes the places of the kit's endpoints while that is possible. */
@WebListener
public class KitListener implements ServletContextListener {
  /** For containers. */
  public KitListener() {}

  @Override
  public void contextInitialized(ServletContextEvent event) {
    var container =
        (ServerContainer) event.getServletContext().getAttribute(ServerContainer.class.getName());
    // The kit expects the application at /app, wherever the server has put it.
    String before = event.getServletContext().getContextPath().isEmpty() ? "/app" : "";
    try {
      for (ServerEndpointConfig place : Places.all(before)) {
        container.addEndpoint(place);
      }
    } catch (DeploymentException refused) {
      throw new IllegalStateException(refused);
    }
  }
}
