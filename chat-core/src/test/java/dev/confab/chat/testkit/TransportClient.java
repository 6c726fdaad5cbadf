package dev.confab.chat.testkit;

import java.time.Duration;
import java.util.Optional;

/**
 * The far end of a connection of some transport: a client that can also misbehave. It answers nothing by itself, neither a ping
 * nor a close frame. Used by one thread.
 */
public interface TransportClient extends AutoCloseable {
  /** The subprotocol the server chose. */
  Optional<String> subprotocol();

  /** Sends a text message in one frame. */
  void sendText(String text);

  /** Sends a text message in pieces of so many bytes, wherever that cuts, as far as the transport has such a thing. */
  void sendFragmented(String text, int pieceBytes);

  /** Sends a binary message. */
  void sendBinary(byte[] bytes);

  /** Sends a pong, asked or unasked. */
  void sendPong();

  /**
   * The next message or control frame.
   *
   * @throws AssertionError if none comes within this time
   * @throws IllegalStateException while reading is stopped
   */
  Received read(Duration within);

  /** From now on takes nothing off the wire, so that what is written to it piles up. */
  void stopReading();

  /** Reads again. */
  void resumeReading();

  /** Sends a close frame; the server's answer can still be read. */
  void close(int code, String reason);

  /** Breaks the connection without a word. */
  void reset();

  /** Gives everything back, whatever state the connection is in. */
  @Override
  void close();
}
