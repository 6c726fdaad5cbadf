package dev.confab.chat.benchmarks.server;

import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Consumer;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/** An embedded Tyrus on Grizzly. */
final class TyrusContainer implements Container {
  private final org.glassfish.tyrus.spi.ServerContainer container =
      ServerContainerFactory.createServerContainer();

  @Override
  public String name() {
    Properties about = new Properties();
    try (InputStream file = TyrusServerContainer.class.getResourceAsStream(
        "/META-INF/maven/org.glassfish.tyrus/tyrus-server/pom.properties")) {
      about.load(Objects.requireNonNull(file));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return "Tyrus " + about.getProperty("version") + " on Grizzly";
  }

  @Override
  public int start(Consumer<ServerContainer> application) throws Exception {
    application.accept(container);
    container.start("/", 0);
    return ((TyrusServerContainer) container).getPort();
  }
}
