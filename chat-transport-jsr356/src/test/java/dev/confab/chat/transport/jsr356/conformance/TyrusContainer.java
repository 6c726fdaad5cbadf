package dev.confab.chat.transport.jsr356.conformance;

import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;
import org.glassfish.tyrus.core.ExecutorServiceProvider;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/** Tyrus on Grizzly. */
public final class TyrusContainer implements Container {
  private final TyrusServerContainer container =
      (TyrusServerContainer) ServerContainerFactory.createServerContainer();
  private boolean started;

  /** How many timers it has under way or has not forgotten yet. */
  int timers() {
    return ((ScheduledThreadPoolExecutor)
            ((ExecutorServiceProvider) container).getScheduledExecutorService())
        .getQueue()
        .size();
  }

  @Override
  public String name() {
    Properties about = new Properties();
    try (InputStream file = TyrusServerContainer.class.getResourceAsStream(
        "/META-INF/maven/org.glassfish.tyrus/tyrus-server/pom.properties")) {
      about.load(Objects.requireNonNull(file));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return "Tyrus " + about.getProperty("version");
  }

  @Override
  public boolean hasServlets() {
    return false;
  }

  @Override
  public int start(Consumer<ServerContainer> application) throws Exception {
    application.accept(container);
    container.start(CONTEXT_PATH, 0);
    started = true;
    return container.getPort();
  }

  @Override
  public void close() {
    if (started) {
      started = false;
      container.stop();
    }
  }
}
