package dev.confab.chat.examples.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.Received;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** A chat.v1 client that reads when it is asked to. For one thread. */
final class Guest implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final RawWebSocket socket;
  private final Deque<String> lines = new ArrayDeque<>();
  private Optional<Integer> closeCode = Optional.empty();
  private boolean over;

  private Guest(RawWebSocket socket) {
    this.socket = socket;
  }

  /** Connects and logs in with the password of the demo users. */
  static Guest enter(URI chat, String name) {
    Guest guest = new Guest(RawWebSocket.connect(chat, List.of("chat.v1"), Map.of()));
    guest.say("{\"op\":\"auth\",\"args\":[\"" + name + "\",\"123456\"],\"id\":\"login\"}");
    JsonNode reply = guest.reply("login");
    if (!reply.path("success").asBoolean()) {
      throw new AssertionError("login refused: " + reply);
    }
    return guest;
  }

  /** Sends a frame. */
  void say(String frame) {
    socket.sendText(frame);
  }

  /** Sends a message to a channel; its key is also the request's id. */
  void publish(String channel, String text, String key) {
    say("{\"op\":\"publish\",\"args\":[\"" + channel + "\",\"" + text + "\",{\"key\":\"" + key
        + "\"}],\"id\":\"" + key + "\"}");
  }

  /** The reply to the request of this id; what comes before is skipped. */
  JsonNode reply(String id) {
    return hear(line -> line.path("id").asText().equals(id) && line.has("op"))
        .orElseThrow(() -> new AssertionError("cut off before the reply to " + id));
  }

  /** The next message of a log. */
  Optional<JsonNode> message() {
    return hear(line -> line.path("event").asText().equals("subscribe"));
  }

  /** The next line that is such; empty if the connection ends before. */
  Optional<JsonNode> hear(Predicate<JsonNode> such) {
    while (true) {
      Optional<JsonNode> line = next();
      if (line.isEmpty() || such.test(line.get())) {
        return line;
      }
    }
  }

  private Optional<JsonNode> next() {
    while (lines.isEmpty() && !over) {
      Received received = socket.read(PATIENCE);
      if (received instanceof Received.Text text) {
        lines.addAll(List.of(text.text().split("\n")));
      } else if (received instanceof Received.Closed closed) {
        closeCode = Optional.of(closed.code());
        over = true;
      } else if (received instanceof Received.Broken) {
        over = true;
      }
    }
    try {
      return lines.isEmpty() ? Optional.empty() : Optional.of(JSON.readTree(lines.poll()));
    } catch (JsonProcessingException wrong) {
      throw new AssertionError(wrong);
    }
  }

  /** The code the server closed with; empty if it did not. */
  Optional<Integer> closeCode() {
    return closeCode;
  }

  @Override
  public void close() {
    socket.close();
  }
}
