package dev.confab.chat.containers.undertow;

import dev.confab.chat.Chat;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import io.undertow.Undertow;
import io.undertow.servlet.Servlets;
import io.undertow.websockets.jsr.WebSocketDeploymentInfo;
import jakarta.servlet.ServletException;
import java.time.Duration;
import java.util.ArrayList;

/** A chat in an Undertow that the application starts itself. */
final class EmbeddedUndertow {
  private EmbeddedUndertow() {}

  // docs:begin undertow
  static AutoCloseable start(int port, Chat chat) throws ServletException {
    var endpoints = new ArrayList<ChatEndpoint>();
    var sockets = new WebSocketDeploymentInfo();
    // Undertow takes no endpoint once the application has started; this is the last moment.
    sockets.addListener(container -> endpoints.add(ChatEndpoint.install(container, "/chat", chat)));
    var deployment = Servlets.newContainer()
        .addDeployment(Servlets.deployment()
            .setClassLoader(EmbeddedUndertow.class.getClassLoader())
            .setContextPath("/")
            .setDeploymentName("chat")
            .addServletContextAttribute(WebSocketDeploymentInfo.ATTRIBUTE_NAME, sockets));
    deployment.deploy();
    var server = Undertow.builder()
        .addHttpListener(port, "localhost")
        .setHandler(deployment.start())
        .build();
    server.start();
    return () -> {
      chat.close(Duration.ofSeconds(10));
      endpoints.forEach(ChatEndpoint::close);
      deployment.stop();
      server.stop();
    };
  }
  // docs:end undertow
}
