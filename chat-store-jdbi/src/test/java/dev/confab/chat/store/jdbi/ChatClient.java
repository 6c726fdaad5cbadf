package dev.confab.chat.store.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

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

/** Somebody at the other end of a real socket, logged in. Used by one thread. */
final class ChatClient implements AutoCloseable {
  /** Far beyond what anything here takes: who waits that long waits for something that does not come. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final RawWebSocket socket;
  private final Deque<JsonNode> events = new ArrayDeque<>();
  private Optional<JsonNode> reply = Optional.empty();
  private int nextId;

  ChatClient(URI uri, boolean v1) {
    socket = RawWebSocket.connect(uri, v1 ? List.of("chat.v1") : List.of(), Map.of());
    good("auth", "\"somebody\",\"secret\"");
  }

  /** Asks, and returns the reply, which may be an error; the events that come before it wait. */
  JsonNode ask(String op, String args) {
    String id = "ask-" + nextId++;
    socket.sendText("{\"op\":\"" + op + "\",\"args\":[" + args + "],\"id\":\"" + id + "\"}");
    reply = Optional.empty();
    while (reply.isEmpty()) {
      listen();
    }
    assertThat(reply.get().path("id").asText()).isEqualTo(id);
    return reply.get();
  }

  /** Asks, again while the database can not be used, and returns the data of the good reply. */
  JsonNode good(String op, String args) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      JsonNode answer = ask(op, args);
      if (answer.path("success").asBoolean()) {
        return answer.path("data");
      }
      if (!answer.path("code").asText().equals("store_unavailable")
          || System.nanoTime() > deadline) {
        throw new AssertionError(op + " " + args + " was answered " + answer);
      }
    }
  }

  /** Says something under a key; the data of the reply. */
  JsonNode say(String room, String text, String key) {
    return good("publish", "\"" + room + "\",\"" + text + "\",{\"key\":\"" + key + "\"}");
  }

  /** Follows from here on. */
  JsonNode follow(String room) {
    return good("subscribe", "\"" + room + "\"").path("channels").path(room);
  }

  /** Follows from this cursor on. */
  JsonNode resume(String room, String cursor) {
    return good("subscribe", "\"" + room + "\",{\"since\":{\"" + room + "\":\"" + cursor + "\"}}")
        .path("channels")
        .path(room);
  }

  /** The next event. */
  JsonNode event() {
    while (events.isEmpty()) {
      listen();
    }
    return events.removeFirst();
  }

  /** The next event if it is here already; what came before the last reply is. */
  Optional<JsonNode> eventHere() {
    return Optional.ofNullable(events.pollFirst());
  }

  /** The next event, which has to be a message; its cursor. */
  String message(long seq, String text) {
    JsonNode event = event();
    assertThat(event.path("event").asText()).as("%s", event).isEqualTo("subscribe");
    assertThat(event.path("seq").asLong()).as("%s", event).isEqualTo(seq);
    assertThat(event.path("data").asText()).as("%s", event).isEqualTo(text);
    return seq + "." + event.path("id").asText();
  }

  /** The next event, which has to say that the log went back to this head. */
  void reset(long head) {
    JsonNode event = event();
    assertThat(event.path("event").asText()).as("%s", event).isEqualTo("reset");
    assertThat(event.path("head").asLong()).as("%s", event).isEqualTo(head);
  }

  /** Reads to the end; the code of the close frame. */
  int closeCode() {
    while (true) {
      try {
        listen();
      } catch (EndedException ended) {
        return ended.code;
      }
    }
  }

  private void listen() {
    Received received = socket.read(PATIENCE);
    if (received instanceof Received.Text text) {
      for (String line : text.text().split("\n", -1)) {
        take(line);
      }
    } else if (received instanceof Received.Ping) {
      socket.sendPong();
    } else if (!(received instanceof Received.Pong)) {
      throw new EndedException(received);
    }
  }

  private void take(String line) {
    JsonNode node;
    try {
      node = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not JSON: " + line, e);
    }
    String event = node.path("event").asText();
    if (event.equals("ping")) {
      socket.sendText("{\"op\":\"pong\"}");
    } else if (node.has("op")) {
      reply = Optional.of(node);
    } else if (!event.equals("welcome")) {
      events.addLast(node);
    }
  }

  @Override
  public void close() {
    socket.close();
  }

  /** The connection ended while something else was awaited. */
  private static final class EndedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;

    EndedException(Received received) {
      super("the connection ended: " + received);
      code = received instanceof Received.Closed closed ? closed.code() : 1006;
    }
  }
}
