package dev.confab.chat.store.jdbi;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.Received;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A client of {@code chat.v1} at the other end of a real socket, logged in. What comes is given to whoever listens, on a thread
 * of its own once {@link #listen} was called; sending is safe on one other thread.
 */
final class Guest implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Far beyond what anything here takes. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final RawWebSocket socket;
  private volatile boolean leaving;
  private volatile String end = "";

  Guest(URI uri, String name) {
    socket = RawWebSocket.connect(uri, List.of("chat.v1"), Map.of());
    say("{\"op\":\"auth\",\"args\":[\"" + name + "\",\"x\"],\"id\":\"auth\"}");
    while (!loggedIn()) {
      // What else comes first is the welcome.
    }
  }

  /** Reads one frame, which may hold the welcome, the reply, or both. */
  private boolean loggedIn() {
    Received received = socket.read(PATIENCE);
    if (!(received instanceof Received.Text text)) {
      throw new AssertionError("instead of a reply came " + received);
    }
    for (String line : text.text().split("\n", -1)) {
      JsonNode node = json(line);
      if (node.path("id").asText().equals("auth")) {
        if (!node.path("success").asBoolean()) {
          throw new AssertionError("auth was answered " + node);
        }
        return true;
      }
    }
    return false;
  }

  void say(String frame) {
    socket.sendText(frame);
  }

  /** How the connection ended without being asked to; empty while it has not. */
  String end() {
    return end;
  }

  /** Gives the listener each object that comes, in order, until it leaves. */
  void listen(Consumer<JsonNode> listener) {
    Thread thread = new Thread(
        () -> {
          try {
            while (true) {
              Received received = socket.read(PATIENCE);
              if (received instanceof Received.Text text) {
                for (String line : text.text().split("\n", -1)) {
                  take(json(line), listener);
                }
              } else if (received instanceof Received.Ping) {
                socket.sendPong();
              } else if (!(received instanceof Received.Pong)) {
                ended(received.toString());
                return;
              }
            }
          } catch (RuntimeException | AssertionError broken) {
            ended(broken.toString());
          }
        },
        "guest");
    thread.setDaemon(true);
    thread.start();
  }

  private void take(JsonNode node, Consumer<JsonNode> listener) {
    if (node.path("event").asText().equals("ping")) {
      say("{\"op\":\"pong\"}");
    } else {
      listener.accept(node);
    }
  }

  private void ended(String how) {
    if (!leaving) {
      end = how;
    }
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not JSON: " + text, e);
    }
  }

  @Override
  public void close() {
    leaving = true;
    socket.close();
  }
}
