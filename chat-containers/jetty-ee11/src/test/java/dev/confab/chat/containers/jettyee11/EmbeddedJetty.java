package dev.confab.chat.containers.jettyee11;

import dev.confab.chat.Chat;
import dev.confab.chat.transport.jsr356.conformance.ChatListener;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Server;

/** A chat in a Jetty that the application starts itself. */
final class EmbeddedJetty {
  private EmbeddedJetty() {}

  // docs:begin jetty
  static AutoCloseable start(int port, Chat chat) throws Exception {
    var server = new Server(port);
    var context = new ServletContextHandler("/");
    server.setHandler(context);
    JakartaWebSocketServletContainerInitializer.configure(context, null);
    context.addEventListener(new ChatListener(chat));
    server.start();
    return server::stop;
  }
  // docs:end jetty
}
