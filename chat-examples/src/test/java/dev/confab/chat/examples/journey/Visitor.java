package dev.confab.chat.examples.journey;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.Received;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Somebody at the other end of a real socket. Answers heartbeats unless told not to, and keeps what comes while it waits for
 * something else. Used by one thread.
 */
final class Visitor implements AutoCloseable {
  /** Far beyond what anything here takes: who waits that long waits for something that does not come. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final RawWebSocket socket;
  private final Deque<JsonNode> waiting = new ArrayDeque<>();
  private final List<String> heard = new ArrayList<>();
  private boolean answersHeartbeats = true;
  private boolean keepsAll;
  private int pings;
  private int nextId;

  private Visitor(RawWebSocket socket) {
    this.socket = socket;
  }

  /** A client that offers no subprotocol. */
  static Visitor plain(URI uri) {
    return new Visitor(RawWebSocket.connect(uri, List.of(), Map.of()));
  }

  /** A client that offers {@code chat.v1}; its welcome is the first it hears. */
  static Visitor v1(URI uri) {
    return new Visitor(RawWebSocket.connect(uri, List.of("chat.v1"), Map.of()));
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not JSON: " + text, e);
    }
  }

  /** What is sent as bytes. */
  RawWebSocket socket() {
    return socket;
  }

  /** From now on it leaves pings without answer. */
  Visitor ignoringHeartbeats() {
    answersHeartbeats = false;
    return this;
  }

  /** From now on it remembers the text of all it hears. */
  Visitor rememberingAll() {
    keepsAll = true;
    return this;
  }

  /** All texts since {@link #rememberingAll}. */
  List<String> heard() {
    return heard;
  }

  /** How many pings came so far, of either kind. */
  int pings() {
    return pings;
  }

  void say(String frame) {
    socket.sendText(frame);
  }

  /** Logs in as a user of {@link Users}; the reply has to be good. */
  Visitor login(String name) {
    good("auth", "\"" + name + "\",\"" + Users.PASSWORD + "\"");
    return this;
  }

  /** Asks and returns the reply, which may be an error. What else comes before it waits. */
  JsonNode ask(String op, String args) {
    String id = "ask-" + nextId++;
    say("{\"op\":\"" + op + "\",\"args\":[" + args + "],\"id\":\"" + id + "\"}");
    return await(node -> node.path("id").asText().equals(id) && node.has("op"));
  }

  /** Asks and returns the data of the reply, which has to be good. */
  JsonNode good(String op, String args) {
    JsonNode reply = ask(op, args);
    if (!reply.path("success").asBoolean()) {
      throw new AssertionError(op + " " + args + " was answered " + reply);
    }
    return reply.path("data");
  }

  /** Asks and returns the code of the reply, which has to be an error. */
  String refused(String op, String args) {
    JsonNode reply = ask(op, args);
    if (!reply.has("error")) {
      throw new AssertionError(op + " " + args + " was answered " + reply);
    }
    return reply.path("code").asText();
  }

  /** The next thing that came, heartbeats aside. */
  JsonNode next() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (waiting.isEmpty()) {
      listen(deadline);
    }
    return waiting.removeFirst();
  }

  /** The next thing that is so; what comes before it waits, in order. */
  JsonNode await(Predicate<JsonNode> wanted) {
    for (Iterator<JsonNode> each = waiting.iterator(); each.hasNext(); ) {
      JsonNode node = each.next();
      if (wanted.test(node)) {
        each.remove();
        return node;
      }
    }
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      int before = waiting.size();
      listen(deadline);
      // Only what has come now; what was there before was not it.
      Iterator<JsonNode> each = waiting.iterator();
      for (int number = 0; each.hasNext(); number++) {
        JsonNode node = each.next();
        if (number >= before && wanted.test(node)) {
          each.remove();
          return node;
        }
      }
    }
  }

  /** The next event of this name; what comes before it waits. */
  JsonNode event(String name) {
    return await(node -> node.path("event").asText().equals(name));
  }

  /** The next message, its data a text. */
  String text() {
    return event("subscribe").path("data").asText();
  }

  private void listen(long deadline) {
    Received received = socket.read(Duration.ofNanos(deadline - System.nanoTime()));
    if (received instanceof Received.Text text) {
      for (String line : text.text().split("\n", -1)) {
        take(line);
      }
    } else if (received instanceof Received.Ping) {
      pings++;
      if (answersHeartbeats) {
        socket.sendPong();
      }
    } else if (!(received instanceof Received.Pong)) {
      throw new ClosedException(received);
    }
  }

  private void take(String line) {
    if (keepsAll) {
      heard.add(line);
    }
    JsonNode node = json(line);
    if (node.path("event").asText().equals("ping")) {
      pings++;
      if (answersHeartbeats) {
        say("{\"op\":\"pong\"}");
      }
    } else {
      waiting.addLast(node);
    }
  }

  /** Listens to whatever comes next, heartbeats included. */
  void listen() {
    listen(System.nanoTime() + PATIENCE.toNanos());
  }

  /** Reads to the end, and returns the code of the close frame; 1006 if there was none. */
  int closeCode() {
    try {
      while (true) {
        listen();
      }
    } catch (ClosedException closed) {
      return closed.code;
    }
  }

  /** Breaks the connection without a word. */
  void cut() {
    socket.reset();
  }

  @Override
  public void close() {
    socket.close();
  }

  /** The connection ended while something else was awaited. */
  static final class ClosedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;

    ClosedException(Received received) {
      super("the connection ended: " + received);
      code = received instanceof Received.Closed closed ? closed.code() : 1006;
    }

    int code() {
      return code;
    }
  }
}
