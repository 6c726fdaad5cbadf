package dev.confab.chat.examples.journey;

import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Authenticator;

/** user1 with the id 10001, user2 with the id 10002, and so on, all with one password. */
final class Users {
  static final String PASSWORD = "123456";

  private Users() {}

  static Authenticator authenticator() {
    return credentials -> {
      if (credentials instanceof Credentials.Password login
          && login.name().matches("user[1-9][0-9]{0,3}")
          && login.password().equals(PASSWORD)) {
        return Identity.of(idOf(login.name()), login.name());
      }
      throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
    };
  }

  static String idOf(String name) {
    return String.valueOf(10_000 + Integer.parseInt(name.substring(4)));
  }
}
