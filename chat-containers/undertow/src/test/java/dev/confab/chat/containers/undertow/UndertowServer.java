package dev.confab.chat.containers.undertow;

import dev.confab.chat.containers.redeploy.Application;
import dev.confab.chat.containers.redeploy.ApplicationLoader;
import dev.confab.chat.containers.redeploy.ApplicationServer;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.handlers.PathHandler;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.ServletContainer;
import io.undertow.websockets.jsr.WebSocketDeploymentInfo;
import jakarta.servlet.ServletContextListener;
import java.net.InetSocketAddress;

/** An embedded Undertow that gives each application a class loader of its own. */
final class UndertowServer implements ApplicationServer {
  private final PathHandler applications = new PathHandler();
  private final ServletContainer container = Servlets.newContainer();
  private final Undertow server = Undertow.builder()
      .addHttpListener(0, "127.0.0.1")
      .setHandler(applications)
      // A timer that waited for the request keeps who took the connection over; 60 s by default.
      .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, 2_000)
      .build();

  @Override
  public int start() {
    server.start();
    return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
  }

  @Override
  public ClassLoader deploy(Application application) throws Exception {
    ClassLoader loader = new ApplicationLoader(application, UndertowServer.class.getClassLoader());
    DeploymentInfo deployment = Servlets.deployment()
        .setClassLoader(loader)
        .setContextPath(Application.PATH)
        .setDeploymentName("application")
        .addListener(Servlets.listener(
            loader.loadClass(application.listener()).asSubclass(ServletContextListener.class)))
        .addServletContextAttribute(
            WebSocketDeploymentInfo.ATTRIBUTE_NAME, new WebSocketDeploymentInfo());
    application.parameters().forEach(deployment::addInitParameter);
    DeploymentManager manager = container.addDeployment(deployment);
    manager.deploy();
    applications.addPrefixPath(Application.PATH, manager.start());
    return loader;
  }

  @Override
  public void undeploy() throws Exception {
    applications.removePrefixPath(Application.PATH);
    DeploymentManager manager = container.getDeployment("application");
    DeploymentInfo deployment = manager.getDeployment().getDeploymentInfo();
    manager.stop();
    manager.undeploy();
    container.removeDeployment(deployment);
  }

  @Override
  public void close() {
    server.stop();
  }
}
