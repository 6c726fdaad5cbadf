package dev.confab.chat.containers.tomcat11;

import dev.confab.chat.Chat;
import dev.confab.chat.transport.jsr356.conformance.ChatListener;
import java.util.Set;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/** A chat in a Tomcat that the application starts itself. */
final class EmbeddedTomcat {
  private EmbeddedTomcat() {}

  // docs:begin tomcat
  static AutoCloseable start(int port, Chat chat) throws LifecycleException {
    var tomcat = new Tomcat();
    tomcat.setBaseDir("target/tomcat");
    tomcat.setPort(port);
    tomcat.getConnector();
    var context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "default", "org.apache.catalina.servlets.DefaultServlet");
    context.addServletMapping("/", "default");
    context.addServletContainerInitializer(new WsSci(), Set.of());
    context.addServletContainerInitializer(
        (classes, servlets) -> servlets.addListener(new ChatListener(chat)), Set.of());
    tomcat.start();
    return () -> {
      tomcat.stop();
      tomcat.destroy();
    };
  }
  // docs:end tomcat
}
