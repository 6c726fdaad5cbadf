package dev.confab.chat.internal.command;

import dev.confab.chat.internal.session.Happenings;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.session.Sessions;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.Command.Logout;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.ChatListener.Happening;
import java.util.Optional;

/** Leaves all channels and drops the identity. */
final class LogoutHandler implements CommandHandler<Logout> {
  private final Sessions sessions;
  private final Happenings happenings;
  private final Time time;

  LogoutHandler(Sessions sessions, Happenings happenings, Time time) {
    this.sessions = sessions;
    this.happenings = happenings;
    this.time = time;
  }

  @Override
  public void handle(Session session, Logout command, Answer answer) {
    if (!answer.claim()) {
      return;
    }
    // First who it is: from then on nothing is added to what it is subscribed to.
    Optional<Identity> was = sessions.logout(session, time.nanos());
    session.removeAll();
    was.ifPresent(
        identity -> happenings.tell(new Happening.LoggedOut(session.id(), identity.user())));
    answer.done(new Result.Done());
  }
}
