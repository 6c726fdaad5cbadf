package dev.confab.chat;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Identity;
import java.util.List;
import java.util.Optional;

/**
 * A connection and who it is, as they were when this was asked.
 *
 * @param connection its id
 * @param identity who it is; empty before login
 * @param address the client's address, where the transport knows it
 * @param channels what it is subscribed to, in no order
 */
public record SessionInfo(
    ConnectionId connection,
    Optional<Identity> identity,
    Optional<String> address,
    List<ChannelName> channels) {
  /** Copies its list. */
  public SessionInfo {
    channels = List.copyOf(channels);
  }
}
