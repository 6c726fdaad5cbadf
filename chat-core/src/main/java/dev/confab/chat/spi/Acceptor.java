package dev.confab.chat.spi;

import dev.confab.chat.model.Handshake;
import java.util.List;

/**
 * The chat, as a transport sees it.
 *
 * <ol>
 *   <li>TRANSPORT-1: {@link #connected} is called once for each connection, after the handshake and before anything of it is
 *       told.
 *   <li>TRANSPORT-2: the subprotocol chosen is the first of {@link #subprotocols()} that the client offers, or none.
 *   <li>TRANSPORT-3: the handshake is a copy made while the request was at hand; nothing of the container is kept.
 * </ol>
 */
public interface Acceptor {
  /**
   * Takes a new connection. It may be closed already when this returns.
   *
   * <p><b>Threads.</b> Called by the transport's own threads; returns quickly.
   */
  Inbound connected(Handshake handshake, Connection connection);

  /** The subprotocols that are spoken, best first. */
  List<String> subprotocols();

  /** The most bytes of UTF-8 a client's frame may have. */
  int maxFrameBytes();
}
