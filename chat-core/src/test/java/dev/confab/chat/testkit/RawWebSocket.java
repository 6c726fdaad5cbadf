package dev.confab.chat.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A WebSocket client on a bare socket, for bytes that no well-behaved client would send. It has no thread: nothing is read but
 * in {@link #readFrame} and {@link #read}, and nothing is answered. Used by one thread.
 */
public final class RawWebSocket implements TransportClient {
  /** A part of a message that began before. */
  public static final int CONTINUATION = 0;
  /** A text message, or its first part. */
  public static final int TEXT = 1;
  /** A binary message, or its first part. */
  public static final int BINARY = 2;
  /** A close frame. */
  public static final int CLOSE = 8;
  /** A ping. */
  public static final int PING = 9;
  /** A pong. */
  public static final int PONG = 10;

  /** So that a client that does not read is felt soon. */
  private static final int RECEIVE_BUFFER_BYTES = 16 * 1024;

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Socket socket;
  private final Map<String, String> responseHeaders = new TreeMap<>();

  /** What came and was not read yet: {@code coming[0]} to {@code coming[came - 1]}. */
  private byte[] coming = new byte[8 * 1024];

  private int came;
  private boolean reading = true;

  /** The parts of the message under way. */
  private final ByteArrayOutputStream parts = new ByteArrayOutputStream();

  private int partsOpcode;

  private RawWebSocket(Socket socket) {
    this.socket = socket;
  }

  /**
   * Opens a connection with a small receive buffer.
   *
   * @param subprotocols those to offer, best first
   * @param headers more headers of the request, as {@code Origin}
   * @throws HandshakeRefusedException if the server does not switch protocols
   */
  public static RawWebSocket connect(
      URI uri, List<String> subprotocols, Map<String, String> headers) {
    return open(uri, subprotocols, headers, RECEIVE_BUFFER_BYTES);
  }

  /**
   * As above, with the receive buffer the system gives: for a client that is to keep up. While the sockets of a machine hold
   * much memory Linux drops what comes for a small buffer, and the sender waits ever longer before it tries again.
   */
  public static RawWebSocket connectWide(
      URI uri, List<String> subprotocols, Map<String, String> headers) {
    return open(uri, subprotocols, headers, 0);
  }

  private static RawWebSocket open(
      URI uri, List<String> subprotocols, Map<String, String> headers, int receiveBufferBytes) {
    Socket socket = new Socket();
    RawWebSocket client = new RawWebSocket(socket);
    try {
      if (receiveBufferBytes > 0) {
        socket.setReceiveBufferSize(receiveBufferBytes);
      }
      socket.setTcpNoDelay(true);
      socket.connect(
          new InetSocketAddress(uri.getHost(), uri.getPort()), (int) PATIENCE.toMillis());
      client.shakeHands(uri, subprotocols, headers);
      return client;
    } catch (IOException failure) {
      client.close();
      throw new UncheckedIOException(failure);
    } catch (RuntimeException | Error failure) {
      client.close();
      throw failure;
    }
  }

  private void shakeHands(URI uri, List<String> subprotocols, Map<String, String> headers)
      throws IOException {
    byte[] nonce = new byte[16];
    ThreadLocalRandom.current().nextBytes(nonce);
    String key = Base64.getEncoder().encodeToString(nonce);
    StringBuilder request = new StringBuilder("GET ")
        .append(uri.getRawPath())
        .append(uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery())
        .append(" HTTP/1.1\r\n");
    Map<String, String> lines = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    lines.put("Host", uri.getHost() + ":" + uri.getPort());
    lines.put("Upgrade", "websocket");
    lines.put("Connection", "Upgrade");
    lines.put("Sec-WebSocket-Key", key);
    lines.put("Sec-WebSocket-Version", "13");
    if (!subprotocols.isEmpty()) {
      lines.put("Sec-WebSocket-Protocol", String.join(", ", subprotocols));
    }
    lines.putAll(headers);
    lines.forEach(
        (name, value) -> request.append(name).append(": ").append(value).append("\r\n"));
    sendRaw(request.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));

    long deadline = System.nanoTime() + PATIENCE.toNanos();
    int end;
    while ((end = endOfHead()) < 0) {
      if (!receive(deadline)) {
        throw new IOException("the server hung up during the handshake");
      }
    }
    String[] head = new String(take(end), StandardCharsets.ISO_8859_1).split("\r\n", -1);
    int status = Integer.parseInt(head[0].split(" ", 3)[1]);
    if (status != 101) {
      throw new HandshakeRefusedException(status);
    }
    Arrays.stream(head)
        .skip(1)
        .filter(line -> !line.isEmpty())
        .map(line -> line.split(":", 2))
        .forEach(
            line -> responseHeaders.put(line[0].strip().toLowerCase(Locale.ROOT), line[1].strip()));
    if (!acceptOf(key).equals(responseHeaders.get("sec-websocket-accept"))) {
      throw new IOException("the server did not prove that it speaks WebSocket");
    }
  }

  private int endOfHead() {
    for (int index = 0; index + 3 < came; index++) {
      if (coming[index] == '\r'
          && coming[index + 1] == '\n'
          && coming[index + 2] == '\r'
          && coming[index + 3] == '\n') {
        return index + 4;
      }
    }
    return -1;
  }

  private static String acceptOf(String key) {
    try {
      return Base64.getEncoder()
          .encodeToString(MessageDigest.getInstance("SHA-1")
              .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                  .getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** A header of the server's answer, by its name in lower case. */
  public Optional<String> responseHeader(String name) {
    return Optional.ofNullable(responseHeaders.get(name));
  }

  @Override
  public Optional<String> subprotocol() {
    return responseHeader("sec-websocket-protocol");
  }

  @Override
  public void sendText(String text) {
    sendRaw(frame(true, TEXT, text.getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public void sendFragmented(String text, int pieceBytes) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int from = 0; from == 0 || from < bytes.length; from += pieceBytes) {
      int to = Math.min(from + pieceBytes, bytes.length);
      sendRaw(frame(
          to == bytes.length,
          from == 0 ? TEXT : CONTINUATION,
          Arrays.copyOfRange(bytes, from, to)));
    }
  }

  @Override
  public void sendBinary(byte[] bytes) {
    sendRaw(frame(true, BINARY, bytes));
  }

  /** Sends an empty ping. */
  public void sendPing() {
    sendRaw(frame(true, PING, new byte[0]));
  }

  @Override
  public void sendPong() {
    sendRaw(frame(true, PONG, new byte[0]));
  }

  @Override
  public void close(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    sendRaw(frame(
        true,
        CLOSE,
        ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array()));
  }

  /** Writes these bytes as they are. */
  public void sendRaw(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** A frame as a client writes it, with a mask that changes nothing. */
  public static byte[] frame(boolean last, int opcode, byte[] payload) {
    int length = payload.length;
    ByteBuffer frame = ByteBuffer.allocate(14 + length);
    frame.put((byte) ((last ? 0x80 : 0) | opcode));
    if (length < 126) {
      frame.put((byte) (0x80 | length));
    } else if (length < 65_536) {
      frame.put((byte) (0x80 | 126)).putShort((short) length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(length);
    }
    frame.putInt(0).put(payload);
    return Arrays.copyOf(frame.array(), frame.position());
  }

  /**
   * The next frame; empty when the connection is gone.
   *
   * @throws AssertionError if none comes within this time
   * @throws IllegalStateException while reading is stopped
   */
  public Optional<RawFrame> readFrame(Duration within) {
    return readFrame(System.nanoTime() + within.toNanos());
  }

  private Optional<RawFrame> readFrame(long deadline) {
    if (!reading) {
      throw new IllegalStateException("this client has stopped reading");
    }
    while (true) {
      Optional<RawFrame> frame = parse();
      if (frame.isPresent()) {
        return frame;
      }
      try {
        if (!receive(deadline)) {
          return Optional.empty();
        }
      } catch (SocketTimeoutException late) {
        throw new AssertionError("no frame came in time", late);
      } catch (IOException broken) {
        return Optional.empty();
      }
    }
  }

  private Optional<RawFrame> parse() {
    if (came < 2) {
      return Optional.empty();
    }
    int code = coming[1] & 0x7f;
    int headBytes = code < 126 ? 2 : code == 126 ? 4 : 10;
    if (came < headBytes) {
      return Optional.empty();
    }
    ByteBuffer head = ByteBuffer.wrap(coming, 2, headBytes - 2);
    long length = code < 126 ? code : code == 126 ? head.getShort() & 0xffff : head.getLong();
    if (came < headBytes + length) {
      return Optional.empty();
    }
    byte first = coming[0];
    byte[] frame = take((int) (headBytes + length));
    return Optional.of(new RawFrame(
        (first & 0x80) != 0,
        (first & 0x40) != 0,
        first & 0x0f,
        ByteBuffer.wrap(frame, headBytes, frame.length - headBytes).slice()));
  }

  private byte[] take(int bytes) {
    byte[] taken = Arrays.copyOf(coming, bytes);
    System.arraycopy(coming, bytes, coming, 0, came - bytes);
    came -= bytes;
    return taken;
  }

  /** False at the end of the stream. */
  private boolean receive(long deadline) throws IOException {
    long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    if (millis <= 0) {
      throw new SocketTimeoutException("the time is over");
    }
    if (came == coming.length) {
      coming = Arrays.copyOf(coming, 2 * coming.length);
    }
    socket.setSoTimeout((int) millis);
    int read = socket.getInputStream().read(coming, came, coming.length - came);
    if (read < 0) {
      return false;
    }
    came += read;
    return true;
  }

  @Override
  public Received read(Duration within) {
    long deadline = System.nanoTime() + within.toNanos();
    while (true) {
      Optional<RawFrame> read = readFrame(deadline);
      if (read.isEmpty()) {
        return new Received.Broken();
      }
      RawFrame frame = read.get();
      switch (frame.opcode()) {
        case PING -> {
          return new Received.Ping();
        }
        case PONG -> {
          return new Received.Pong();
        }
        case CLOSE -> {
          return closed(frame.payload());
        }
        case TEXT, BINARY, CONTINUATION -> {
          if (frame.opcode() != CONTINUATION) {
            partsOpcode = frame.opcode();
          }
          parts.writeBytes(bytes(frame.payload()));
          if (frame.last()) {
            byte[] message = parts.toByteArray();
            parts.reset();
            return partsOpcode == TEXT
                ? new Received.Text(new String(message, StandardCharsets.UTF_8))
                : new Received.Binary(message.length);
          }
        }
        default -> throw new AssertionError("not an opcode: " + frame.opcode());
      }
    }
  }

  private static Received closed(ByteBuffer payload) {
    if (payload.remaining() < 2) {
      return new Received.Closed(1005, "");
    }
    return new Received.Closed(
        payload.getShort() & 0xffff, StandardCharsets.UTF_8.decode(payload).toString());
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  @Override
  public void stopReading() {
    reading = false;
  }

  @Override
  public void resumeReading() {
    reading = true;
  }

  @Override
  public void reset() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /**
   * A frame as the server wrote it.
   *
   * @param last whether its message ends with it
   * @param compressed whether the first reserved bit is set
   * @param opcode what it is
   * @param payload its bytes
   */
  public record RawFrame(boolean last, boolean compressed, int opcode, ByteBuffer payload) {}

  /** The server answered the opening request otherwise. */
  public static final class HandshakeRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    HandshakeRefusedException(int status) {
      super("the server answered " + status);
      this.status = status;
    }

    /** The status of its answer. */
    public int status() {
      return status;
    }
  }
}
