package dev.confab.chat.examples.docs;

import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.UserId;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.testkit.AuthenticatorContract;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The authenticator of the page keeps the rules of every authenticator. */
// docs:begin own-users-test
final class OwnUsersTest extends AuthenticatorContract {
  private static final OwnUsers.Account ANN =
      new OwnUsers.Account("17", "Ann", Set.of("staff"), Instant.MAX);

  @Override
  protected Authenticator authenticator() {
    return new OwnUsers(token -> token.equals("good") ? Optional.of(ANN) : Optional.empty());
  }

  @Override
  protected Map<Credentials, UserId> right() {
    return Map.of(new Credentials.Token("good"), new UserId("17"));
  }
}
// docs:end own-users-test
