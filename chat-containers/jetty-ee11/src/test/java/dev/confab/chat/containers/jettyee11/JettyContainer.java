package dev.confab.chat.containers.jettyee11;

import dev.confab.chat.transport.jsr356.conformance.Container;
import dev.confab.chat.transport.jsr356.conformance.LoginFilter;
import jakarta.servlet.DispatcherType;
import jakarta.websocket.server.ServerContainer;
import java.util.EnumSet;
import java.util.function.Consumer;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.FilterMapping;
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
  public boolean hasServlets() {
    return true;
  }

  @Override
  public int start(Consumer<ServerContainer> application) throws Exception {
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context =
        new ServletContextHandler(CONTEXT_PATH, ServletContextHandler.SESSIONS);
    server.setHandler(context);
    JakartaWebSocketServletContainerInitializer.configure(context, (servlets, container) -> {
      application.accept(container);
      putInFront(context, new FilterHolder(LoginFilter.class));
    });
    server.start();
    return connector.getLocalPort();
  }

  /** In front of Jetty's own filter, which opens WebSockets. */
  private static void putInFront(ServletContextHandler context, FilterHolder filter) {
    FilterMapping everywhere = new FilterMapping();
    everywhere.setFilterName(filter.getName());
    everywhere.setPathSpec("/*");
    everywhere.setDispatcherTypes(EnumSet.of(DispatcherType.REQUEST));
    context.getServletHandler().addFilter(filter);
    context.getServletHandler().prependFilterMapping(everywhere);
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception failure) {
      throw new IllegalStateException(failure);
    }
  }
}
