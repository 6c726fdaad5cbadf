package dev.confab.chat.benchmarks.server;

import io.undertow.Undertow;
import io.undertow.Version;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.websockets.jsr.WebSocketDeploymentInfo;
import jakarta.websocket.server.ServerContainer;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** An embedded Undertow. */
final class UndertowContainer implements Container {
  @Override
  public String name() {
    return "Undertow " + Version.getVersionString();
  }

  @Override
  public int start(Consumer<ServerContainer> application) throws Exception {
    WebSocketDeploymentInfo sockets = new WebSocketDeploymentInfo();
    // Takes no endpoint once the application has started.
    sockets.addListener(application::accept);
    DeploymentInfo info = Servlets.deployment()
        .setClassLoader(UndertowContainer.class.getClassLoader())
        .setContextPath("/")
        .setDeploymentName("chat")
        .addServletContextAttribute(WebSocketDeploymentInfo.ATTRIBUTE_NAME, sockets);
    DeploymentManager manager = Servlets.newContainer().addDeployment(info);
    manager.deploy();
    Undertow undertow = Undertow.builder()
        .addHttpListener(0, "127.0.0.1")
        .setHandler(manager.start())
        .build();
    undertow.start();
    return ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
  }
}
