package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.UserId;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.testkit.AuthenticatorContract;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** Users in a real PostgreSQL. */
class JdbiAuthenticatorContractTest extends AuthenticatorContract {
  private static Jdbi jdbi;
  private static UserId ann;

  private final List<JdbiAuthenticator> opened = new ArrayList<>();

  @BeforeAll
  static void add_a_user() {
    jdbi = Jdbi.create(PostgresqlServer.database().direct());
    JdbiUsers users = JdbiUsers.of(jdbi).withCost(4);
    users.createTableIfMissing();
    ann = users.add("ann", Optional.empty(), "123456");
  }

  @AfterEach
  void close_the_authenticators() {
    opened.forEach(JdbiAuthenticator::close);
  }

  @Override
  protected Authenticator authenticator() {
    JdbiAuthenticator authenticator = JdbiAuthenticator.builder(jdbi).cost(4).build();
    opened.add(authenticator);
    return authenticator;
  }

  @Override
  protected Map<Credentials, UserId> right() {
    return Map.of(new Credentials.Password("ann", "123456"), ann);
  }
}
