package dev.confab.chat.spi;

import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.InvalidNameException;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Lets in who has no account, for protocols in which nobody has one. A guest's id is the connection's id, so that it can not
 * be guessed, is gone with the connection, and is nobody else's; the name is what the guest says, and proves nothing.
 */
public final class Guests {
  /** The role every guest has, for access policies. */
  public static final String ROLE = "guest";

  private static final String NAMELESS = "guest";

  private Guests() {}

  /** Guests, and nobody else. */
  public static Authenticator only() {
    return beside(credentials -> {
      throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
    });
  }

  /** Guests; everybody else is asked of the other authenticator, which is never shown a guest. */
  public static Authenticator beside(Authenticator members) {
    return credentials -> credentials instanceof Credentials.Guest guest
        ? identity(guest)
        : members.authenticate(credentials);
  }

  private static Identity identity(Credentials.Guest guest) {
    Optional<String> name = guest.name().filter(given -> !given.isBlank());
    UserId id = new UserId(guest.connection().value());
    try {
      return new Identity(
          new UserRef(id, name.orElse(NAMELESS)), Set.of(ROLE), Map.of(), Optional.empty());
    } catch (InvalidNameException refused) {
      throw new RefusedException(
          Refusal.badArgs("name", "name must be 1 to 256 characters that can be shown"));
    }
  }
}
