package dev.confab.chat.server.api;

import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Says whether a caller may come in, do this, and do it now. Any thread. Nothing a caller shows is kept or logged. */
final class Doorkeeper {
  private record Spending(RateLimit rate, Bucket bucket) {}

  /** What is compared with where there is no such key, so that a wrong id takes as long as a wrong secret. */
  private static final ApiKey NOBODY = ApiKey.generate(Scope.READ).key();

  private final ApiKeys keys;
  private final List<AddressRange> proxies;
  private final Clock clock;

  /** By id of key; only keys that were shown whole get in. */
  private final Map<String, Spending> spending = new ConcurrentHashMap<>();

  Doorkeeper(ApiKeys keys, List<AddressRange> proxies, Clock clock) {
    this.keys = keys;
    this.proxies = List.copyOf(proxies);
    this.clock = clock;
  }

  /**
   * The key a caller shows, as {@code Authorization: Bearer}, as the password of {@code Basic}, or as {@code X-API-Key}.
   *
   * @param headers by lower-case name
   * @param address of who is at the other end of the socket
   */
  ApiKey admit(Map<String, List<String>> headers, Optional<String> address) {
    String shown = shown(headers).orElseThrow(() -> stranger("an API key is needed"));
    String id = ApiKey.idOf(shown).orElseThrow(() -> stranger("not an API key"));
    Optional<ApiKey> found = keys.find(id);
    boolean matches = found.orElse(NOBODY).matches(shown);
    if (found.isEmpty() || !matches) {
      throw stranger("no such API key");
    }
    ApiKey key = found.get();
    requireValid(key);
    if (!key.from().isEmpty()) {
      Optional<String> from = client(headers, address);
      if (from.isEmpty() || key.from().stream().noneMatch(range -> range.contains(from.get()))) {
        throw new RefusedException(ErrorCode.DENIED, "this key may not be used from this address");
      }
    }
    return key;
  }

  /** Refuses a key that was taken back or has run out since. */
  void requireStillValid(ApiKey key) {
    Optional<ApiKey> now = keys.find(key.id());
    if (now.isEmpty() || !now.get().secretHash().equals(key.secretHash())) {
      throw stranger("no such API key");
    }
    requireValid(now.get());
  }

  private void requireValid(ApiKey key) {
    if (key.expiresAt().filter(end -> !clock.instant().isBefore(end)).isPresent()) {
      throw stranger("this key has expired");
    }
  }

  void requireScope(ApiKey key, Scope scope) {
    if (!key.scopes().contains(scope)) {
      throw new RefusedException(ErrorCode.DENIED, "this key lacks the scope " + scope.word());
    }
  }

  /** Counts so many calls; refuses with {@code rate_limited} and how long to wait. */
  void spend(ApiKey key, int calls) {
    if (calls > key.rate().calls()) {
      throw Fields.bad("messages", "this key may make " + key.rate().calls() + " calls at once");
    }
    Spending mine = spending.compute(
        key.id(),
        (id, before) -> before != null && before.rate().equals(key.rate())
            ? before
            : new Spending(key.rate(), bucket(key.rate())));
    ConsumptionProbe probe = mine.bucket().tryConsumeAndReturnRemaining(calls);
    if (!probe.isConsumed()) {
      throw new RefusedException(Refusal.of(ErrorCode.RATE_LIMITED, "too many calls with this key")
          .after(Duration.ofNanos(probe.getNanosToWaitForRefill())));
    }
  }

  private static Bucket bucket(RateLimit rate) {
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(rate.calls()).refillGreedy(rate.calls(), rate.per()))
        .build();
  }

  /** Who called, as far as the proxies that are trusted say so. */
  private Optional<String> client(Map<String, List<String>> headers, Optional<String> address) {
    if (address.isEmpty() || !isProxy(address.get())) {
      return address;
    }
    String[] hops =
        String.join(",", headers.getOrDefault("x-forwarded-for", List.of())).split(",", -1);
    for (int i = hops.length - 1; i >= 0; i--) {
      String hop = hops[i].strip();
      if (!hop.isEmpty() && !isProxy(hop)) {
        return Optional.of(hop);
      }
    }
    return address;
  }

  private boolean isProxy(String address) {
    return proxies.stream().anyMatch(range -> range.contains(address));
  }

  private static Optional<String> shown(Map<String, List<String>> headers) {
    @Nullable String authorization = first(headers, "authorization");
    if (authorization == null) {
      return Optional.ofNullable(first(headers, "x-api-key")).map(String::strip);
    }
    String lower = authorization.toLowerCase(Locale.ROOT);
    if (lower.startsWith("bearer ")) {
      return Optional.of(authorization.substring(7).strip());
    }
    if (lower.startsWith("basic ")) {
      try {
        String pair = new String(
            Base64.getDecoder().decode(authorization.substring(6).strip()), StandardCharsets.UTF_8);
        return Optional.of(pair.substring(pair.indexOf(':') + 1));
      } catch (IllegalArgumentException notBase64) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static @Nullable String first(Map<String, List<String>> headers, String name) {
    List<String> values = headers.getOrDefault(name, List.of());
    return values.isEmpty() ? null : values.get(0);
  }

  private static RefusedException stranger(String sentence) {
    return new RefusedException(ErrorCode.NOT_AUTHENTICATED, sentence);
  }
}
