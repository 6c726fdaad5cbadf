package dev.confab.chat.transport.jsr356;

import jakarta.websocket.server.HandshakeRequest;
import java.util.Map;

/**
 * What an application wants to remember of an opening request beside what the handshake holds anyway.
 *
 * <p><b>Threads.</b> Called by the container while it answers the request, several at once; must not block.
 */
@FunctionalInterface
public interface HandshakeAttributes {
  /**
   * The attributes that {@code Handshake.attributes()} will have. Values outlive the request, so nothing of the container
   * belongs in them, least of all the request or its {@code HttpSession}. If this throws, the connection is refused with 1011.
   */
  Map<String, Object> of(HandshakeRequest request);
}
