package dev.confab.chat.benchmarks.server;

import com.corundumstudio.socketio.Configuration;
import com.corundumstudio.socketio.SocketIOServer;
import com.corundumstudio.socketio.Transport;
import java.util.Optional;

/** netty-socketio with the settings it comes with, WebSockets only. */
final class SocketioPeer {
  private SocketioPeer() {}

  static String name() {
    return "netty-socketio "
        + Optional.ofNullable(SocketIOServer.class.getPackage().getImplementationVersion())
            .orElse("2");
  }

  /** Starts it at this port. */
  static void start(int port) {
    Configuration configuration = new Configuration();
    configuration.setHostname("127.0.0.1");
    configuration.setPort(port);
    configuration.setTransports(Transport.WEBSOCKET);
    SocketIOServer server = new SocketIOServer(configuration);
    server.addEventListener("join", String.class, (client, room, answer) -> {
      client.joinRoom(room);
      client.sendEvent("joined", room);
    });
    server.addEventListener(
        "message",
        String.class,
        (client, data, answer) -> server.getRoomOperations("room").sendEvent("message", data));
    server.start();
  }
}
