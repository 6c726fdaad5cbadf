package dev.confab.chat.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.testkit.AuthenticatorContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The callback of seed 004, against a real HTTP server. */
final class HttpTokenAuthenticatorTest extends AuthenticatorContract {
  private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_000L);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch end = new CountDownLatch(1);
  private HttpServer application;
  private volatile String asked = "";
  private volatile String contentType = "";
  private volatile String secret = "";

  @BeforeEach
  void start() throws IOException {
    application = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    application.setExecutor(threads);
    application.createContext("/websocket_auth", exchange -> {
      asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      contentType = exchange.getRequestHeaders().getFirst("Content-Type");
      secret = String.valueOf(exchange.getRequestHeaders().getFirst("X-Secret"));
      String token =
          Json.parse(asked).members().orElseThrow().get("token").asString().orElseThrow();
      int status = 200;
      String answer = "{\"uid\":1001}";
      switch (token) {
        case "good" -> {}
        case "large" -> answer = "{\"uid\":92233720368547758079223372036854775807}";
        case "named" -> answer = "{\"uid\":\"u-7\",\"name\":\"Ann\",\"expires_at\":1700000060000}";
        case "nobody" -> answer = "{\"uid\":null}";
        case "empty" -> answer = "{}";
        case "false" -> answer = "{\"uid\":false}";
        case "object" -> answer = "{\"uid\":{\"id\":1}}";
        case "array" -> answer = "{\"uid\":[1]}";
        case "fraction" -> answer = "{\"uid\":1.5}";
        case "endless" -> answer = "{\"uid\":1,\"expires_at\":false}";
        case "page" -> answer = "<html>";
        case "much" -> answer = "{\"uid\":1,\"x\":\"" + "y".repeat(100_000) + "\"}";
        case "broken" -> status = 500;
        case "elsewhere" -> {
          status = 302;
          exchange.getResponseHeaders().add("Location", "/websocket_auth");
        }
        case "slow" -> {
          try {
            end.await();
          } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
          }
        }
        default -> status = 401;
      }
      byte[] body = answer.getBytes(StandardCharsets.UTF_8);
      try (exchange) {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
      } catch (IOException hungUp) {
        throw new UncheckedIOException(hungUp);
      }
    });
    application.start();
  }

  @AfterEach
  void stop() {
    end.countDown();
    application.stop(0);
    threads.shutdownNow();
  }

  private HttpTokenAuthenticator.Builder builder() {
    return HttpTokenAuthenticator.at(URI.create(
            "http://127.0.0.1:" + application.getAddress().getPort() + "/websocket_auth"))
        .timeout(Duration.ofSeconds(30));
  }

  @Override
  protected Authenticator authenticator() {
    return builder().build();
  }

  @Override
  protected Map<Credentials, UserId> right() {
    return Map.of(new Credentials.Token("good"), new UserId("1001"));
  }

  private Identity login(String token) {
    return builder().build().authenticate(new Credentials.Token(token));
  }

  @Test
  void token_is_asked_for_as_json_whatever_is_in_it() {
    assertThatThrownBy(() -> login("a\"b\\c\n")).isInstanceOf(RefusedException.class);
    assertThat(asked).isEqualTo("{\"token\":\"a\\\"b\\\\c\\n\"}");
    assertThat(contentType).isEqualTo("application/json");
  }

  @Test
  void uid_is_taken_by_its_digits_however_large() {
    assertThat(login("large").id().value()).isEqualTo("92233720368547758079223372036854775807");
    assertThat(login("good").id().value()).isEqualTo("1001");
    assertThat(login("good").name()).isEqualTo("1001");
  }

  @Test
  void name_and_end_are_taken_if_the_application_says_them() {
    Identity ann = login("named");
    assertThat(ann.id().value()).isEqualTo("u-7");
    assertThat(ann.name()).isEqualTo("Ann");
    assertThat(ann.expiresAt()).contains(Instant.ofEpochMilli(1_700_000_060_000L));
  }

  @Test
  void login_ends_when_it_is_to_be_asked_again() {
    Authenticator strict = builder()
        .recheckAfter(Duration.ofSeconds(30))
        .clock(Clock.fixed(NOW, ZoneOffset.UTC))
        .build();
    assertThat(strict.authenticate(new Credentials.Token("good")).expiresAt())
        .contains(NOW.plusSeconds(30));
    // What ends first counts.
    assertThat(strict.authenticate(new Credentials.Token("named")).expiresAt())
        .contains(NOW.plusSeconds(30));
    Authenticator patient = builder()
        .recheckAfter(Duration.ofHours(1))
        .clock(Clock.fixed(NOW, ZoneOffset.UTC))
        .build();
    assertThat(patient.authenticate(new Credentials.Token("named")).expiresAt())
        .contains(NOW.plusSeconds(60));
  }

  @Test
  void what_the_application_can_not_say_is_refused_and_says_whether_to_come_back() {
    for (String token :
        new String[] {"wrong", "nobody", "empty", "false", "object", "array", "fraction"}) {
      refused(token, ErrorCode.TOKEN_INVALID);
    }
    for (String token : new String[] {"broken", "page", "much", "elsewhere", "endless"}) {
      refused(token, ErrorCode.UNAVAILABLE);
    }
  }

  private void refused(String token, ErrorCode code) {
    assertThatThrownBy(() -> login(token))
        .as(token)
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal().code()).isEqualTo(code));
  }

  @Test
  void application_that_does_not_answer_is_not_waited_for() {
    assertThatThrownBy(() -> builder()
            .timeout(Duration.ofMillis(100))
            .build()
            .authenticate(new Credentials.Token("slow")))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal().code()).isEqualTo(ErrorCode.UNAVAILABLE));
  }

  @Test
  void application_can_know_who_asks() {
    builder().header("X-Secret", "s3").build().authenticate(new Credentials.Token("good"));
    assertThat(secret).isEqualTo("s3");
  }

  @Test
  void wrong_settings_are_refused_where_they_are_given() {
    assertThatThrownBy(() -> HttpTokenAuthenticator.at(URI.create("file:///etc/passwd")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder().timeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder().recheckAfter(Duration.ofMillis(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
