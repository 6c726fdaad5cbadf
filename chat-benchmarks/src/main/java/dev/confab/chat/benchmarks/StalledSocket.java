package dev.confab.chat.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** A client that logs in, enters a room, and from then on reads nothing. Used by one thread. */
final class StalledSocket implements AutoCloseable {
  /** As little as the system gives, so that it is full soon. */
  private static final int RECEIVED_BYTES = 4_096;

  private static final int ANSWERED_WITHIN_MILLIS = 30_000;
  private static final int SILENT_MILLIS = 1_000;
  private static final long READ_WITHIN_SECONDS = 10;
  private static final int SHORT = 125;
  private static final int MASKED = 0x80;
  private static final int WHOLE_TEXT = 0x81;

  private final Socket socket;

  private StalledSocket(Socket socket) {
    this.socket = socket;
  }

  /** Enters a room; when this returns it has been told that it is in. */
  static StalledSocket enter(URI uri, boolean plain, String room) throws IOException {
    // Closed by its owner, or here if it does not get in.
    Socket socket = new Socket();
    try {
      socket.setReceiveBufferSize(RECEIVED_BYTES);
      socket.setSoTimeout(ANSWERED_WITHIN_MILLIS);
      socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()));
      String head = "GET " + uri.getRawPath() + " HTTP/1.1\r\nHost: " + uri.getHost() + ":"
          + uri.getPort() + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
          + (plain ? "" : "Sec-WebSocket-Protocol: chat.v1\r\n") + "\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      awaitText(socket, "\r\n\r\n");
      send(socket, "{\"op\":\"auth\",\"args\":[\"stalled\",\"-\"]}");
      awaitText(socket, "\"op\":\"auth\",\"success\":true");
      send(socket, "{\"op\":\"subscribe\",\"args\":[\"" + room + "\"]}");
      awaitText(socket, "\"op\":\"subscribe\",\"success\":true");
      return new StalledSocket(socket);
    } catch (IOException failure) {
      socket.close();
      throw failure;
    }
  }

  /** Masked with zeros, as {@link Wire} does. */
  private static void send(Socket socket, String text) throws IOException {
    byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
    if (payload.length > SHORT) {
      throw new IllegalArgumentException("at most " + SHORT + " bytes, got " + payload.length);
    }
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(WHOLE_TEXT);
    frame.write(MASKED | payload.length);
    frame.write(new byte[4]);
    frame.write(payload);
    socket.getOutputStream().write(frame.toByteArray());
  }

  private static void awaitText(Socket socket, String awaited) throws IOException {
    StringBuilder seen = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (seen.indexOf(awaited) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the server hung up after " + seen);
      }
      seen.append((char) next);
    }
  }

  /** Whether the server has given it up; found out by reading what is left. It is of no use afterwards. */
  boolean isCut() throws IOException {
    socket.setSoTimeout(SILENT_MILLIS);
    byte[] read = new byte[64 * 1024];
    // What lies in the server's buffers, too, is in the way of the end.
    socket.setReceiveBufferSize(read.length);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(READ_WITHIN_SECONDS);
    InputStream in = socket.getInputStream();
    while (System.nanoTime() < until) {
      try {
        if (in.read(read) < 0) {
          return true;
        }
      } catch (SocketTimeoutException silence) {
        return false;
      } catch (IOException reset) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
