package dev.confab.chat.server.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * What is kept of an API key: who it is, the hash of its secret, and what it may do. The secret itself is shown once, when the key
 * is {@linkplain #generate made}, and kept nowhere.
 *
 * <p>The hash is one SHA-256 on purpose. Slow hashes protect secrets that people choose and others can guess; these are 256 random
 * bits, which nobody can try out, and a slow hash would only let strangers keep the server busy with wrong keys.
 *
 * @param id public part of the key: 16 hexadecimal digits
 * @param secretHash SHA-256 of the secret, 64 hexadecimal digits
 * @param scopes what it may do
 * @param from from where it may be used; empty for everywhere
 * @param rate how often it may be used
 * @param expiresAt from when on it is refused; absent if never
 */
public record ApiKey(
    String id,
    String secretHash,
    Set<Scope> scopes,
    List<AddressRange> from,
    RateLimit rate,
    Optional<Instant> expiresAt) {
  private static final String PREFIX = "confab_";
  private static final int ID_BYTES = 8;
  private static final int SECRET_BYTES = 32;

  /** Refuses what is no id or no hash with {@link IllegalArgumentException}. */
  public ApiKey {
    if (!id.matches("[0-9a-f]{16}")) {
      throw new IllegalArgumentException(
          "an id has 16 hexadecimal digits, got " + id.length() + " characters that are not that");
    }
    if (!secretHash.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("the hash of a secret has 64 hexadecimal digits");
    }
    if (scopes.isEmpty()) {
      throw new IllegalArgumentException("key " + id + " may do nothing: give it a scope");
    }
    scopes = Set.copyOf(scopes);
    from = List.copyOf(from);
  }

  /** A new key with these scopes, from everywhere, at {@link RateLimit#DEFAULT}, without end. */
  public static Made generate(Scope first, Scope... more) {
    return generate(EnumSet.of(first, more), new SecureRandom());
  }

  static Made generate(Set<Scope> scopes, RandomGenerator random) {
    byte[] id = new byte[ID_BYTES];
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(id);
    random.nextBytes(secret);
    String idText = HexFormat.of().formatHex(id);
    String secretText = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    ApiKey key = new ApiKey(
        idText, hash(secretText), scopes, List.of(), RateLimit.DEFAULT, Optional.empty());
    return new Made(key, PREFIX + idText + "_" + secretText);
  }

  /** The same, only from these ranges. */
  public ApiKey from(AddressRange... ranges) {
    return new ApiKey(id, secretHash, scopes, List.of(ranges), rate, expiresAt);
  }

  /** The same, at this rate. */
  public ApiKey rate(RateLimit newRate) {
    return new ApiKey(id, secretHash, scopes, from, newRate, expiresAt);
  }

  /** The same, refused from then on. */
  public ApiKey expiringAt(Instant time) {
    return new ApiKey(id, secretHash, scopes, from, rate, Optional.of(time));
  }

  /** The public part of what a caller shows; empty if it is not of the form of a key. */
  static Optional<String> idOf(String shown) {
    int end = PREFIX.length() + 2 * ID_BYTES;
    return shown.length() <= 128
            && shown.length() > end + 1
            && shown.startsWith(PREFIX)
            && shown.charAt(end) == '_'
        ? Optional.of(shown.substring(PREFIX.length(), end))
        : Optional.empty();
  }

  /** True if this is the whole key; takes the same time however much of it is right. */
  boolean matches(String shown) {
    String secret = shown.substring(PREFIX.length() + 2 * ID_BYTES + 1);
    return MessageDigest.isEqual(
        hash(secret).getBytes(StandardCharsets.US_ASCII),
        secretHash.getBytes(StandardCharsets.US_ASCII));
  }

  private static String hash(String secret) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException everyJavaHasIt) {
      throw new IllegalStateException(everyJavaHasIt);
    }
  }

  /** What is kept of it, as one line; {@link #parse} reads it. Holds no secret. */
  public String line() {
    StringBuilder line = new StringBuilder("id=").append(id).append(" sha256=").append(secretHash);
    line.append(" scopes=")
        .append(new TreeSet<>(scopes).stream().map(Scope::word).collect(Collectors.joining(",")));
    if (!from.isEmpty()) {
      line.append(" from=")
          .append(from.stream().map(AddressRange::text).collect(Collectors.joining(",")));
    }
    line.append(" rate=").append(rate);
    expiresAt.ifPresent(time -> line.append(" until=").append(time));
    return line.toString();
  }

  /**
   * Reads what {@link #line} wrote; {@link IllegalArgumentException} says what is wrong with it, and repeats nothing of it: it may
   * be a secret put there by mistake.
   */
  public static ApiKey parse(String line) {
    String id = "";
    String secretHash = "";
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    List<AddressRange> from = List.of();
    RateLimit rate = RateLimit.DEFAULT;
    Optional<Instant> until = Optional.empty();
    for (String word : line.strip().split("\\s+", -1)) {
      int equals = word.indexOf('=');
      String name = equals < 0 ? "" : word.substring(0, equals);
      String value = word.substring(equals + 1);
      switch (name) {
        case "id" -> id = value;
        case "sha256" -> secretHash = value;
        case "scopes" ->
          Arrays.stream(value.split(",", -1)).map(ApiKey::scope).forEach(scopes::add);
        case "from" ->
          from = read(
              value,
              "from has addresses and ranges, as 10.0.0.0/8, with commas between them",
              text -> Arrays.stream(text.split(",", -1)).map(AddressRange::of).toList());
        case "rate" ->
          rate = read(
              value,
              "rate is written as 600/60s, with 1 to 1000000 calls in 1 to 86400 s",
              RateLimit::parse);
        case "until" ->
          until =
              Optional.of(read(value, "until is written as 2030-01-01T00:00:00Z", Instant::parse));
        default ->
          throw new IllegalArgumentException(
              "a key's line has id, sha256, scopes, from, rate and until, each with = and a value, got "
                  + word.length() + " characters that are none of these");
      }
    }
    return new ApiKey(id, secretHash, scopes, from, rate, until);
  }

  private static Scope scope(String word) {
    return Arrays.stream(Scope.values())
        .filter(scope -> scope.word().equals(word))
        .findFirst()
        .orElseThrow(() -> unlike("scopes are publish, read, manage, login and consume", word));
  }

  private static <T> T read(String value, String form, Function<String, T> reader) {
    try {
      return reader.apply(value);
    } catch (IllegalArgumentException | DateTimeParseException saysTheValue) {
      throw unlike(form, value);
    }
  }

  private static IllegalArgumentException unlike(String form, String value) {
    return new IllegalArgumentException(
        form + ", got " + value.length() + " characters that are not that");
  }

  /** Its id and scopes. */
  @Override
  public String toString() {
    return "ApiKey[" + id + " " + scopes + "]";
  }

  /**
   * A key just made.
   *
   * @param key what is kept of it
   * @param secret the whole key, for whoever is to use it; nobody can show it again
   */
  public record Made(ApiKey key, String secret) {
    /** Without the secret. */
    @Override
    public String toString() {
      return "Made[" + key + "]";
    }
  }
}
