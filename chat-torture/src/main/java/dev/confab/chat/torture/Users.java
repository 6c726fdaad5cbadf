package dev.confab.chat.torture;

import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Authenticator;

/** Everybody who knows the password; the name is the id. */
final class Users {
  static final String PASSWORD = "torture";

  private Users() {}

  static Authenticator authenticator() {
    return credentials -> {
      if (credentials instanceof Credentials.Password login && login.password().equals(PASSWORD)) {
        return Identity.of(login.name(), login.name());
      }
      throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
    };
  }
}
