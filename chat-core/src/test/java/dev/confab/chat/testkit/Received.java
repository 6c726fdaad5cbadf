package dev.confab.chat.testkit;

/** What a client of a transport read. */
public sealed interface Received {
  /**
   * A whole text message.
   *
   * @param text its text
   */
  record Text(String text) implements Received {}

  /**
   * A whole binary message.
   *
   * @param bytes how long it is
   */
  record Binary(int bytes) implements Received {}

  /** A ping. */
  record Ping() implements Received {}

  /** A pong. */
  record Pong() implements Received {}

  /**
   * A close frame.
   *
   * @param code its code; 1005 if it has none
   * @param reason its text
   */
  record Closed(int code, String reason) implements Received {}

  /** The connection is gone without another frame. */
  record Broken() implements Received {}
}
