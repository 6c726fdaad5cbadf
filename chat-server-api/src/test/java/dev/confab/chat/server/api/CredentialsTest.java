package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.confab.chat.testkit.CapturedLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Who may call, from where, how often. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CredentialsTest {
  private static final String PUBLISH = "/v1/mesh/publish";
  private static final String BODY = "{\"c\":\"room_1\",\"d\":\"x\"}";

  private final ApiKey.Made reader = ApiKey.generate(Scope.READ);
  private final ApiKey.Made elsewhere = ApiKey.generate(Scope.PUBLISH);
  private final ApiKey.Made here = ApiKey.generate(Scope.PUBLISH);
  private final ApiKey.Made slow = ApiKey.generate(Scope.PUBLISH);
  private final ApiKey.Made old = ApiKey.generate(Scope.PUBLISH);
  private TestServer server;

  @BeforeAll
  void start() throws Exception {
    server = new TestServer(
        reader.key(),
        elsewhere.key().from(AddressRange.of("10.0.0.0/8"), AddressRange.of("fd00::/8")),
        here.key().from(AddressRange.of("127.0.0.0/8"), AddressRange.of("::1")),
        slow.key().rate(new RateLimit(2, Duration.ofHours(1))),
        old.key().expiringAt(Instant.parse("2020-01-01T00:00:00Z")));
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private int status(ApiKey.Made key) {
    return server.post(PUBLISH, BODY, "X-API-Key", key.secret()).statusCode();
  }

  @Test
  void seed_004_row_12_nobody_calls_without_a_key() {
    String id = reader.key().id();
    for (String shown : List.of(
        "Bearer ",
        "Bearer x",
        "Basic !",
        "Digest x",
        "Bearer confab_" + id,
        "Bearer confab_" + id + "_",
        "Bearer confab_" + id + "_wrong",
        "Bearer confab_0123456789abcdef_wrong",
        "Bearer " + TestServer.ALL.secret() + "x",
        "Bearer " + "x".repeat(8_000))) {
      HttpResponse<String> answer = server.post(PUBLISH, BODY, "Authorization", shown);
      assertThat(answer.statusCode()).as(shown).isEqualTo(401);
      assertThat(answer.headers().firstValue("WWW-Authenticate"))
          .contains("Bearer realm=\"confab\"");
      assertThat(answer.body()).startsWith("{\"E\":{\"c\":401,");
    }
  }

  @Test
  void who_has_no_key_does_not_learn_what_paths_there_are() {
    assertThat(server.get("/nothing", "Authorization", "Bearer x").statusCode()).isEqualTo(401);
    assertThat(server.get(PUBLISH, "Authorization", "Bearer x").statusCode()).isEqualTo(401);
    assertThat(server.get("/nothing").statusCode()).isEqualTo(404);
    assertThat(server.get(PUBLISH).statusCode()).isEqualTo(405);
    assertThat(server.get(PUBLISH).headers().firstValue("Allow")).contains("POST");
  }

  @Test
  void seed_004_row_12_server_listens_at_loopback() {
    assertThat(server.http("/").getHost()).isEqualTo("127.0.0.1");
    try (JdkApiServer own = JdkApiServer.start(server.api(), 0)) {
      assertThat(own.address().getAddress().isLoopbackAddress()).isTrue();
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  @Test
  void scope_and_address_are_asked_for() {
    assertThat(status(reader)).isEqualTo(403);
    assertThat(status(elsewhere)).isEqualTo(403);
    assertThat(status(here)).isEqualTo(200);
    assertThat(status(old)).isEqualTo(401);
  }

  @Test
  void who_calls_too_often_is_told_when_to_come_back() {
    assertThat(status(slow)).isEqualTo(200);
    assertThat(status(slow)).isEqualTo(200);
    HttpResponse<String> answer = server.post(PUBLISH, BODY, "X-API-Key", slow.secret());
    assertThat(answer.statusCode()).isEqualTo(429);
    assertThat(Integer.parseInt(answer.headers().firstValue("Retry-After").orElseThrow()))
        .isBetween(1_000, 1_800);
  }

  @Test
  void proxy_is_believed_only_where_it_is_one_of_ours() {
    ApiKey key = elsewhere.key().from(AddressRange.of("10.0.0.0/8"));
    var trusting =
        new Doorkeeper(ApiKeys.of(key), List.of(AddressRange.of("127.0.0.1")), Clock.systemUTC());
    var shown = List.of("Bearer " + elsewhere.secret());
    var through = Map.of("authorization", shown, "x-forwarded-for", List.of("8.8.8.8, 10.1.2.3"));
    assertThat(trusting.admit(through, Optional.of("127.0.0.1"))).isEqualTo(key);
    assertRefused(trusting, through, "9.9.9.9");
    assertRefused(
        trusting,
        Map.of("authorization", shown, "x-forwarded-for", List.of("10.1.2.3, 8.8.8.8")),
        "127.0.0.1");
    var believing = new Doorkeeper(ApiKeys.of(key), List.of(), Clock.systemUTC());
    assertRefused(believing, through, "127.0.0.1");
  }

  @Test
  void proxy_that_does_not_say_for_whom_is_not_taken_for_the_caller() {
    ApiKey key = elsewhere.key().from(AddressRange.of("127.0.0.0/8"));
    var door =
        new Doorkeeper(ApiKeys.of(key), List.of(AddressRange.of("127.0.0.1")), Clock.systemUTC());
    var shown = List.of("Bearer " + elsewhere.secret());
    assertRefused(door, Map.of("authorization", shown), "127.0.0.1");
    for (String hops : List.of("", ",", "127.0.0.1", "unknown", "127.0.0.1, ")) {
      assertRefused(
          door, Map.of("authorization", shown, "x-forwarded-for", List.of(hops)), "127.0.0.1");
    }
  }

  @Test
  void key_that_was_narrowed_is_narrow_for_who_came_in_before() {
    ApiKey.Made made = ApiKey.generate(Scope.PUBLISH, Scope.READ);
    ApiKey wide = made.key().rate(new RateLimit(100, Duration.ofHours(1)));
    AtomicReference<ApiKey> kept = new AtomicReference<>(wide);
    var door = new Doorkeeper(id -> Optional.of(kept.get()), List.of(), Clock.systemUTC());
    ApiKey shown =
        door.admit(Map.of("x-api-key", List.of(made.secret())), Optional.of("127.0.0.1"));
    door.spend(shown, 10);

    kept.set(ApiKey.parse(wide.line().replace("publish,read", "read").replace("100/", "5/")));
    door.requireStillValid(shown);
    door.requireScope(shown, Scope.READ);
    assertThat(catchThrowable(() -> door.requireScope(shown, Scope.PUBLISH)))
        .hasMessageStartingWith("denied");
    assertThat(catchThrowable(() -> door.spend(shown, 6))).hasMessageStartingWith("bad_args");

    kept.set(wide.from(AddressRange.of("10.0.0.0/8")));
    assertThat(catchThrowable(() -> door.requireStillValid(shown)))
        .hasMessageStartingWith("not_authenticated");
  }

  @Test
  void rate_that_changes_to_and_fro_gives_no_calls_back() {
    ApiKey.Made made = ApiKey.generate(Scope.PUBLISH);
    ApiKey ten = made.key().rate(new RateLimit(10, Duration.ofHours(1)));
    ApiKey nine = made.key().rate(new RateLimit(9, Duration.ofHours(1)));
    var door = new Doorkeeper(ApiKeys.of(ten), List.of(), Clock.systemUTC());
    for (int i = 0; i < 9; i++) {
      door.spend(i % 2 == 0 ? ten : nine, 1);
    }
    assertThat(catchThrowable(() -> {
          door.spend(ten, 1);
          door.spend(nine, 1);
        }))
        .hasMessageStartingWith("rate_limited");
  }

  @Test
  void keys_that_can_not_be_had_end_no_socket() {
    AtomicBoolean broken = new AtomicBoolean();
    ApiKey.Made made = ApiKey.generate(Scope.READ);
    var door = new Doorkeeper(
        id -> {
          if (broken.get()) {
            throw new IllegalStateException("no database");
          }
          return Optional.of(made.key());
        },
        List.of(),
        Clock.systemUTC());
    ApiKey key = door.admit(Map.of("x-api-key", List.of(made.secret())), Optional.empty());
    broken.set(true);
    try (CapturedLog log = new CapturedLog(Doorkeeper.class)) {
      door.requireStillValid(key);
      assertThat(log.records()).hasSize(1);
    }
    broken.set(false);
    door.requireStillValid(key);
  }

  @Test
  void line_that_is_wrong_is_not_repeated() {
    ApiKey.Made made = ApiKey.generate(Scope.READ);
    String secret = made.secret();
    String good = made.key().line();
    for (String wrong : List.of(
        secret,
        secret + "=",
        good + " " + secret,
        good + " from=" + secret,
        good + " rate=" + secret,
        good + " until=" + secret,
        good + " scopes=" + secret,
        good + " id=" + secret,
        good + " sha256=" + secret)) {
      Throwable failure = catchThrowable(() -> ApiKey.parse(wrong));
      assertThat(failure).isInstanceOf(IllegalArgumentException.class).hasNoCause();
      assertThat(failure.getMessage()).doesNotContain(secret.substring(24));
    }
  }

  @Test
  void outcome_that_never_comes_is_not_waited_for() {
    assertThat(catchThrowable(
            () -> ServerApi.await(new CompletableFuture<>(), System.nanoTime() + 1_000_000)))
        .hasMessageStartingWith("outcome_unknown");
  }

  private static void assertRefused(
      Doorkeeper door, Map<String, List<String>> headers, String address) {
    assertThat(org.assertj.core.api.Assertions.catchThrowable(
            () -> door.admit(headers, Optional.of(address))))
        .hasMessageStartingWith("denied");
  }

  @Test
  void key_runs_out_to_the_instant() {
    Instant end = Instant.parse("2026-01-01T00:00:00Z");
    ApiKey.Made made = ApiKey.generate(Scope.READ);
    var headers = Map.of("x-api-key", List.of(made.secret()));
    ApiKey key = made.key().expiringAt(end);
    var before =
        new Doorkeeper(ApiKeys.of(key), List.of(), Clock.fixed(end.minusMillis(1), ZoneOffset.UTC));
    assertThat(before.admit(headers, Optional.empty())).isEqualTo(key);
    var then = new Doorkeeper(ApiKeys.of(key), List.of(), Clock.fixed(end, ZoneOffset.UTC));
    assertThat(org.assertj.core.api.Assertions.catchThrowable(
            () -> then.admit(headers, Optional.empty())))
        .hasMessageStartingWith("not_authenticated");
  }

  @Test
  void only_the_hash_is_kept_and_a_line_gives_the_key_back() {
    ApiKey.Made made = ApiKey.generate(Scope.PUBLISH, Scope.CONSUME);
    ApiKey key = made.key()
        .from(AddressRange.of("10.0.0.0/8"), AddressRange.of("::1"))
        .rate(new RateLimit(5, Duration.ofSeconds(10)))
        .expiringAt(Instant.parse("2030-01-01T00:00:00Z"));
    assertThat(ApiKey.parse(key.line())).isEqualTo(key);
    String secret = made.secret().substring("confab_".length() + 17);
    assertThat(secret).hasSize(43);
    assertThat(key.line()).doesNotContain(secret);
    assertThat(made + " " + key).doesNotContain(secret).doesNotContain(key.secretHash());
    assertThat(ApiKey.generate(Scope.READ).secret())
        .isNotEqualTo(ApiKey.generate(Scope.READ).secret());
  }

  @Test
  void command_prints_a_key_and_the_line_that_lets_it_in(@TempDir Path folder) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream printed = new PrintStream(out, true, StandardCharsets.UTF_8);
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream shown = new PrintStream(err, true, StandardCharsets.UTF_8);
    assertThat(NewKey.run(
            new String[] {"publish,read", "from=127.0.0.1", "rate=5/1s"}, printed, shown))
        .isZero();
    List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
    Path file = folder.resolve("keys");
    Files.writeString(file, "# ours\n\n" + out.toString(StandardCharsets.UTF_8));
    assertThat(file).content().doesNotContain(lines.get(0));
    var door = new Doorkeeper(ApiKeys.file(file), List.of(), Clock.systemUTC());
    ApiKey key = door.admit(Map.of("x-api-key", List.of(lines.get(0))), Optional.of("127.0.0.1"));
    assertThat(key.scopes()).containsExactlyInAnyOrder(Scope.PUBLISH, Scope.READ);
    assertThat(NewKey.run(new String[] {"all"}, printed, printed)).isEqualTo(2);
    assertThat(NewKey.run(new String[0], printed, printed)).isEqualTo(2);
    Files.writeString(file, "\n" + lines.get(0) + "\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ApiKeys.file(file))
        .withMessageStartingWith("keys:2:")
        .withMessageNotContaining(lines.get(0).substring(24))
        .withNoCause();
  }

  @Test
  void secrets_are_neither_logged_nor_echoed() {
    String secret = TestServer.ALL.secret();
    try (CapturedLog log = new CapturedLog(ServerApi.class)) {
      for (String path : List.of("/v1/mesh/publish", "/nothing", "/")) {
        HttpResponse<String> answer = server.post(path, "{", "X-API-Key", secret + "wrong");
        assertThat(answer.body() + answer.headers().map()).doesNotContain(secret);
        answer = server.post(path, "{", "X-API-Key", secret);
        assertThat(answer.body() + answer.headers().map()).doesNotContain(secret);
      }
      assertThat(log.records())
          .noneMatch(entry -> entry.getMessage().contains(secret.substring(24)));
    }
  }

  @Test
  void addresses_are_read_exactly() {
    assertThat(AddressRange.of("10.0.0.0/8").contains("10.255.0.1")).isTrue();
    assertThat(AddressRange.of("10.0.0.0/8").contains("11.0.0.1")).isFalse();
    assertThat(AddressRange.of("10.0.0.0/8").contains("::ffff:10.0.0.1")).isTrue();
    assertThat(AddressRange.of("10.0.0.128/25").contains("10.0.0.127")).isFalse();
    assertThat(AddressRange.of("0.0.0.0/0").contains("1.2.3.4")).isTrue();
    assertThat(AddressRange.of("0.0.0.0/0").contains("::1")).isFalse();
    assertThat(AddressRange.of("fe80::/10").contains("fe80::1%eth0")).isTrue();
    assertThat(AddressRange.of("::1").contains("0:0:0:0:0:0:0:1")).isTrue();
    assertThat(AddressRange.of("::1").contains("localhost")).isFalse();
    for (String wrong : List.of(
        "", "x", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "1.2.3", "::/129", "localhost")) {
      assertThatIllegalArgumentException().as(wrong).isThrownBy(() -> AddressRange.of(wrong));
    }
  }

  @Test
  void there_is_no_api_without_keys() {
    assertThatIllegalStateException()
        .isThrownBy(() -> ServerApi.builder(server.chat()).build())
        .withMessageContaining("keys");
  }
}
