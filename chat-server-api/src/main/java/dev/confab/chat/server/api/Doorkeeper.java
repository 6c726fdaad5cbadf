package dev.confab.chat.server.api;

import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TokensInheritanceStrategy;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
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
  private static final Logger LOGGER = System.getLogger(Doorkeeper.class.getName());

  private record Spending(RateLimit rate, Bucket bucket) {}

  /** What is compared with where there is no such key, so that a wrong id takes as long as a wrong secret. */
  private static final ApiKey NOBODY = ApiKey.generate(Scope.READ).key();

  private final ApiKeys keys;
  private final List<AddressRange> proxies;
  private final Clock clock;

  /** By id of key; only keys that were shown whole get in. */
  private final Map<String, Spending> spending = new ConcurrentHashMap<>();

  /** What was found last, by id, of those that got in: a socket has the key as it was when it was opened. */
  private final Map<String, ApiKey> latest = new ConcurrentHashMap<>();

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
    String shown = wellFormed(headers);
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
    latest.put(key.id(), key);
    return key;
  }

  /** What is shown, if it has the form of a key; no key is looked for. */
  static String wellFormed(Map<String, List<String>> headers) {
    String shown = shown(headers).orElseThrow(() -> stranger("an API key is needed"));
    if (ApiKey.idOf(shown).isEmpty()) {
      throw stranger("not an API key");
    }
    return shown;
  }

  /**
   * Refuses a key that was taken back, has run out, or was bound to other addresses since: who still has one of them comes in
   * again. Where the keys cannot be had, what was known of this one holds on.
   */
  void requireStillValid(ApiKey key) {
    Optional<ApiKey> now;
    try {
      now = keys.find(key.id());
    } catch (RuntimeException failure) {
      LOGGER.log(Level.WARNING, "whether key " + key.id() + " still holds is not known", failure);
      requireValid(current(key));
      return;
    }
    if (now.isEmpty() || !now.get().secretHash().equals(key.secretHash())) {
      throw stranger("no such API key");
    }
    requireValid(now.get());
    latest.put(key.id(), now.get());
    List<AddressRange> ranges = now.get().from();
    if (!ranges.isEmpty() && (key.from().isEmpty() || !ranges.containsAll(key.from()))) {
      throw stranger("this key is for other addresses now: come in again");
    }
  }

  /** What it may do by now. */
  private ApiKey current(ApiKey key) {
    ApiKey now = latest.getOrDefault(key.id(), key);
    return now.secretHash().equals(key.secretHash()) ? now : key;
  }

  private void requireValid(ApiKey key) {
    if (key.expiresAt().filter(end -> !clock.instant().isBefore(end)).isPresent()) {
      throw stranger("this key has expired");
    }
  }

  void requireScope(ApiKey key, Scope scope) {
    if (!current(key).scopes().contains(scope)) {
      throw new RefusedException(ErrorCode.DENIED, "this key lacks the scope " + scope.word());
    }
  }

  /** Counts so many calls; refuses with {@code rate_limited} and how long to wait. */
  void spend(ApiKey key, int calls) {
    RateLimit rate = current(key).rate();
    if (calls > rate.calls()) {
      throw Fields.bad("messages", "this key may make " + rate.calls() + " calls at once");
    }
    Spending mine = spending.compute(key.id(), (id, before) -> at(rate, before));
    ConsumptionProbe probe = mine.bucket().tryConsumeAndReturnRemaining(calls);
    if (!probe.isConsumed()) {
      throw new RefusedException(Refusal.of(ErrorCode.RATE_LIMITED, "too many calls with this key")
          .after(Duration.ofNanos(probe.getNanosToWaitForRefill())));
    }
  }

  private static Spending at(RateLimit rate, @Nullable Spending before) {
    if (before == null) {
      return new Spending(rate, Bucket.builder().addLimit(bandwidth(rate)).build());
    }
    if (before.rate().equals(rate)) {
      return before;
    }
    // What was spent stays spent: else two copies of a key that differ would refill each other.
    before
        .bucket()
        .replaceConfiguration(
            BucketConfiguration.builder().addLimit(bandwidth(rate)).build(),
            TokensInheritanceStrategy.AS_IS);
    return new Spending(rate, before.bucket());
  }

  private static Bandwidth bandwidth(RateLimit rate) {
    return Bandwidth.builder()
        .capacity(rate.calls())
        .refillGreedy(rate.calls(), rate.per())
        .id("calls")
        .build();
  }

  /** Who called, as far as the proxies that are trusted say so; nobody knows if one of them does not. */
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
    return Optional.empty();
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
