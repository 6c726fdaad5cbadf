package dev.confab.chat.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** One connection of a {@link Wire}. An idle one holds no buffer. */
final class Link {
  private static final byte[] NOTHING = {};
  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int LAST = 0x80;
  private static final int MASKED = 0x80;

  private final Wire wire;
  private final SocketChannel channel;
  private final Listener listener;

  /** What the socket does not take yet, oldest first. Guarded by {@code this}. */
  private final Deque<ByteBuffer> waiting = new ArrayDeque<>();

  /** The part of a frame whose rest has not come. The thread's, as all that follows. */
  private byte[] rest = NOTHING;

  /** The parts of a message whose last has not come. */
  private final ByteArrayOutputStream parts = new ByteArrayOutputStream(0);

  private final Line line = new Line();
  private boolean open;
  private boolean ended;

  Link(Wire wire, SocketChannel channel, Listener listener, String request) {
    this.wire = wire;
    this.channel = channel;
    this.listener = listener;
    waiting.add(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
  }

  SocketChannel channel() {
    return channel;
  }

  /** Sends a text message. Any thread; never blocks. */
  void send(String text) {
    frame(TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  private void frame(int opcode, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 14);
    frame.put((byte) (LAST | opcode));
    if (payload.length < 126) {
      frame.put((byte) (MASKED | payload.length));
    } else if (payload.length <= 0xffff) {
      frame.put((byte) (MASKED | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (MASKED | 127)).putLong(payload.length);
    }
    frame.putInt(0).put(payload).flip();
    boolean all;
    synchronized (this) {
      waiting.add(frame);
      all = waiting.size() == 1 && write();
    }
    if (!all) {
      wire.want(this);
    }
  }

  /** Writes what waits, while the socket takes it; true if it took all. Holds the lock: it never blocks. */
  private synchronized boolean write() {
    try {
      while (!waiting.isEmpty()) {
        channel.write(waiting.element());
        if (waiting.element().hasRemaining()) {
          return false;
        }
        waiting.remove();
      }
      return true;
    } catch (IOException failure) {
      // Reading meets it too, and says so.
      waiting.clear();
      return true;
    }
  }

  synchronized int interest() {
    if (channel.isConnectionPending()) {
      return SelectionKey.OP_CONNECT;
    }
    return waiting.isEmpty() ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
  }

  void connected() throws IOException {
    channel.finishConnect();
    flush();
  }

  void flush() {
    write();
  }

  void broken(IOException failure) {
    if (!ended) {
      ended = true;
      try {
        channel.close();
      } catch (IOException again) {
        failure.addSuppressed(again);
      }
      listener.closed(this, String.valueOf(failure.getMessage()));
    }
  }

  /** Puts what was kept at the front of this, and says how much it is. */
  int takeRest(byte[] into) {
    int kept = rest.length;
    System.arraycopy(rest, 0, into, 0, kept);
    rest = NOTHING;
    return kept;
  }

  /** Takes what came, from the first byte not yet understood on. */
  void came(byte[] bytes, int length) throws IOException {
    int from = 0;
    if (!open) {
      from = endOfHead(bytes, length);
      if (from > 0) {
        String head = new String(bytes, 0, from, StandardCharsets.US_ASCII);
        if (!head.startsWith("HTTP/1.1 101 ")) {
          throw new IOException(
              "the server refused: " + head.lines().findFirst().orElse(""));
        }
        open = true;
        listener.opened(this);
      }
    }
    while (open && !ended) {
      int next = frame(bytes, from, length);
      if (next == from) {
        break;
      }
      from = next;
    }
    if (from < length) {
      rest = Arrays.copyOfRange(bytes, from, length);
    }
  }

  private static int endOfHead(byte[] bytes, int length) {
    for (int index = 3; index < length; index++) {
      if (bytes[index] == '\n' && bytes[index - 2] == '\n' && bytes[index - 1] == '\r') {
        return index + 1;
      }
    }
    return 0;
  }

  /** Takes one frame and says where the next begins; where it began itself if it is not whole. */
  private int frame(byte[] bytes, int from, int to) throws IOException {
    if (to - from < 2) {
      return from;
    }
    int code = bytes[from + 1] & 0x7f;
    int head = code < 126 ? 2 : code == 126 ? 4 : 10;
    if (to - from < head) {
      return from;
    }
    ByteBuffer lengths = ByteBuffer.wrap(bytes, from + 2, head - 2);
    long length = code < 126 ? code : code == 126 ? lengths.getShort() & 0xffff : lengths.getLong();
    int payload = from + head;
    if (to - payload < length) {
      return from;
    }
    int end = payload + (int) length;
    int first = bytes[from] & 0xff;
    switch (first & 0x0f) {
      case TEXT, CONTINUATION -> text(bytes, payload, end, (first & LAST) != 0);
      case PING -> frame(PONG, Arrays.copyOfRange(bytes, payload, end));
      case CLOSE -> {
        int reason = length < 2 ? 1005 : code(bytes, payload);
        throw new IOException("the server closed with " + reason);
      }
      default -> {
        // Binary and pong are never sent by the servers that are measured.
      }
    }
    return end;
  }

  private static int code(byte[] bytes, int at) {
    return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
  }

  private void text(byte[] bytes, int from, int to, boolean last) {
    if (last && parts.size() == 0) {
      listener.message(this, bytes, from, to);
      return;
    }
    parts.write(bytes, from, to - from);
    if (last) {
      byte[] whole = parts.toByteArray();
      parts.reset();
      listener.message(this, whole, 0, whole.length);
    }
  }

  /** Tells the listener each line of a message. On the wire's thread, from {@link Listener#message}. */
  void tellLines(byte[] bytes, int from, int to) {
    int begin = from;
    for (int index = from; index < to; index++) {
      if (bytes[index] == '\n') {
        listener.line(this, line.of(bytes, begin, index));
        begin = index + 1;
      }
    }
    listener.line(this, line.of(bytes, begin, to));
  }

  void close() {
    try {
      channel.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Whose connection it is. Told on the wire's thread, and must return quickly. */
  interface Listener {
    /** The connection is open. */
    default void opened(Link link) {}

    /** A message came; its bytes are gone when this returns. As it is here, it tells of its lines. */
    default void message(Link link, byte[] bytes, int from, int to) {
      link.tellLines(bytes, from, to);
    }

    /** A line of a message came. What it shows is gone when this returns. */
    void line(Link link, Line line);

    /** The connection has ended, not by {@link Link#close}. */
    void closed(Link link, String reason);
  }
}
