package dev.confab.chat.internal.command;

import dev.confab.chat.internal.session.Happenings;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.session.Sessions;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Command.Authenticate;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.spi.ChatListener.Happening;
import java.util.Objects;

/** Asks the application who somebody is. A failed second login changes nothing. */
final class AuthenticateHandler implements CommandHandler<Authenticate> {
  private final Authenticator authenticator;
  private final Sessions sessions;
  private final Happenings happenings;
  private final Limits limits;
  private final Time time;

  AuthenticateHandler(
      Authenticator authenticator,
      Sessions sessions,
      Happenings happenings,
      Limits limits,
      Time time) {
    this.authenticator = authenticator;
    this.sessions = sessions;
    this.happenings = happenings;
    this.limits = limits;
    this.time = time;
  }

  @Override
  public void handle(Session session, Authenticate command, Answer answer) {
    try {
      login(session, command, answer);
    } catch (RefusedException e) {
      // Also of who is logged in already: the answer would tell whether a password was guessed.
      answer.refused(e.refusal());
      boolean guess = e.refusal().code().retry() != ErrorCode.Retry.LATER;
      if (guess && session.loginFailed() >= limits.failedLogins()) {
        session.end(CloseReason.FAILED_LOGINS);
      }
    }
  }

  private void login(Session session, Authenticate command, Answer answer) {
    Identity identity = Objects.requireNonNull(
        authenticator.authenticate(command.credentials()),
        "an authenticator gives an identity or throws RefusedException");
    if (!answer.claim()) {
      return;
    }
    if (identity.expiresAt().isPresent()
        && !time.now().isBefore(identity.expiresAt().get())) {
      throw new RefusedException(ErrorCode.TOKEN_EXPIRED);
    }
    if (sessions.login(session, identity)) {
      happenings.tell(new Happening.LoggedIn(session.id(), identity.user()));
    }
    answer.done(new Result.LoggedIn(identity.user(), identity.expiresAt()));
  }
}
