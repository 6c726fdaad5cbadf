package dev.confab.chat.transport.jsr356.conformance;

import jakarta.websocket.server.ServerContainer;
import java.util.function.Consumer;

/** A Jakarta WebSocket container in this process, at a free port of the loopback address. It runs one application, once. */
public interface Container extends AutoCloseable {
  /** Where the application is. */
  String CONTEXT_PATH = "/app";

  /** Its name and version, for instance {@code Tomcat 11.0.25}. */
  String name();

  /** Whether it runs servlets, and so a {@link LoginFilter} in front of the application. */
  boolean hasServlets();

  /** Whether a test can stop it; not if the tests run inside of it. */
  default boolean stops() {
    return true;
  }

  /**
   * Starts, with the application's endpoints.
   *
   * @param application adds them at the moment this kind of container expects it
   * @return the port
   * @throws Exception if it could not start
   */
  int start(Consumer<ServerContainer> application) throws Exception;

  /** Stops, also if it could not start or never was. */
  @Override
  void close();
}
