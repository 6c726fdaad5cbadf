package dev.confab.chat.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.Received;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Plays frames line by line against a chat, as they stand in the fixtures:
 *
 * <pre>
 * tom connects /workerman         a client of this name, at this path, perhaps with a subprotocol behind it
 * tom → {"type":"pong"}           it sends
 * tom ← {"type":"ping"}           the next it is told is exactly this
 * tom ⇐ {"type":"say"}            the same, and there may be more fields
 * tom ← closed 4401               the next is a close frame with this code
 * host → room_1 {"a":1}           the host says this there
 * </pre>
 *
 * {@code <id>} in what is expected stands for any text the first time and for the same one afterwards, also in what is sent;
 * {@code <*>} for any. Pings are passed over unless one is expected.
 */
final class Script implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern HOLE = Pattern.compile("<([a-z]+|\\*)>");
  private static final Pattern LINE = Pattern.compile("(\\S+) (connects|closes|→|←|⇐)(?: (.*))?");

  private final Stage stage;
  private final Map<String, RawWebSocket> clients = new LinkedHashMap<>();
  private final Map<String, String> holes = new TreeMap<>();

  /** Of clients whose frames have a line for each text: what came together with what was looked at. */
  private final Map<String, Deque<String>> lines = new LinkedHashMap<>();

  Script(Stage stage) {
    this.stage = stage;
  }

  Script play(String lines) {
    lines.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(this::line);
    return this;
  }

  /** What this hole was filled with. */
  String hole(String name) {
    return holes.get(name);
  }

  /** Fills a hole with this. */
  void fill(String name, String text) {
    holes.put(name, text);
  }

  RawWebSocket client(String name) {
    return clients.get(name);
  }

  /** The next text this client is told, whatever it is, but for a ping. */
  String next(String name) {
    Received received;
    do {
      received = read(name);
    } while (isPing(received));
    assertThat(received).isInstanceOf(Received.Text.class);
    return ((Received.Text) received).text();
  }

  private Received read(String name) {
    Deque<String> waiting = lines.get(name);
    if (waiting == null) {
      return clients.get(name).read(PATIENCE);
    }
    if (waiting.isEmpty()) {
      Received received = clients.get(name).read(PATIENCE);
      if (!(received instanceof Received.Text text)) {
        return received;
      }
      waiting.addAll(text.text().lines().toList());
    }
    return new Received.Text(waiting.removeFirst());
  }

  private void line(String line) {
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      throw new IllegalArgumentException("not a line of a script: " + line);
    }
    String who = parts.group(1);
    String rest = parts.group(3) == null ? "" : parts.group(3);
    switch (parts.group(2)) {
      case "connects" -> {
        String[] words = filled(rest).split(" ", -1);
        if (words.length == 2) {
          lines.put(who, new ArrayDeque<>());
        }
        clients.put(
            who, words.length == 1 ? stage.connect(words[0]) : stage.connect(words[0], words[1]));
      }
      case "closes" -> clients.remove(who).close();
      case "→" -> {
        if (who.equals("host")) {
          String[] words = filled(rest).split(" ", 2);
          stage.publish(words[0], words[1]);
        } else {
          clients.get(who).sendText(filled(rest));
        }
      }
      case "←" -> expect(line, who, rest, true);
      default -> expect(line, who, rest, false);
    }
  }

  private String filled(String text) {
    Matcher hole = HOLE.matcher(text);
    StringBuilder out = new StringBuilder();
    while (hole.find()) {
      String known = holes.get(hole.group(1));
      hole.appendReplacement(out, Matcher.quoteReplacement(known == null ? hole.group() : known));
    }
    return hole.appendTail(out).toString();
  }

  private void expect(String line, String who, String rest, boolean exactly) {
    Received received;
    do {
      received = read(who);
    } while (isPing(received) && !rest.contains("ping"));
    if (rest.startsWith("closed ")) {
      assertThat(received).as(line).isInstanceOf(Received.Closed.class);
      assertThat(((Received.Closed) received).code())
          .as(line)
          .isEqualTo(Integer.parseInt(rest.substring(7)));
      return;
    }
    assertThat(received).as(line).isInstanceOf(Received.Text.class);
    String text = ((Received.Text) received).text();
    if (!rest.startsWith("{")) {
      assertThat(text).as(line).isEqualTo(rest);
      return;
    }
    try {
      assertThat(fits(JSON.readTree(rest), JSON.readTree(text), exactly))
          .as("%s%nwas told%n%s%nwith %s", line, text, holes)
          .isTrue();
    } catch (JsonProcessingException notJson) {
      throw new AssertionError(line + " was told " + text, notJson);
    }
  }

  private static boolean isPing(Received received) {
    return received instanceof Received.Ping
        || (received instanceof Received.Text text
            && (text.text().equals("{\"type\":\"ping\"}")
                || text.text().equals("{\"event\":\"ping\"}")
                || text.text().equals("{\"event\":\"pusher:ping\",\"data\":\"{}\"}")));
  }

  private boolean fits(JsonNode expected, JsonNode told, boolean exactly) {
    if (expected.isTextual()) {
      return told.isTextual() && fits(expected.asText(), told.asText());
    }
    if (!expected.isObject()) {
      return expected.equals(told);
    }
    if (!told.isObject() || (exactly && expected.size() != told.size())) {
      return false;
    }
    for (Map.Entry<String, JsonNode> member : expected.properties()) {
      JsonNode value = told.get(filled(member.getKey()));
      if (value == null || !fits(member.getValue(), value, exactly)) {
        return false;
      }
    }
    return true;
  }

  private boolean fits(String expected, String told) {
    String known = filled(expected);
    Matcher hole = HOLE.matcher(known);
    if (!hole.matches()) {
      return known.equals(told);
    }
    if (!hole.group(1).equals("*")) {
      holes.put(hole.group(1), told);
    }
    return true;
  }

  @Override
  public void close() {
    clients.values().forEach(RawWebSocket::close);
    clients.clear();
  }
}
