package dev.confab.chat.examples.docs;

import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Authenticator;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** Logs in the users an application has already, by a token it hands out itself. */
// docs:begin own-users
public final class OwnUsers implements Authenticator {
  /** What the application knows of a token; its own code. */
  public record Account(String id, String displayName, Set<String> roles, Instant validUntil) {}

  /** Where the application looks a token up; its own code. */
  @FunctionalInterface
  public interface Accounts {
    /** Whose token this is; empty if nobody's. */
    Optional<Account> byToken(String token);
  }

  private final Accounts accounts;

  /** Logs in by these accounts. */
  public OwnUsers(Accounts accounts) {
    this.accounts = accounts;
  }

  @Override
  public Identity authenticate(Credentials shown) {
    if (!(shown instanceof Credentials.Token token)) {
      // A kind that is not taken is refused, not failed over (AUTH-3).
      throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
    }
    Account account = accounts
        .byToken(token.value())
        .orElseThrow(() -> new RefusedException(ErrorCode.TOKEN_INVALID));
    return Identity.of(account.id(), account.displayName())
        .withRoles(account.roles())
        .expiringAt(account.validUntil());
  }
}
// docs:end own-users
