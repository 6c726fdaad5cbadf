package dev.confab.chat.containers.jettyee11;

import dev.confab.chat.containers.redeploy.Application;
import dev.confab.chat.containers.redeploy.ApplicationLoader;
import dev.confab.chat.containers.redeploy.ApplicationServer;
import org.eclipse.jetty.ee11.servlet.ListenerHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandlerCollection;

/** An embedded Jetty that gives each application a class loader of its own. */
final class JettyServer implements ApplicationServer {
  private final Server server = new Server();
  private final ContextHandlerCollection applications = new ContextHandlerCollection();

  @Override
  public int start() throws Exception {
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(applications);
    server.start();
    return connector.getLocalPort();
  }

  @Override
  public ClassLoader deploy(Application application) throws Exception {
    ClassLoader loader = new ApplicationLoader(application, JettyServer.class.getClassLoader());
    ServletContextHandler context =
        new ServletContextHandler(Application.PATH, ServletContextHandler.SESSIONS);
    context.setClassLoader(loader);
    application.parameters().forEach(context::setInitParameter);
    JakartaWebSocketServletContainerInitializer.configure(context, null);
    ListenerHolder listener = new ListenerHolder();
    listener.setClassName(application.listener());
    context.getServletHandler().addListener(listener);
    applications.addHandler(context);
    context.start();
    return loader;
  }

  @Override
  public void undeploy() throws Exception {
    for (Handler context : applications.getHandlers()) {
      context.stop();
      applications.removeHandler(context);
      context.destroy();
    }
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
