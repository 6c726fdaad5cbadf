package dev.confab.chat.benchmarks.server;

import jakarta.websocket.server.ServerContainer;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.util.ServerInfo;
import org.apache.tomcat.websocket.server.WsSci;

/** An embedded Tomcat. */
final class TomcatContainer implements Container {
  /** More than any scenario connects; the default is 8,192. */
  private static final String CONNECTIONS = "20000";

  /** Where it makes folders that it does not use. */
  static final String BASE = "target/tomcat";

  private final Tomcat tomcat = new Tomcat();

  @Override
  public String name() {
    return ServerInfo.getServerInfo().replace("Apache ", "").replace('/', ' ');
  }

  @Override
  public int start(Consumer<ServerContainer> application) throws Exception {
    tomcat.setBaseDir(BASE);
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("maxConnections", CONNECTIONS);
    Context context = tomcat.addContext("", null);
    // WebSocket requests are filtered in front of a servlet; without any there is nothing to
    // filter.
    Tomcat.addServlet(context, "default", "org.apache.catalina.servlets.DefaultServlet");
    context.addServletMapping("/", "default");
    context.addServletContainerInitializer(new WsSci(), Set.of());
    context.addServletContainerInitializer(
        (classes, servlets) -> application.accept(
            (ServerContainer) servlets.getAttribute(ServerContainer.class.getName())),
        Set.of());
    tomcat.start();
    return tomcat.getConnector().getLocalPort();
  }
}
