package dev.confab.chat.containers.war;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.util.ServerInfo;

/** The club in a Tomcat of this process. It has no CDI and no DataSource for the club. */
final class TomcatClub implements ClubServer {
  /** The application. */
  static final Path WAR = Path.of("target", "app.war").toAbsolutePath();

  private static final Path HOMES = Path.of("target", "tomcat").toAbsolutePath();

  private final Path war;
  private final Path home;
  private Tomcat tomcat = new Tomcat();

  /** With this WAR. */
  TomcatClub(Path war) {
    this.war = war;
    this.home = HOMES.resolve(war.getFileName().toString().replace(".war", ""));
  }

  @Override
  public String name() {
    return ServerInfo.getServerInfo().replace("Apache ", "").replace('/', ' ');
  }

  @Override
  public boolean keepsMessages() {
    return false;
  }

  @Override
  public boolean logsIn() {
    return true;
  }

  @Override
  public boolean hasBeans() {
    return false;
  }

  @Override
  public void start() throws Exception {
    tomcat = new Tomcat();
    tomcat.setBaseDir(home.toString());
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    tomcat.getConnector();
    tomcat.addUser("kim", "secret-kim");
    tomcat.addRole("kim", "staff");
    tomcat.addUser("ann", "another");
    try {
      Files.createDirectories(home.resolve("webapps"));
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
    tomcat.addWebapp("/app", war.toString());
    tomcat.start();
  }

  @Override
  public URI uri(String path) {
    return URI.create("ws://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/app" + path);
  }

  @Override
  public void stop() throws Exception {
    tomcat.stop();
    tomcat.destroy();
  }

  @Override
  public void close() {
    try {
      stop();
    } catch (LifecycleException alreadyStopped) {
      // As the interface says.
    } catch (Exception failure) {
      throw new IllegalStateException(failure);
    }
  }
}
