package dev.confab.chat.benchmarks.server;

import jakarta.websocket.server.ServerContainer;
import java.util.function.Consumer;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** An embedded Jetty. */
final class JettyContainer implements Container {
  private final Server server = new Server();

  @Override
  public String name() {
    return "Jetty " + Server.getVersion() + " (ee11)";
  }

  @Override
  public int start(Consumer<ServerContainer> application) throws Exception {
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler("/");
    server.setHandler(context);
    JakartaWebSocketServletContainerInitializer.configure(
        context, (servlets, container) -> application.accept(container));
    server.start();
    return connector.getLocalPort();
  }
}
