package dev.confab.chat.examples.slow;

import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.Received;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/** A chat.v1 client that checks that what it is shown is dense and in order, and parses no more than that takes. */
final class Reader implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final RawWebSocket socket;
  private long seq;
  private String cursor = "0";

  private Reader(RawWebSocket socket) {
    this.socket = socket;
  }

  /** One that is logged in. */
  static Reader connect(URI uri) {
    Reader reader = new Reader(RawWebSocket.connect(uri, List.of("chat.v1"), Map.of()));
    reader.ask("{\"op\":\"auth\",\"args\":[\"tom\",\"pw\"],\"id\":1}");
    return reader;
  }

  /** Subscribes at the head, where it then stands. */
  Reader subscribe(String room) {
    String reply = ask("{\"op\":\"subscribe\",\"args\":[\"" + room + "\"],\"id\":1}");
    seq = number(reply, "\"head\":");
    return this;
  }

  /** Subscribes behind a cursor; its reply is read with what follows. */
  Reader resume(String room, String from) {
    seq = Long.parseLong(from.split("\\.", 2)[0]);
    socket.sendText("{\"op\":\"subscribe\",\"args\":[\"" + room + "\",{\"since\":{\"" + room
        + "\":\"" + from + "\"}}]}");
    return this;
  }

  /** The number of the last it was shown. */
  long seq() {
    return seq;
  }

  /** Where it stands, once it was shown something. */
  String cursor() {
    return cursor;
  }

  /** Publishes, and does not wait. */
  void publish(String room, String data) {
    socket.sendText("{\"op\":\"publish\",\"args\":[\"" + room + "\",\"" + data + "\"]}");
  }

  RawWebSocket socket() {
    return socket;
  }

  /** Reads until it was shown this number. */
  void readTo(long last) {
    readTo(last, shown -> {});
  }

  /** Reads until it was shown this number, telling the place in the text where each message begins. */
  void readTo(long last, LongConsumer each) {
    while (seq < last) {
      readOne(each);
    }
  }

  /** Reads one frame. */
  void readOne(LongConsumer each) {
    Received received = socket.read(PATIENCE);
    if (!(received instanceof Received.Text text)) {
      throw new AssertionError("the connection ended at " + seq + ": " + received);
    }
    take(text.text(), each);
  }

  private void take(String text, LongConsumer each) {
    for (String line : text.split("\n", -1)) {
      if (line.startsWith("{\"event\":\"subscribe\"")) {
        long shown = number(line, "\"seq\":");
        if (shown != seq + 1) {
          throw new AssertionError("was shown " + shown + " after " + seq);
        }
        seq = shown;
        int id = line.indexOf("\"id\":\"") + 6;
        cursor = seq + "." + line.substring(id, line.indexOf('"', id));
        int data = line.indexOf("\"data\":\"") + 8;
        each.accept(data > 8 && line.charAt(data) == '@' ? stamp(line, data + 1) : -1);
      } else if (line.startsWith("{\"event\":\"ping\"")) {
        socket.sendText("{\"op\":\"pong\"}");
      } else if (line.startsWith("{\"event\":\"reset\"") || line.contains("\"error\":")) {
        throw new AssertionError(line);
      }
    }
  }

  private static long stamp(String line, int from) {
    return Long.parseLong(line.substring(from, line.indexOf('@', from)));
  }

  /** The first whole number behind this text. */
  static long number(String line, String name) {
    int from = line.indexOf(name) + name.length();
    int to = from;
    while (to < line.length() && Character.isDigit(line.charAt(to))) {
      to++;
    }
    return Long.parseLong(line.substring(from, to));
  }

  private String ask(String request) {
    socket.sendText(request);
    while (true) {
      Received received = socket.read(PATIENCE);
      if (received instanceof Received.Text text) {
        for (String line : text.text().split("\n", -1)) {
          if (line.startsWith("{\"op\":") && line.contains("\"id\":1")) {
            if (line.contains("\"error\"")) {
              throw new AssertionError(line);
            }
            return line;
          }
        }
      } else {
        throw new AssertionError("the connection ended: " + received);
      }
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
