package dev.confab.chat.spi;

import dev.confab.chat.model.ConnectionId;
import java.util.Optional;

/**
 * What a transport tells of one connection.
 *
 * <p><b>Threads.</b> Called by the transport's own threads, one call of a connection at a time and in order; every method
 * returns quickly.
 *
 * <ol>
 *   <li>INBOUND-1: text frames are told whole and in the order they came.
 *   <li>INBOUND-2: a text frame above {@link Acceptor#maxFrameBytes()} is not told; the transport closes with 1009.
 *   <li>INBOUND-3: {@link #closed} is the last call, and comes exactly once, whoever ended the connection and however.
 * </ol>
 */
public interface Inbound {
  /** A whole text frame came. */
  void text(String frame);

  /** A binary frame came; its content is not looked at. */
  void binary();

  /** A pong of the transport's own came. */
  void pong();

  /**
   * The connection has ended.
   *
   * @param code the close code; 1005 or 1000, as the container likes, if the client's close frame had none; 1006 if there was no
   *     close frame
   */
  void closed(int code, String reason);

  /**
   * The id the chat gave the connection, for whoever stands between a transport and the chat; empty if it was not taken.
   * Transports need not ask.
   */
  default Optional<ConnectionId> id() {
    return Optional.empty();
  }
}
