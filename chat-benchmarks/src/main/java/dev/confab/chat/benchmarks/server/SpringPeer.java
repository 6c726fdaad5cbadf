package dev.confab.chat.benchmarks.server;

import java.util.Set;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.util.ServerInfo;
import org.apache.tomcat.websocket.server.WsSci;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.SpringVersion;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.config.annotation.WebSocketMessageBrokerConfigurer;

/** Spring's STOMP over WebSockets with its broker in memory. */
final class SpringPeer {
  private SpringPeer() {}

  static String name() {
    return "Spring " + SpringVersion.getVersion() + " on "
        + ServerInfo.getServerInfo().replace("Apache ", "").replace('/', ' ');
  }

  /** Starts it and gives its port. */
  static int start() throws Exception {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(TomcatContainer.BASE);
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    Context context = tomcat.addContext("", null);
    context.addServletContainerInitializer(new WsSci(), Set.of());
    AnnotationConfigWebApplicationContext application = new AnnotationConfigWebApplicationContext();
    application.register(Broker.class);
    Tomcat.addServlet(context, "spring", new DispatcherServlet(application)).setLoadOnStartup(1);
    context.addServletMapping("/", "spring");
    tomcat.start();
    return tomcat.getConnector().getLocalPort();
  }

  /** As its guide shows it, but that messages stay in order: public for Spring's sake. */
  @Configuration
  @EnableWebSocketMessageBroker
  public static class Broker implements WebSocketMessageBrokerConfigurer {
    /** For Spring. */
    public Broker() {}

    @Override
    public void registerStompEndpoints(StompEndpointRegistry registry) {
      registry.addEndpoint(BenchmarkServer.PATH);
      registry.setPreserveReceiveOrder(true);
    }

    @Override
    public void configureMessageBroker(MessageBrokerRegistry registry) {
      registry.enableSimpleBroker("/topic");
      registry.setPreservePublishOrder(true);
    }
  }
}
