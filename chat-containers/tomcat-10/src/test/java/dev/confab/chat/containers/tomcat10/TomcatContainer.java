package dev.confab.chat.containers.tomcat10;

import dev.confab.chat.transport.jsr356.conformance.Container;
import dev.confab.chat.transport.jsr356.conformance.LoginFilter;
import jakarta.websocket.server.ServerContainer;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.util.ServerInfo;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.websocket.server.WsSci;

/** An embedded Tomcat. */
final class TomcatContainer implements Container {
  private final Tomcat tomcat = new Tomcat();

  @Override
  public String name() {
    return ServerInfo.getServerInfo().replace("Apache ", "").replace('/', ' ');
  }

  @Override
  public boolean hasServlets() {
    return true;
  }

  @Override
  public int start(Consumer<ServerContainer> application) throws Exception {
    tomcat.setBaseDir("target/tomcat");
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    Context context = tomcat.addContext(CONTEXT_PATH, null);
    // WebSocket requests are filtered in front of a servlet; without any there is nothing to
    // filter.
    Tomcat.addServlet(context, "default", "org.apache.catalina.servlets.DefaultServlet");
    context.addServletMappingDecoded("/", "default");
    FilterDef login = new FilterDef();
    login.setFilterName("login");
    login.setFilterClass(LoginFilter.class.getName());
    context.addFilterDef(login);
    FilterMap everywhere = new FilterMap();
    everywhere.setFilterName("login");
    everywhere.addURLPattern("/*");
    context.addFilterMapBefore(everywhere);
    context.addServletContainerInitializer(new WsSci(), Set.of());
    context.addServletContainerInitializer(
        (classes, servlets) -> application.accept(
            (ServerContainer) servlets.getAttribute(ServerContainer.class.getName())),
        Set.of());
    tomcat.start();
    return tomcat.getConnector().getLocalPort();
  }

  @Override
  public void close() {
    try {
      tomcat.stop();
      tomcat.destroy();
    } catch (LifecycleException failure) {
      throw new IllegalStateException(failure);
    }
  }
}
