package dev.confab.chat.transport.jsr356.conformance;

import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.Received;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Somebody in a chat. Answers heartbeats while it listens. Used by one thread. */
public final class Guest {
  private final RawWebSocket socket;
  private final Deque<String> lines = new ArrayDeque<>();
  private int frames;
  private int pings;

  /** Behind this socket. */
  public Guest(RawWebSocket socket) {
    this.socket = socket;
  }

  /** What it is behind. */
  public RawWebSocket socket() {
    return socket;
  }

  /** How many text messages of the WebSocket it has read. */
  int frames() {
    return frames;
  }

  /** How many heartbeats it has heard. */
  int pings() {
    return pings;
  }

  /** Sends a frame. */
  public void say(String frame) {
    socket.sendText(frame);
  }

  Guest login(String name, Duration within) {
    return login(name, "secret", within);
  }

  /** Logs in. */
  public Guest login(String name, String password, Duration within) {
    say("{\"op\":\"auth\",\"args\":[\"" + name + "\",\"" + password + "\"]}");
    await("\"op\":\"auth\",\"success\":true", within);
    return this;
  }

  /** Subscribes to a channel from now on. */
  public Guest subscribe(String channel, Duration within) {
    say("{\"op\":\"subscribe\",\"args\":[\"" + channel + "\"]}");
    await("\"op\":\"subscribe\",\"success\":true", within);
    return this;
  }

  /** Reads on until a line has this in it. */
  public String await(String part, Duration within) {
    long deadline = System.nanoTime() + within.toNanos();
    while (true) {
      while (lines.isEmpty()) {
        listen(Duration.ofNanos(deadline - System.nanoTime()));
      }
      String line = lines.remove();
      if (line.contains(part)) {
        return line;
      }
    }
  }

  /** The data of so many messages of this beginning, in the order they came. */
  public List<String> data(String beginning, int count, Duration within) {
    List<String> data = new ArrayList<>();
    while (data.size() < count) {
      String line = await("\"data\":\"" + beginning, within);
      int from = line.indexOf("\"data\":\"") + 8;
      data.add(line.substring(from, line.indexOf('"', from)));
    }
    return data;
  }

  /** The code of the close frame that ends what it reads; 1006 if none comes. */
  public int end(Duration within) {
    long deadline = System.nanoTime() + within.toNanos();
    while (true) {
      Received received = socket.read(Duration.ofNanos(deadline - System.nanoTime()));
      if (received instanceof Received.Closed closed) {
        return closed.code();
      }
      if (received instanceof Received.Broken) {
        return 1006;
      }
    }
  }

  private void listen(Duration within) {
    Received received = socket.read(within);
    if (received instanceof Received.Ping) {
      pings++;
      socket.sendPong();
    } else if (received instanceof Received.Text text) {
      frames++;
      for (String line : text.text().split("\n", -1)) {
        if (line.contains("\"event\":\"ping\"")) {
          pings++;
          say("{\"op\":\"pong\"}");
        }
        lines.add(line);
      }
    } else {
      throw new AssertionError("instead of a text came " + received);
    }
  }
}
