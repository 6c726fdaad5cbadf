package dev.confab.chat.protocol;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** One thing a client is told without having asked. */
public sealed interface Event {
  /**
   * An entry of a log it follows.
   *
   * @param entry the entry
   */
  record Recorded(Entry entry) implements Event {}

  /**
   * Something said in a channel without log.
   *
   * @param channel where
   * @param from who; absent for the host
   * @param at when
   * @param data what
   */
  record Unlogged(ChannelName channel, Optional<UserRef> from, Instant at, Json data)
      implements Event {}

  /**
   * Something ephemeral.
   *
   * @param channel where
   * @param from who; absent for the host
   * @param seq the channel's head when it was sent
   * @param data what
   */
  record Signalled(ChannelName channel, Optional<UserRef> from, long seq, Json data)
      implements Event {}

  /**
   * A user's first connection came.
   *
   * @param channel where
   * @param user who
   * @param at when
   */
  record Joined(ChannelName channel, UserRef user, Instant at) implements Event {}

  /**
   * A user's last connection left.
   *
   * @param channel where
   * @param user who
   * @param at when
   */
  record Left(ChannelName channel, UserRef user, Instant at) implements Event {}

  /**
   * How many users are there, where they are too many to be named.
   *
   * @param channel where
   * @param count how many
   */
  record PresenceCount(ChannelName channel, long count) implements Event {}

  /**
   * All that was missed up to the reply's head has been sent.
   *
   * @param channel where
   * @param seq that head
   */
  record Live(ChannelName channel, long seq) implements Event {}

  /**
   * The log went backwards: forget what is known of it; the stream goes on behind this head.
   *
   * @param channel where
   * @param head the new head
   */
  record Reset(ChannelName channel, Head head) implements Event {}

  /**
   * Retention removed a part that was not sent yet.
   *
   * @param channel where
   * @param range what
   */
  record Trimmed(ChannelName channel, TrimmedRange range) implements Event {}

  /**
   * The login ends soon.
   *
   * @param at when
   */
  record Expiring(Instant at) implements Event {}

  /** Is anybody there. */
  record Ping() implements Event {}

  /**
   * The first frame.
   *
   * @param connection the connection's id
   * @param time the server's clock
   * @param heartbeat after how long without sending the server pings
   * @param maxFrameBytes what a frame may have
   * @param maxDataBytes what data may have
   * @param loginWithin how long there is to log in
   * @param user who the handshake proved, if anybody
   * @param expiresAt when that login ends, if it does
   */
  record Welcome(
      ConnectionId connection,
      Instant time,
      Duration heartbeat,
      int maxFrameBytes,
      int maxDataBytes,
      Duration loginWithin,
      Optional<UserRef> user,
      Optional<Instant> expiresAt)
      implements Event {}

  /**
   * The connection ends now.
   *
   * @param reason why
   */
  record Bye(CloseReason reason) implements Event {}
}
