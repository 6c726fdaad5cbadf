package dev.confab.chat.examples.slow;

import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.RawWebSocket.RawFrame;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** A client that takes a frame only when it has earned its bytes, at a rate of its own, through a small receive buffer. */
final class SlowSocket implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final RawWebSocket socket;
  private long bytes;
  private long seq;
  private boolean open = true;
  private final long begun = System.nanoTime();

  private SlowSocket(RawWebSocket socket) {
    this.socket = socket;
  }

  /** One that has subscribed; what it was answered it reads as slowly as all else. */
  static SlowSocket subscribe(URI uri, String room) {
    SlowSocket slow = new SlowSocket(RawWebSocket.connect(uri, List.of("chat.v1"), Map.of()));
    slow.socket.sendText("{\"op\":\"auth\",\"args\":[\"tom\",\"pw\"],\"id\":1}");
    slow.socket.sendText(
        "{\"op\":\"subscribe\",\"args\":[\"" + room + "\",{\"since\":{\"" + room + "\":\"0\"}}]}");
    return slow;
  }

  /** Bytes it took so far. */
  long bytes() {
    return bytes;
  }

  /** The number of the last it was shown. */
  long seq() {
    return seq;
  }

  /** Whether the server has not closed it. */
  boolean open() {
    return open;
  }

  void pong() {
    socket.sendText("{\"op\":\"pong\"}");
  }

  /** Waits a moment and takes a frame if it has earned it; false if the connection has ended. */
  boolean readAt(int bytesASecond) {
    double earned = (System.nanoTime() - begun) / 1e9 * bytesASecond;
    if (earned < bytes) {
      LockSupport.parkNanos(5_000_000);
      return true;
    }
    Optional<RawFrame> frame = socket.readFrame(PATIENCE);
    if (frame.isEmpty() || frame.get().opcode() == RawWebSocket.CLOSE) {
      open = false;
      return false;
    }
    bytes += frame.get().payload().remaining();
    String text = StandardCharsets.UTF_8.decode(frame.get().payload()).toString();
    for (String line : text.split("\n", -1)) {
      if (line.startsWith("{\"event\":\"subscribe\"")) {
        long shown = Reader.number(line, "\"seq\":");
        if (shown != seq + 1) {
          throw new AssertionError("was shown " + shown + " after " + seq);
        }
        seq = shown;
      }
    }
    return true;
  }

  @Override
  public void close() {
    socket.close();
  }
}
