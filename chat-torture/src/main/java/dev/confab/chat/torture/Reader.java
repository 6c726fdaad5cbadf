package dev.confab.chat.torture;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;

/**
 * Follows all rooms, on whatever server, and resumes from the cursors it noted. One thread.
 *
 * <p>Its notes: {@code C} connected, {@code X} not any more, {@code B channel cursor} begins there, {@code V channel seq id
 * sender label print} was shown, {@code R channel cursor} was told reset, {@code T channel from to} was told trimmed.
 */
final class Reader {
  private final String name;
  private final boolean fromStart;

  /** How long it stays on one connection at most. */
  private final Duration stay;

  private final Crowd crowd;
  private final Notes notes;
  private final Random random;

  /** Where it is in each room. */
  private final Map<String, String> cursors = new LinkedHashMap<>();

  Reader(String name, boolean fromStart, Duration stay, Crowd crowd, Path folder) {
    this.name = name;
    this.fromStart = fromStart;
    this.stay = stay;
    this.crowd = crowd;
    Path file = folder.resolve("reader-" + name + ".tsv");
    this.notes = Notes.append(file);
    List<String[]> past = Notes.read(file);
    for (String[] line : past) {
      switch (line[0]) {
        case "B", "R" -> cursors.put(line[1], line[2]);
        case "V" -> cursors.put(line[1], line[2] + "." + line[3]);
        default -> {
          // Says nothing about where it is.
        }
      }
    }
    this.random = new Random(crowd.seed() ^ name.hashCode() ^ ((long) past.size() << 20));
  }

  /** Returns when it has come to where it is to end. */
  void run() throws InterruptedException {
    while (!arrived()) {
      int door = random.nextInt(crowd.ports().size());
      try (ChatClient client = ChatClient.connect(crowd.ports().get(door), true, Crowd.SILENCE)) {
        follow(client, door);
      } catch (IOException gone) {
        notes.note("X", String.valueOf(gone.getMessage()).replaceAll("\\s+", " "));
      }
      TimeUnit.MILLISECONDS.sleep(50 + random.nextInt(250));
    }
  }

  private boolean arrived() {
    Map<String, Long> goal = crowd.goal();
    return !goal.isEmpty()
        && goal.entrySet().stream().allMatch(end -> seq(end.getKey()) >= end.getValue());
  }

  private long seq(String channel) {
    String cursor = cursors.getOrDefault(channel, "0");
    int dot = cursor.indexOf('.');
    return Long.parseLong(dot < 0 ? cursor : cursor.substring(0, dot));
  }

  private void follow(ChatClient client, int door) throws IOException, InterruptedException {
    client.send(
        "{\"op\":\"auth\",\"args\":[\"" + name + "\",\"" + Users.PASSWORD + "\"],\"id\":\"auth\"}");
    client.send(subscribe());
    long until = System.nanoTime() + stay.toNanos() / 2 + random.nextLong(stay.toNanos());
    while (!arrived()) {
      if (System.nanoTime() > until) {
        notes.note("X", "goes elsewhere");
        return;
      }
      Duration stall = crowd.stall(name);
      if (!stall.isZero()) {
        notes.note("Z", stall.toMillis());
        TimeUnit.NANOSECONDS.sleep(stall.toNanos());
      }
      for (String line : client.receive().split("\n", -1)) {
        take(client, Json.read(line), door);
      }
      if (client.silent().compareTo(Crowd.HEARTBEAT) > 0) {
        client.send("{\"op\":\"pong\"}");
      }
    }
  }

  /** From the start, from the cursors, or, the first time, from the head. */
  private String subscribe() {
    StringJoiner names = new StringJoiner(",");
    StringJoiner since = new StringJoiner(",");
    for (String channel : crowd.channels()) {
      names.add("\"" + channel + "\"");
      String cursor = cursors.get(channel);
      if (cursor != null) {
        since.add("\"" + channel + "\":\"" + cursor + "\"");
      } else if (fromStart) {
        since.add("\"" + channel + "\":\"0\"");
      }
    }
    return "{\"op\":\"subscribe\",\"args\":[" + names
        + (since.length() == 0 ? "" : ",{\"since\":{" + since + "}}") + "],\"id\":\"subscribe\"}";
  }

  private void take(ChatClient client, JsonNode node, int door) throws IOException {
    String event = node.path("event").asText();
    if (event.equals("ping")) {
      client.send("{\"op\":\"pong\"}");
    } else if (event.equals("reset")) {
      told("R", node.path("channel").asText(), node);
    } else if (event.equals("trimmed")) {
      notes.note(
          "T",
          node.path("channel").asText(),
          node.path("from").asLong(),
          node.path("to").asLong());
    } else if (event.equals("bye")) {
      notes.note("X", "bye " + node.path("code").asInt());
    } else if (node.path("id").asText().equals("auth")) {
      if (!node.path("success").asBoolean()) {
        throw new IOException("the login was answered " + node.path("code").asText());
      }
    } else if (node.path("id").asText().equals("subscribe")) {
      begun(node, door);
    } else if (node.has("seq") && node.has("id") && node.has("channel")) {
      shown(node);
    }
  }

  private void begun(JsonNode reply, int door) throws IOException {
    if (!reply.path("success").asBoolean()) {
      throw new IOException("subscribe was answered " + reply.path("code").asText());
    }
    notes.note("C", door);
    for (String channel : crowd.channels()) {
      JsonNode state = reply.path("data").path("channels").path(channel);
      if (state.path("reset").asBoolean()) {
        told("R", channel, state);
      } else if (!cursors.containsKey(channel)) {
        String cursor = fromStart ? "0" : state.path("cursor").asText();
        notes.note("B", channel, cursor);
        cursors.put(channel, cursor);
      }
      if (state.has("trimmed")) {
        JsonNode trimmed = state.path("trimmed");
        notes.note(
            "T", channel, trimmed.path("from").asLong(), trimmed.path("to").asLong());
      }
    }
  }

  private void told(String what, String channel, JsonNode node) {
    String cursor = node.path("cursor").asText();
    notes.note(what, channel, cursor);
    cursors.put(channel, cursor);
  }

  private void shown(JsonNode node) {
    crowd.haltIfTold("shown");
    String channel = node.path("channel").asText();
    String text = node.path("data").asText();
    String seq = node.path("seq").asText();
    String id = node.path("id").asText();
    notes.note(
        "V",
        channel,
        seq,
        id,
        node.path("from").path("id").asText(),
        Json.label(text),
        Json.print(text));
    cursors.put(channel, seq + "." + id);
  }
}
