package dev.confab.chat.internal.command;

import dev.confab.chat.internal.session.Happenings;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.Command.Unsubscribe;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.ChatListener.Happening;

/** Ends subscriptions; after the reply nothing of those channels comes. */
final class UnsubscribeHandler implements CommandHandler<Unsubscribe> {
  private final Happenings happenings;

  UnsubscribeHandler(Happenings happenings) {
    this.happenings = happenings;
  }

  @Override
  public void handle(Session session, Unsubscribe command, Answer answer) {
    Identity who =
        session.identity().orElseThrow(() -> new RefusedException(ErrorCode.NOT_AUTHENTICATED));
    if (!answer.claim()) {
      return;
    }
    for (ChannelName named : command.channels()) {
      ChannelName name = Access.resolve(named, who);
      if (session.remove(name).isPresent()) {
        happenings.tell(new Happening.Unsubscribed(session.id(), who.user(), name));
      }
    }
    answer.done(new Result.Done());
  }
}
