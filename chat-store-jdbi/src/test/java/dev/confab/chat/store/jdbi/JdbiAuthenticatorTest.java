package dev.confab.chat.store.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.InvalidNameException;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.spi.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Logging in from a users table. */
class JdbiAuthenticatorTest {
  enum Kind {
    POSTGRESQL {
      @Override
      Jdbi fresh() {
        return Jdbi.create(PostgresqlServer.database().direct());
      }
    },
    SQLITE {
      @Override
      Jdbi fresh() {
        return Jdbi.create("jdbc:sqlite:" + SqliteFiles.fresh());
      }
    };

    abstract Jdbi fresh();
  }

  private static JdbiUsers users(Jdbi jdbi) {
    JdbiUsers users = JdbiUsers.of(jdbi).withCost(4);
    users.createTableIfMissing();
    return users;
  }

  private static JdbiAuthenticator authenticator(Jdbi jdbi) {
    return JdbiAuthenticator.builder(jdbi).cost(4).build();
  }

  private static ErrorCode refusal(Authenticator authenticator, Credentials credentials) {
    RefusedException refused =
        catchThrowableOfType(RefusedException.class, () -> authenticator.authenticate(credentials));
    assertThat(refused).as("refused").isNotNull();
    return refused.refusal().code();
  }

  private static Credentials password(String name, String password) {
    return new Credentials.Password(name, password);
  }

  @ParameterizedTest
  @EnumSource
  void user_who_was_added_logs_in_with_the_password_and_no_other(Kind kind) {
    Jdbi jdbi = kind.fresh();
    JdbiUsers users = users(jdbi);
    users.createTableIfMissing();
    UserId ann = users.add("ann", Optional.of("ann@example.org"), "123456");
    UserId bob = users.add("bob", Optional.empty(), "x".repeat(72));
    assertThat(ann).isNotEqualTo(bob);
    assertThat(users.find("ann")).contains(ann);
    assertThat(users.find("Ann")).isEmpty();

    try (JdbiAuthenticator authenticator = authenticator(jdbi)) {
      Identity identity = authenticator.authenticate(password("ann", "123456"));
      assertThat(identity).isEqualTo(Identity.of(ann.value(), "ann"));
      assertThat(authenticator.authenticate(password("bob", "x".repeat(72))).id())
          .isEqualTo(bob);
      for (String wrong : List.of("", "12345", "1234567", "123456 ", "123456\0")) {
        assertThat(refusal(authenticator, password("ann", wrong)))
            .isEqualTo(ErrorCode.BAD_CREDENTIALS);
      }
      List<String> nobody = List.of(
          "",
          "ANN",
          "ann ",
          "\u00e1nn",
          "ann\0",
          "nobody",
          "' or 1=1 --",
          "\ud800",
          "x".repeat(70_000));
      for (String name : nobody) {
        assertThat(refusal(authenticator, password(name, "123456")))
            .isEqualTo(ErrorCode.BAD_CREDENTIALS);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void table_of_a_laravel_application_is_used_as_it_is(Kind kind) {
    Jdbi jdbi = kind.fresh();
    jdbi.useHandle(handle -> {
      handle.execute("create table members (uid bigint, login varchar(255), nick varchar(255),"
          + " secret varchar(255))");
      handle.execute(
          "insert into members values (10001, 'user1', 'The First', ?)",
          "$2y$10$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/igi");
      handle.execute("insert into members values (10002, 'user2', 'No Password', null)");
      handle.execute("insert into members values (10003, 'user3', 'Plain', 'plain')");
    });
    try (JdbiAuthenticator authenticator = JdbiAuthenticator.builder(jdbi)
        .query("select uid, nick, secret from members where login = ?")
        .cost(4)
        .build()) {
      assertThat(authenticator.authenticate(password("user1", "password")))
          .isEqualTo(Identity.of("10001", "The First"));
      assertThat(refusal(authenticator, password("user2", "")))
          .isEqualTo(ErrorCode.BAD_CREDENTIALS);
      assertThat(refusal(authenticator, password("user3", "plain")))
          .isEqualTo(ErrorCode.BAD_CREDENTIALS);
    }
  }

  @Test
  void tokens_and_proofs_are_refused() {
    Jdbi jdbi = Kind.SQLITE.fresh();
    users(jdbi);
    try (JdbiAuthenticator authenticator = authenticator(jdbi)) {
      assertThat(refusal(authenticator, new Credentials.Token("t")))
          .isEqualTo(ErrorCode.TOKEN_INVALID);
      assertThat(refusal(
              authenticator, new Credentials.Proof(Handshake.of("/chat", Optional.empty()))))
          .isEqualTo(ErrorCode.NOT_AUTHENTICATED);
    }
  }

  @Test
  void unknown_name_takes_as_long_as_a_wrong_password() {
    Jdbi jdbi = Kind.SQLITE.fresh();
    users(jdbi).withCost(10).add("ann", Optional.empty(), "123456");
    // Begins with a cost that is far too low and learns the right one from the first hash it sees.
    try (JdbiAuthenticator authenticator = authenticator(jdbi)) {
      assertThat(refusal(authenticator, password("ann", "wrong")))
          .isEqualTo(ErrorCode.BAD_CREDENTIALS);
      long known = Long.MAX_VALUE;
      long unknown = Long.MAX_VALUE;
      for (int i = 0; i < 5; i++) {
        known = Math.min(known, nanos(authenticator, "ann"));
        unknown = Math.min(unknown, nanos(authenticator, "nobody"));
      }
      // The best of five; at a cost of 4 it would be a sixtieth.
      assertThat(unknown).isBetween(known / 3, known * 3);
    }
  }

  private static long nanos(Authenticator authenticator, String name) {
    long start = System.nanoTime();
    refusal(authenticator, password(name, "wrong"));
    return System.nanoTime() - start;
  }

  @Test
  void logins_beyond_the_bound_are_refused_at_once_and_the_others_are_answered() throws Exception {
    Jdbi jdbi = Kind.SQLITE.fresh();
    // Slow enough that the first is still hashing when the others have come.
    users(jdbi).withCost(13).add("ann", Optional.empty(), "123456");
    ExecutorService doors = Executors.newFixedThreadPool(8);
    try (JdbiAuthenticator authenticator =
        JdbiAuthenticator.builder(jdbi).threads(1).waiting(2).build()) {
      List<Future<Identity>> logins = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        logins.add(doors.submit(() -> authenticator.authenticate(password("ann", "123456"))));
      }
      int answered = 0;
      for (Future<Identity> login : logins) {
        try {
          assertThat(login.get(60, TimeUnit.SECONDS).name()).isEqualTo("ann");
          answered++;
        } catch (ExecutionException e) {
          RefusedException refused = (RefusedException) e.getCause();
          assertThat(refused.refusal().code()).isEqualTo(ErrorCode.OVERLOADED);
          assertThat(refused.refusal().after()).contains(Duration.ofSeconds(1));
        }
      }
      assertThat(answered).isBetween(3, 7);
    } finally {
      doors.shutdownNow();
    }
  }

  @Test
  void closing_refuses_who_waits_and_ends_the_threads() {
    Jdbi jdbi = Kind.SQLITE.fresh();
    users(jdbi).add("ann", Optional.empty(), "123456");
    JdbiAuthenticator authenticator = authenticator(jdbi);
    authenticator.authenticate(password("ann", "123456"));
    authenticator.close();
    assertThat(refusal(authenticator, password("ann", "123456"))).isEqualTo(ErrorCode.UNAVAILABLE);
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().startsWith("chat-login-")));
  }

  @Test
  void users_that_can_not_be_looked_up_are_unavailable() {
    Jdbi jdbi = Kind.SQLITE.fresh();
    try (JdbiAuthenticator authenticator = authenticator(jdbi)) {
      assertThat(refusal(authenticator, password("ann", "123456")))
          .isEqualTo(ErrorCode.UNAVAILABLE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void users_that_can_not_be_taken_are_refused_with_the_reason(Kind kind) {
    Jdbi jdbi = kind.fresh();
    JdbiUsers users = users(jdbi);
    users.add("ann", Optional.empty(), "123456");
    assertThatThrownBy(() -> users.add("ann", Optional.empty(), "other"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("There is a user ann already");
    for (String password : List.of("", "x".repeat(73), "\u20ac".repeat(25), "a\0b")) {
      assertThatThrownBy(() -> users.add("bob", Optional.empty(), password))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1 to 72 bytes");
    }
    assertThatThrownBy(() -> users.add("bo\nb", Optional.empty(), "123456"))
        .isInstanceOf(InvalidNameException.class);
    jdbi.useHandle(handle -> handle.execute("drop table users"));
    assertThatThrownBy(() -> users.add("bob", Optional.empty(), "123456"))
        .isExactlyInstanceOf(StoreException.class)
        .hasNoCause()
        .hasMessageNotContaining("$2y$");
  }
}
