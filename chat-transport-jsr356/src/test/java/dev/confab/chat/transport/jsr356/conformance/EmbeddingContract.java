package dev.confab.chat.transport.jsr356.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.Chat;
import dev.confab.chat.model.Identity;
import dev.confab.chat.testkit.RawWebSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The program that the documentation shows for a container: somebody logs in, and nothing is left when it is stopped. */
public abstract class EmbeddingContract {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Starts the program at this port, with the chat at {@code /chat}; what it returns stops it. */
  protected abstract AutoCloseable start(int port, Chat chat) throws Exception;

  @Test
  void program_of_the_documentation_takes_a_login_and_stops() throws Exception {
    int port = freePort();
    Chat chat =
        Chat.builder().authenticator(credentials -> Identity.of("ann", "ann")).build();
    try (AutoCloseable running = start(port, chat);
        RawWebSocket socket = RawWebSocket.connect(
            URI.create("ws://127.0.0.1:" + port + "/chat"), List.of("chat.v1"), Map.of())) {
      assertThat(running).isNotNull();
      Guest ann = new Guest(socket);
      ann.await("\"event\":\"welcome\"", PATIENCE);
      ann.login("ann", PATIENCE).subscribe("room_101", PATIENCE);
    }
    ContainerContract.expectNoThreads();
  }

  /** Somebody else might take it before the program does, which is not likely. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
