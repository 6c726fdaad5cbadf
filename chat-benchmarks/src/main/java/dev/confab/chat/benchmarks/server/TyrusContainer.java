package dev.confab.chat.benchmarks.server;

import jakarta.websocket.server.ServerContainer;
import java.util.Optional;
import java.util.function.Consumer;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/** An embedded Tyrus on Grizzly. */
final class TyrusContainer implements Container {
  private final org.glassfish.tyrus.spi.ServerContainer container =
      ServerContainerFactory.createServerContainer();

  @Override
  public String name() {
    return "Tyrus "
        + Optional.ofNullable(TyrusServerContainer.class.getPackage().getImplementationVersion())
            .orElse("")
        + " on Grizzly";
  }

  @Override
  public int start(Consumer<ServerContainer> application) throws Exception {
    application.accept(container);
    container.start("/", 0);
    return ((TyrusServerContainer) container).getPort();
  }
}
