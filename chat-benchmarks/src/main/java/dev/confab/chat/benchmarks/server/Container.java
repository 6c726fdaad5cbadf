package dev.confab.chat.benchmarks.server;

import jakarta.websocket.server.ServerContainer;
import java.util.function.Consumer;

/** An embedded container with the settings it comes with. Used by one thread; ends with the process. */
interface Container {
  /** With its version. */
  String name();

  /**
   * Starts at a free port of this machine's loopback address.
   *
   * @param application installs what is measured
   * @return the port
   */
  int start(Consumer<ServerContainer> application) throws Exception;
}
