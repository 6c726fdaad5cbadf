package dev.confab.chat.internal.command;

import dev.confab.chat.internal.session.Happenings;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.session.Sessions;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.protocol.Command.Logout;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.ChatListener.Happening;

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
    session.removeAll();
    sessions
        .logout(session, time.nanos())
        .ifPresent(was -> happenings.tell(new Happening.LoggedOut(session.id(), was.user())));
    answer.done(new Result.Done());
  }
}
