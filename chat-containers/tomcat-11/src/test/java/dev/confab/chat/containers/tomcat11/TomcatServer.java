package dev.confab.chat.containers.tomcat11;

import dev.confab.chat.containers.redeploy.Application;
import dev.confab.chat.containers.redeploy.ApplicationServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.WebResourceSet;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.webresources.DirResourceSet;
import org.apache.catalina.webresources.FileResourceSet;
import org.apache.catalina.webresources.StandardRoot;
import org.apache.tomcat.websocket.server.WsSci;

/** An embedded Tomcat that gives each application a class loader of its own, as it does for a WAR. */
final class TomcatServer implements ApplicationServer {
  private final Tomcat tomcat = new Tomcat();

  @Override
  public int start() throws Exception {
    tomcat.setBaseDir("target/tomcat");
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    tomcat.start();
    return tomcat.getConnector().getLocalPort();
  }

  @Override
  public ClassLoader deploy(Application application) {
    StandardContext context = new StandardContext();
    context.setName(Application.PATH);
    context.setPath(Application.PATH);
    context.addLifecycleListener(new Tomcat.FixContextListener());
    StandardRoot resources = new StandardRoot(context);
    application.parts().forEach(part -> resources.addPreResources(inWar(part, resources)));
    context.setResources(resources);
    // Would need a package of the JDK opened, and there is no RMI here.
    context.setClearReferencesRmiTargets(false);
    Tomcat.addServlet(context, "default", "org.apache.catalina.servlets.DefaultServlet");
    context.addServletMapping("/", "default");
    application.parameters().forEach(context::addParameter);
    context.addServletContainerInitializer(new WsSci(), Set.of());
    context.addApplicationListener(application.listener());
    tomcat.getHost().addChild(context);
    if (!context.getState().isAvailable()) {
      throw new IllegalStateException("the application does not start");
    }
    return context.getLoader().getClassLoader();
  }

  /** Where a part would be in a WAR. */
  private static WebResourceSet inWar(Path part, StandardRoot resources) {
    return Files.isDirectory(part)
        ? new DirResourceSet(resources, "/WEB-INF/classes", part.toString(), "/")
        : new FileResourceSet(
            resources, "/WEB-INF/lib/" + part.getFileName(), part.toString(), "/");
  }

  @Override
  public void undeploy() {
    tomcat.getHost().removeChild(tomcat.getHost().findChild(Application.PATH));
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
