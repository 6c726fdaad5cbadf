package dev.confab.chat;

import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import java.util.Map;
import java.util.Optional;

/**
 * A connection and who it is, as they were when this was asked.
 *
 * @param connection its id
 * @param identity who it is; empty before login
 * @param address the client's address, where the transport knows it
 * @param attributes what the host keeps with the connection
 * @param channels how many channels it is subscribed to; {@link Connections#channels} names them
 */
public record SessionInfo(
    ConnectionId connection,
    Optional<Identity> identity,
    Optional<String> address,
    Map<String, Json> attributes,
    int channels) {
  /** Copies its map. */
  public SessionInfo {
    attributes = Map.copyOf(attributes);
  }
}
