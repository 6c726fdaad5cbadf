package dev.confab.chat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Authenticator;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Authenticator} must do, rule by rule. Extend it, give it a way to make authenticators as on several
 * nodes, and somebody's right credentials of every kind it takes. Kinds that are not given must be refused.
 */
public abstract class AuthenticatorContract {
  private static final String SECRET = "s3cr3t-that-nobody-may-read";

  /** An authenticator as on a node of its own. */
  protected abstract Authenticator authenticator();

  /** Right credentials of each kind that it takes, with whose they are. */
  protected abstract Map<Credentials, UserId> right();

  @Rule("AUTH-1")
  @Test
  void right_credentials_give_the_same_user_every_time_and_on_every_node() {
    assertThat(right()).isNotEmpty();
    Authenticator node = authenticator();
    Authenticator otherNode = authenticator();
    right().forEach((credentials, whose) -> {
      assertThat(node.authenticate(credentials).id()).isEqualTo(whose);
      assertThat(node.authenticate(credentials).id()).isEqualTo(whose);
      assertThat(otherNode.authenticate(credentials).id()).isEqualTo(whose);
    });
  }

  @Rule("AUTH-2")
  @Test
  void wrong_password_and_unknown_name_are_refused_alike() {
    Optional<Credentials.Password> known = password();
    assumeTrue(known.isPresent(), "takes no passwords");
    String name = known.orElseThrow().name();
    Throwable wrongPassword = refusal(new Credentials.Password(name, SECRET));
    Throwable unknownName = refusal(new Credentials.Password(name + "-unknown", SECRET));

    assertThat(wrongPassword).isInstanceOf(RefusedException.class);
    assertThat(unknownName).isInstanceOf(RefusedException.class);
    assertThat(((RefusedException) wrongPassword).refusal().code())
        .isEqualTo(ErrorCode.BAD_CREDENTIALS);
    assertThat(((RefusedException) unknownName).refusal())
        .isEqualTo(((RefusedException) wrongPassword).refusal());
  }

  @Rule("AUTH-3")
  @Test
  void kinds_of_credentials_that_are_not_taken_are_refused() {
    for (Credentials credentials : ofEveryKind("somebody-unknown")) {
      if (right().keySet().stream()
          .noneMatch(taken -> taken.getClass() == credentials.getClass())) {
        assertThat(refusal(credentials)).as("%s", credentials).isInstanceOf(RefusedException.class);
      }
    }
  }

  @Rule("AUTH-4")
  @Test
  void no_exception_tells_a_secret() {
    List<Credentials> wrong = new ArrayList<>(ofEveryKind("somebody-unknown"));
    password().ifPresent(known -> {
      wrong.add(new Credentials.Password(known.name(), SECRET));
      wrong.add(new Credentials.Password(known.name(), ""));
    });
    for (Credentials credentials : wrong) {
      Throwable thrown = refusal(credentials);
      StringWriter told = new StringWriter();
      thrown.printStackTrace(new PrintWriter(told));
      if (thrown instanceof RefusedException refused) {
        told.append(refused.refusal().toString());
      }
      assertThat(told.toString()).as("%s", credentials).doesNotContain(SECRET);
    }
  }

  private Throwable refusal(Credentials credentials) {
    Authenticator authenticator = authenticator();
    Throwable thrown = catchThrowable(() -> authenticator.authenticate(credentials));
    assertThat(thrown).as("%s is nobody's", credentials).isNotNull();
    return thrown;
  }

  private Optional<Credentials.Password> password() {
    return right().keySet().stream()
        .filter(Credentials.Password.class::isInstance)
        .map(Credentials.Password.class::cast)
        .findFirst();
  }

  private static List<Credentials> ofEveryKind(String name) {
    Handshake handshake = new Handshake(
        "/chat",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of("token", List.of(SECRET)),
        Map.of("authorization", List.of("Bearer " + SECRET), "cookie", List.of("id=" + SECRET)),
        Map.of());
    return List.of(
        new Credentials.Password(name, SECRET),
        new Credentials.Token(SECRET),
        new Credentials.Guest(new ConnectionId("c8Jk2mPq0Rt5Vw9Z"), Optional.of(name)),
        new Credentials.Proof(handshake));
  }
}
