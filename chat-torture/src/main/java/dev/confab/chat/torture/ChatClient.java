package dev.confab.chat.torture;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A WebSocket client on a bare socket, written here so that nothing of the library stands on both ends. One thread receives;
 * any may send. It answers WebSocket pings; those of the chat are its user's.
 */
final class ChatClient implements Closeable {
  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;

  private final Socket socket;
  private final DataInputStream in;
  private volatile long lastSent = System.nanoTime();

  private ChatClient(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 16 * 1024));
  }

  /**
   * Opens a connection.
   *
   * @param v1 whether it offers {@code chat.v1}
   * @param silence how long nothing may come before {@link #receive} fails
   */
  static ChatClient connect(int port, boolean v1, Duration silence) throws IOException {
    Socket socket = new Socket();
    boolean done = false;
    try {
      socket.setReceiveBufferSize(32 * 1024);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) silence.toMillis());
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) silence.toMillis());
      ChatClient client = new ChatClient(socket);
      client.shakeHands(port, v1);
      done = true;
      return client;
    } finally {
      if (!done) {
        socket.close();
      }
    }
  }

  private void shakeHands(int port, boolean v1) throws IOException {
    byte[] nonce = new byte[16];
    ThreadLocalRandom.current().nextBytes(nonce);
    String request = "GET /chat HTTP/1.1\r\nHost: 127.0.0.1:" + port
        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: " + Base64.getEncoder().encodeToString(nonce) + "\r\n"
        + (v1 ? "Sec-WebSocket-Protocol: chat.v1\r\n" : "") + "\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    String status = line(in);
    if (!status.startsWith("HTTP/1.1 101")) {
      throw new IOException("the server answered " + status);
    }
    while (!line(in).isEmpty()) {
      // The headers say nothing that is needed here.
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the server hung up during the handshake");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  /** Sends a text frame. */
  void send(String text) throws IOException {
    write(TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** How long nothing was sent. */
  Duration silent() {
    return Duration.ofNanos(System.nanoTime() - lastSent);
  }

  private synchronized void write(int opcode, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
    frame.put((byte) (0x80 | opcode));
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 65_536) {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    byte[] mask = new byte[4];
    ThreadLocalRandom.current().nextBytes(mask);
    frame.put(mask);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ mask[i & 3]));
    }
    socket.getOutputStream().write(frame.array(), 0, frame.position());
    lastSent = System.nanoTime();
  }

  /**
   * The next text.
   *
   * @throws ClosedException at a close frame
   * @throws IOException when the connection is gone, or nothing came for too long
   */
  String receive() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    while (true) {
      int first = in.readUnsignedByte();
      int second = in.readUnsignedByte();
      if ((first & 0x70) != 0 || (second & 0x80) != 0) {
        throw new IllegalStateException("not a frame of a server: " + first + " " + second);
      }
      long length = second == 126 ? in.readUnsignedShort() : second == 127 ? in.readLong() : second;
      if (length > 64 * 1024 * 1024) {
        throw new IllegalStateException("a frame of " + length + " bytes");
      }
      byte[] payload = new byte[(int) length];
      in.readFully(payload);
      switch (first & 0x0f) {
        case TEXT, CONTINUATION -> {
          text.writeBytes(payload);
          if ((first & 0x80) != 0) {
            return text.toString(StandardCharsets.UTF_8);
          }
        }
        case PING -> write(PONG, payload);
        case PONG -> {
          // Never asked for.
        }
        case CLOSE ->
          throw new ClosedException(
              payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff);
        default -> throw new IllegalStateException("an unknown frame: " + first);
      }
    }
  }

  /** Closes, from whatever thread; who receives hears of it. */
  void leave() {
    close();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException failure) {
      // Gone either way.
    }
  }

  /** The server closed the connection in order. */
  static final class ClosedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int code;

    ClosedException(int code) {
      super("closed with " + code);
      this.code = code;
    }

    int code() {
      return code;
    }
  }
}
