package dev.confab.chat.containers.undertow;

import dev.confab.chat.transport.jsr356.conformance.Container;
import dev.confab.chat.transport.jsr356.conformance.LoginFilter;
import io.undertow.Undertow;
import io.undertow.Version;
import io.undertow.server.handlers.PathHandler;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.websockets.jsr.WebSocketDeploymentInfo;
import jakarta.servlet.DispatcherType;
import jakarta.websocket.server.ServerContainer;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An embedded Undertow. */
final class UndertowContainer implements Container {
  private @Nullable DeploymentManager deployment;
  private Optional<Undertow> server = Optional.empty();

  @Override
  public String name() {
    return "Undertow " + Version.getVersionString();
  }

  @Override
  public boolean hasServlets() {
    return true;
  }

  @Override
  public int start(Consumer<ServerContainer> application) throws Exception {
    WebSocketDeploymentInfo sockets = new WebSocketDeploymentInfo();
    // Takes no endpoint once the application has started.
    sockets.addListener(application::accept);
    DeploymentInfo info = Servlets.deployment()
        .setClassLoader(UndertowContainer.class.getClassLoader())
        .setContextPath(CONTEXT_PATH)
        .setDeploymentName("chat")
        .addFilter(Servlets.filter("login", LoginFilter.class))
        .addFilterUrlMapping("login", "/*", DispatcherType.REQUEST)
        .addServletContextAttribute(WebSocketDeploymentInfo.ATTRIBUTE_NAME, sockets);
    DeploymentManager manager = Servlets.newContainer().addDeployment(info);
    deployment = manager;
    manager.deploy();
    Undertow undertow = Undertow.builder()
        .addHttpListener(0, "127.0.0.1")
        .setHandler(new PathHandler().addPrefixPath(CONTEXT_PATH, manager.start()))
        .build();
    server = Optional.of(undertow);
    undertow.start();
    return ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
  }

  @Override
  public void close() {
    DeploymentManager manager = deployment;
    if (manager != null) {
      deployment = null;
      try {
        manager.stop();
      } catch (jakarta.servlet.ServletException failure) {
        throw new IllegalStateException(failure);
      }
      manager.undeploy();
    }
    server.ifPresent(Undertow::stop);
    server = Optional.empty();
  }
}
