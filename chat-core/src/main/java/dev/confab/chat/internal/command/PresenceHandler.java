package dev.confab.chat.internal.command;

import dev.confab.chat.internal.hub.Hub;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.Command.Presence;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.AccessPolicy;

/** Says who is in a channel. */
final class PresenceHandler implements CommandHandler<Presence> {
  private final Access access;
  private final Hub hub;

  PresenceHandler(Access access, Hub hub) {
    this.access = access;
    this.hub = hub;
  }

  @Override
  public void handle(Session session, Presence command, Answer answer) {
    Identity who =
        session.identity().orElseThrow(() -> new RefusedException(ErrorCode.NOT_AUTHENTICATED));
    ChannelName channel = Access.resolve(command.channel(), who);
    access.check(who, AccessPolicy.Action.PRESENCE, channel);
    if (answer.claim()) {
      answer.done(new Result.Present(hub.presence(channel, command.after(), command.limit())));
    }
  }
}
