package dev.confab.chat.dialects;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;

/** What a channel is by its name where Pusher's protocol is spoken. */
final class PusherChannels {
  private PusherChannels() {}

  static boolean needsSignature(ChannelName channel) {
    return channel.value().startsWith(Pusher.PRIVATE_PREFIX) || isPresence(channel);
  }

  static boolean isPresence(ChannelName channel) {
    return channel.value().startsWith(Pusher.PRESENCE_PREFIX);
  }

  /**
   * The channel a frame names, whose name has no second reading: what is signed has colons between its parts, and ours may mean
   * one's own channel.
   *
   * @throws RefusedException if it names none, or one with such a reading
   */
  static ChannelName named(Fields fields) {
    ChannelName channel = ChannelName.of(fields.requireText("channel"));
    if (channel.equals(Command.OWN)
        || (needsSignature(channel) && !channel.value().matches("[-A-Za-z0-9_=@,.;]+"))) {
      throw new RefusedException(Refusal.of(ErrorCode.CHANNEL_NAME));
    }
    return channel;
  }
}
