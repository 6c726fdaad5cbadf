package dev.confab.chat.transport.jsr356.conformance;

import jakarta.websocket.server.ServerContainer;
import java.util.function.Consumer;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/** Tyrus on Grizzly. */
public final class TyrusContainer implements Container {
  private final TyrusServerContainer container =
      (TyrusServerContainer) ServerContainerFactory.createServerContainer();
  private boolean started;

  @Override
  public String name() {
    return "Tyrus " + TyrusServerContainer.class.getPackage().getImplementationVersion();
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
