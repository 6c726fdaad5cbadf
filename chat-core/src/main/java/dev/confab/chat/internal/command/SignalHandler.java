package dev.confab.chat.internal.command;

import dev.confab.chat.internal.hub.Hub;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.Command.Signal;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.AccessPolicy;
import java.util.Optional;

/** Tells the current subscribers, but the sending connection, something that is not recorded. */
final class SignalHandler implements CommandHandler<Signal> {
  private final Access access;
  private final Hub hub;
  private final Drafting drafting;
  private final Rates rates;

  SignalHandler(Access access, Hub hub, Drafting drafting, Rates rates) {
    this.access = access;
    this.hub = hub;
    this.drafting = drafting;
    this.rates = rates;
  }

  @Override
  public void handle(Session session, Signal command, Answer answer) {
    Identity sender =
        session.identity().orElseThrow(() -> new RefusedException(ErrorCode.NOT_AUTHENTICATED));
    ChannelName channel = Access.resolve(command.channel(), sender);
    drafting.requireClientSize(channel, command.data());
    access.check(sender, AccessPolicy.Action.WRITE, channel);
    if (!answer.claim()) {
      return;
    }
    rates.take(session, channel);
    // Answered when it is told, so that a connection has one at a time on its way.
    hub.tell(
            channel,
            new Event.Signalled(
                channel, Optional.of(sender.user()), hub.headHere(channel), command.data()),
            connection -> !connection.equals(session.id()))
        .thenRun(() -> answer.done(new Result.Done()));
  }
}
