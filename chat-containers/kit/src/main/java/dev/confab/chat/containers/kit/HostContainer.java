package dev.confab.chat.containers.kit;

import dev.confab.chat.transport.jsr356.conformance.Container;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** The server the kit runs in. It is not started and stopped for a test; endpoints take their {@link Places}. */
final class HostContainer implements Container {
  /**
   * What is known of the server.
   *
   * @param name its name and version
   * @param servlets whether it runs servlets
   * @param port where it is
   * @param container its WebSocket container; absent if it never shows it
   */
  record Host(String name, boolean servlets, int port, Optional<ServerContainer> container) {}

  static final AtomicReference<Host> HOST = new AtomicReference<>();

  @Override
  public String name() {
    return HOST.get().name();
  }

  @Override
  public boolean hasServlets() {
    return HOST.get().servlets();
  }

  @Override
  public boolean stops() {
    return false;
  }

  @Override
  public int start(Consumer<ServerContainer> application) {
    application.accept((ServerContainer) Proxy.newProxyInstance(
        HostContainer.class.getClassLoader(),
        new Class<?>[] {ServerContainer.class},
        (self, method, arguments) -> {
          if (method.getName().equals("addEndpoint")
              && arguments[0] instanceof ServerEndpointConfig endpoint) {
            Places.put(endpoint);
            return null;
          }
          Optional<ServerContainer> real = HOST.get().container();
          if (real.isEmpty()) {
            return method.getReturnType() == long.class ? 0L : null;
          }
          try {
            return method.invoke(real.get(), arguments);
          } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
          }
        }));
    return HOST.get().port();
  }

  @Override
  public void close() {
    Places.clear();
  }
}
