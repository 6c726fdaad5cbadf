package dev.confab.chat.torture;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Says things in rooms and notes what became of each. With keys it repeats, on whatever server, until it is answered; without
 * keys it leaves alone what was not answered. One thread sends, another receives.
 *
 * <p>Its notes: {@code C} connected, {@code X} not any more, {@code S channel label key request print} about to be sent,
 * {@code A channel label request seq cursor id duplicate} acked, {@code E channel label request code retry} refused,
 * {@code L channel label request} without answer for ever. The key is {@code -} if there is none.
 */
final class Writer {
  /** So many may be without answer at once. */
  private static final int WINDOW = 32;

  /** An answer that takes longer does not come. */
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(25);

  private static final String[] PADS = {
    "plain words ", "quote \" backslash \\ slash / ", "emoji \uD83D\uDE00 ",
        "\u0634\u0643\u0631\u0627 ",
    "tab\tline\n ", "\u4f60\u597d ", "e\u0301 \u00e9 ", "\\u0000 "
  };

  private final String name;
  private final boolean keyed;
  private final boolean v1;
  private final Duration pace;
  private final Crowd crowd;
  private final Notes notes;
  private final Random random;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Sent on this connection and not answered, by request. Guarded by the lock. */
  private final Map<String, Send> open = new LinkedHashMap<>();

  /** To be sent again. Guarded by the lock. */
  private final Deque<Send> again = new ArrayDeque<>();

  private boolean connected;
  private int made;
  private int requests;

  /** One thing to say. */
  private record Send(String channel, String label, String key, String text, long at) {
    boolean keyed() {
      return !key.equals("-");
    }

    Send now() {
      return new Send(channel, label, key, text, System.nanoTime());
    }
  }

  Writer(String name, boolean keyed, boolean v1, Duration pace, Crowd crowd, Path folder) {
    this.name = name;
    this.keyed = keyed;
    this.v1 = v1;
    this.pace = pace;
    this.crowd = crowd;
    Path file = folder.resolve("writer-" + name + ".tsv");
    this.notes = Notes.append(file);
    remember(Notes.read(file));
    // Another life of the same writer says other things.
    this.random = new Random(crowd.seed() ^ name.hashCode() ^ ((long) made << 20));
  }

  /** What was said and not answered before this process was killed. */
  private void remember(List<String[]> past) {
    Map<String, Send> unanswered = new LinkedHashMap<>();
    Map<String, String> requestOf = new LinkedHashMap<>();
    for (String[] line : past) {
      switch (line[0]) {
        case "S" -> {
          made = Math.max(made, number(line[2]));
          requests = Math.max(requests, Integer.parseInt(line[4].substring(1)));
          unanswered.put(
              line[2], new Send(line[1], line[2], line[3], text(line[2]), System.nanoTime()));
          requestOf.put(line[2], line[4]);
        }
        case "A", "L" -> unanswered.remove(line[2]);
        case "E" -> {
          if (!keyed) {
            unanswered.remove(line[2]);
          }
        }
        default -> {
          // Says nothing about a send.
        }
      }
    }
    for (Send send : unanswered.values()) {
      if (send.keyed()) {
        again.add(send);
      } else {
        notes.note("L", send.channel(), send.label(), requestOf.getOrDefault(send.label(), "-"));
      }
    }
  }

  private static int number(String label) {
    return Integer.parseInt(label.substring(label.lastIndexOf('-') + 1));
  }

  /** The same for the same label, in every life of this writer. */
  private static String text(String label) {
    Random dice = new Random(label.hashCode() * 31L + label.length());
    int size = switch (dice.nextInt(40)) {
      case 0 -> 8_000 + dice.nextInt(8_000);
      case 1, 2, 3, 4 -> 1_000 + dice.nextInt(1_000);
      default -> dice.nextInt(150);
    };
    StringBuilder text = new StringBuilder(label).append('|');
    while (text.length() < size) {
      text.append(PADS[dice.nextInt(PADS.length)]);
    }
    return text.toString();
  }

  /** Returns when everything it had to say is answered, and it was told to finish. */
  void run() throws InterruptedException {
    while (!finished()) {
      int door = random.nextInt(crowd.ports().size());
      try (ChatClient client = ChatClient.connect(crowd.ports().get(door), v1, Crowd.SILENCE)) {
        client.send("{\"op\":\"auth\",\"args\":[\"" + name + "\",\"" + Users.PASSWORD
            + "\"],\"id\":\"auth\"}");
        while (!client.receive().contains("\"id\":\"auth\"")) {
          // A welcome, or a ping.
        }
        notes.note("C", door);
        connected = true;
        Thread receiver = new Thread(() -> receive(client), name + "-receiver");
        receiver.setDaemon(true);
        receiver.start();
        send(client);
        client.leave();
        receiver.join();
      } catch (IOException gone) {
        notes.note("X", String.valueOf(gone.getMessage()).replaceAll("\\s+", " "));
      }
      lose();
      TimeUnit.MILLISECONDS.sleep(50 + random.nextInt(250));
    }
  }

  private boolean finished() {
    lock.lock();
    try {
      return crowd.finishing() && open.isEmpty() && again.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private void send(ChatClient client) throws InterruptedException {
    long next = System.nanoTime();
    try {
      while (true) {
        Optional<Send> send = next(next);
        if (send.isEmpty()) {
          return;
        }
        String request = "q" + ++requests;
        Send now = send.get().now();
        lock.lock();
        try {
          open.put(request, now);
        } finally {
          lock.unlock();
        }
        notes.note("S", now.channel(), now.label(), now.key(), request, Json.print(now.text()));
        client.send("{\"op\":\"publish\",\"args\":[\"" + now.channel() + "\","
            + Json.quoted(now.text())
            + (now.keyed() ? ",{\"key\":\"" + now.key() + "\"}" : "") + "],\"id\":\"" + request
            + "\"}");
        // Not to catch up with what a break cost.
        next = Math.max(next + pace.toNanos(), System.nanoTime() - pace.toNanos());
      }
    } catch (IOException gone) {
      notes.note("X", String.valueOf(gone.getMessage()).replaceAll("\\s+", " "));
    }
  }

  /** Waits for the time to send and a place in the window; empty if the connection is to end. */
  private Optional<Send> next(long at) throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        if (!connected
            || (crowd.finishing() && open.isEmpty() && again.isEmpty())
            || (!open.isEmpty()
                && System.nanoTime() - open.values().iterator().next().at()
                    > ANSWER_WITHIN.toNanos())) {
          return Optional.empty();
        }
        long wait = at - System.nanoTime();
        boolean something = !again.isEmpty() || !crowd.finishing();
        if (wait <= 0 && open.size() < WINDOW && something) {
          Send repeated = again.poll();
          return Optional.of(repeated == null ? something() : repeated);
        }
        changed.awaitNanos(wait > 0 ? wait : Duration.ofMillis(100).toNanos());
      }
    } finally {
      lock.unlock();
    }
  }

  private Send something() {
    String label = name + "-" + ++made;
    return new Send(
        crowd.room(random), label, keyed ? "k-" + label : "-", text(label), System.nanoTime());
  }

  private void receive(ChatClient client) {
    try {
      while (true) {
        for (String line : client.receive().split("\n", -1)) {
          JsonNode node = Json.read(line);
          if (node.path("event").asText().equals("ping")) {
            client.send("{\"op\":\"pong\"}");
          } else if (node.has("op") && node.path("id").asText().startsWith("q")) {
            crowd.haltIfTold("ack");
            answered(node);
          } else if (node.path("event").asText().equals("bye")) {
            notes.note("X", "bye " + node.path("code").asInt());
          }
        }
        if (v1 && client.silent().compareTo(Crowd.HEARTBEAT) > 0) {
          client.send("{\"op\":\"pong\"}");
        }
      }
    } catch (IOException gone) {
      notes.note("X", String.valueOf(gone.getMessage()).replaceAll("\\s+", " "));
    } finally {
      client.leave();
      lock.lock();
      try {
        connected = false;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void answered(JsonNode reply) {
    String request = reply.path("id").asText();
    Send send;
    lock.lock();
    try {
      send = open.get(request);
    } finally {
      lock.unlock();
    }
    if (send == null) {
      notes.note("U", "-", "-", request);
      return;
    }
    boolean success = reply.path("success").asBoolean();
    if (success) {
      JsonNode data = reply.path("data");
      notes.note(
          "A",
          send.channel(),
          send.label(),
          request,
          data.path("seq").asLong(),
          data.path("cursor").asText(),
          data.path("id").asText(),
          data.path("duplicate").asBoolean() ? 1 : 0);
    } else {
      notes.note(
          "E",
          send.channel(),
          send.label(),
          request,
          reply.path("code").asText(),
          reply.path("retry").asText());
    }
    boolean repeat = send.keyed() && (!success || impatient(send, request));
    if (!success && repeat) {
      // What was refused is not tried again at once.
      pause();
    }
    lock.lock();
    try {
      open.remove(request);
      if (repeat) {
        again.add(send);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether it says once more what was acked already: some do, and get the same answer. */
  private static boolean impatient(Send send, String request) {
    return (send.label() + request).hashCode() % 50 == 7;
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(20);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The connection is gone, and with it the answers. */
  private void lose() {
    List<Map.Entry<String, Send>> lost;
    lock.lock();
    try {
      lost = new ArrayList<>(open.entrySet());
      open.clear();
      for (Map.Entry<String, Send> each : lost) {
        if (each.getValue().keyed()) {
          again.add(each.getValue());
        }
      }
    } finally {
      lock.unlock();
    }
    for (Map.Entry<String, Send> each : lost) {
      if (!each.getValue().keyed()) {
        notes.note("L", each.getValue().channel(), each.getValue().label(), each.getKey());
      }
    }
  }
}
