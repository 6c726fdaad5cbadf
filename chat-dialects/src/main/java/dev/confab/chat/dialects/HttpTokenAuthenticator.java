package dev.confab.chat.dialects;

import dev.confab.chat.model.ChatException;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Authenticator;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the application over HTTP whose token it is: {@code POST {"token":"…"}}, answered {@code 200} with {@code {"uid":1001}}
 * and, if wanted, {@code "name"} and {@code "expires_at"} (milliseconds since 1970). A uid is a string or a whole number of up to
 * 64 digits, taken by its digits; anything else is no uid. Credentials other than tokens are refused.
 *
 * <p><b>Threads.</b> As every authenticator it is called on door threads, at most {@code Limits.logins()} at once, and waits
 * for the answer; no socket waits with it.
 *
 * <p><b>Errors.</b> {@code token_invalid} for a status of 4xx or an answer without uid; {@code unavailable} if there is no
 * answer in time, none that can be read, one of more than 64 KiB, or another status. A redirect is not followed. No token is
 * ever part of an exception or log line.
 */
public final class HttpTokenAuthenticator implements Authenticator {
  private static final int MAX_ANSWER_BYTES = 64 * 1024;

  private final URI callback;
  private final HttpClient client;
  private final Duration timeout;
  private final Optional<Duration> recheck;
  private final Map<String, String> headers;
  private final Clock clock;

  private HttpTokenAuthenticator(Builder builder) {
    this.callback = builder.callback;
    this.timeout = builder.timeout;
    this.recheck = builder.recheck;
    this.headers = Map.copyOf(builder.headers);
    this.clock = builder.clock;
    this.client = builder.client.orElseGet(() -> HttpClient.newBuilder()
        .connectTimeout(timeout)
        .followRedirects(HttpClient.Redirect.NEVER)
        .build());
  }

  /** Begins one that asks this address. */
  public static Builder at(URI callback) {
    return new Builder(callback);
  }

  @Override
  public Identity authenticate(Credentials credentials) {
    if (!(credentials instanceof Credentials.Token token)) {
      throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
    }
    HttpResponse<byte[]> answer = ask(token.value());
    if (answer.statusCode() >= 400 && answer.statusCode() < 500) {
      throw new RefusedException(ErrorCode.TOKEN_INVALID);
    }
    if (answer.statusCode() != 200) {
      throw new RefusedException(ErrorCode.UNAVAILABLE);
    }
    return identity(members(new String(answer.body(), StandardCharsets.UTF_8)));
  }

  private HttpResponse<byte[]> ask(String token) {
    HttpRequest.Builder request = HttpRequest.newBuilder(callback)
        .timeout(timeout)
        .header("Content-Type", "application/json")
        .header("Accept", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(
            new JsonObject().text("token", token).end()));
    headers.forEach(request::setHeader);
    // The request's own timeout ends with the head of the answer.
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request.build(), head -> new Bounded());
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new RefusedException(ErrorCode.UNAVAILABLE);
    } catch (ExecutionException | TimeoutException failure) {
      // What the failure says may quote the request.
      throw new RefusedException(ErrorCode.UNAVAILABLE);
    } finally {
      answer.cancel(true);
    }
  }

  private static Map<String, Json> members(String body) {
    try {
      return Json.parse(body)
          .members()
          .orElseThrow(() -> new RefusedException(ErrorCode.UNAVAILABLE));
    } catch (RefusedException refused) {
      throw refused;
    } catch (ChatException notJson) {
      throw new RefusedException(ErrorCode.UNAVAILABLE);
    }
  }

  private Identity identity(Map<String, Json> members) {
    String uid =
        id(members, "uid").orElseThrow(() -> new RefusedException(ErrorCode.TOKEN_INVALID));
    String name = Optional.ofNullable(members.get("name"))
        .flatMap(Json::asString)
        .filter(given -> !given.isBlank())
        .orElse(uid);
    Identity identity = Identity.of(uid, name);
    Optional<Instant> end = Optional.ofNullable(members.get("expires_at"))
        .filter(given -> !given.equals(Json.NULL))
        .map(given -> time(given.asString().orElse(given.text())));
    Optional<Instant> next = recheck.map(clock.instant()::plus);
    if (end.isPresent() && (next.isEmpty() || end.get().isBefore(next.get()))) {
      return identity.expiringAt(end.get());
    }
    return next.map(identity::expiringAt).orElse(identity);
  }

  private static Optional<String> id(Map<String, Json> members, String name) {
    return Optional.ofNullable(members.get(name)).flatMap(value -> {
      Optional<String> text = value.asString();
      // Else false, or an error put there as an object, would be somebody's name.
      return text.isPresent()
          ? text.filter(given -> !given.isEmpty())
          : Optional.of(value.text()).filter(digits -> digits.matches("[0-9]{1,64}"));
    });
  }

  private static Instant time(String millis) {
    try {
      return Instant.ofEpochMilli(Long.parseLong(millis));
    } catch (NumberFormatException | DateTimeException wrong) {
      throw new RefusedException(ErrorCode.UNAVAILABLE);
    }
  }

  /** Collects one. Not for several threads. */
  public static final class Builder {
    private final URI callback;
    private Duration timeout = Duration.ofSeconds(3);
    private Optional<Duration> recheck = Optional.empty();
    private Optional<HttpClient> client = Optional.empty();
    private final Map<String, String> headers = new LinkedHashMap<>();
    private Clock clock = Clock.systemUTC();

    private Builder(URI callback) {
      String scheme = String.valueOf(callback.getScheme());
      if (!scheme.equals("http") && !scheme.equals("https")) {
        throw new IllegalArgumentException("the callback is an http or https address");
      }
      this.callback = callback;
    }

    /** How long the whole answer may take: 10 ms to 1 minute, 3 s by default; keep it below {@code Limits.doorTimeout()}. */
    public Builder timeout(Duration time) {
      if (time.toMillis() < 10 || time.toMillis() > 60_000) {
        throw new IllegalArgumentException("timeout must be 10 ms to 1 minute, got " + time);
      }
      timeout = time;
      return this;
    }

    /** After how long a login ends unless the client logs in again: at least a second; by default only when the answer says so. */
    public Builder recheckAfter(Duration time) {
      if (time.toMillis() < 1_000) {
        throw new IllegalArgumentException("recheckAfter must be at least 1 s, got " + time);
      }
      recheck = Optional.of(time);
      return this;
    }

    /** Sends this header with each request, as a secret by which the application knows who asks. */
    public Builder header(String name, String value) {
      headers.put(name, value);
      return this;
    }

    /** Asks with this client, instead of one of its own that follows no redirect. */
    public Builder client(HttpClient own) {
      client = Optional.of(own);
      return this;
    }

    Builder clock(Clock other) {
      clock = other;
      return this;
    }

    /** The authenticator. */
    public HttpTokenAuthenticator build() {
      return new HttpTokenAuthenticator(this);
    }
  }

  /** Takes an answer up to its bound, and hangs up on a longer one. */
  private static final class Bounded implements HttpResponse.BodySubscriber<byte[]> {
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final List<ByteBuffer> parts = new ArrayList<>();
    private long bytes;
    private Optional<Flow.Subscription> subscription = Optional.empty();

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription mine) {
      subscription = Optional.of(mine);
      mine.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> more) {
      more.forEach(part -> bytes += part.remaining());
      if (bytes > MAX_ANSWER_BYTES) {
        parts.clear();
        subscription.ifPresent(Flow.Subscription::cancel);
        body.completeExceptionally(new IOException("the answer is too long"));
      } else {
        parts.addAll(more);
      }
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      byte[] whole = new byte[(int) bytes];
      int at = 0;
      for (ByteBuffer part : parts) {
        int length = part.remaining();
        part.get(whole, at, length);
        at += length;
      }
      body.complete(whole);
    }
  }
}
