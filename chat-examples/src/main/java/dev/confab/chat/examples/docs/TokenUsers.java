package dev.confab.chat.examples.docs;

import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Authenticator;
import java.util.function.Function;

/** Logs in by tokens of the application's own making. */
final class TokenUsers implements Authenticator {
  private final Function<String, Identity> users;

  TokenUsers(Function<String, Identity> users) {
    this.users = users;
  }

  @Override
  public Identity authenticate(Credentials credentials) {
    if (credentials instanceof Credentials.Token token) {
      return users.apply(token.value());
    }
    throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
  }
}
