package dev.confab.chat.store.jdbi;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategy;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/** Hashes passwords with bcrypt, as {@code $2y$}, and compares them with {@code $2a$}, {@code $2b$} and {@code $2y$}. */
final class Passwords {
  /** What bcrypt looks at; what stands behind it makes no difference to a hash. */
  static final int MAX_BYTES = 72;

  static final int MIN_COST = 4;
  static final int MAX_COST = 16;

  private static final BCrypt.Version VERSION = BCrypt.Version.VERSION_2Y;
  private static final LongPasswordStrategy TRUNCATE = LongPasswordStrategies.truncate(VERSION);

  private Passwords() {}

  /** A hash of the password, which has at most {@link #MAX_BYTES} bytes. */
  static String hash(String password, int cost) {
    byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
    try {
      return new String(
          BCrypt.with(VERSION, TRUNCATE).hash(cost, bytes), StandardCharsets.US_ASCII);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** True if this is the password of the hash. Like PHP's, it looks at the first {@link #MAX_BYTES} bytes alone. */
  static boolean matches(String password, String hash) {
    byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
    try {
      return BCrypt.verifyer(VERSION, TRUNCATE)
          .verify(bytes, hash.getBytes(StandardCharsets.UTF_8))
          .verified;
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** The cost of a hash that is bcrypt's and not so costly that comparing it would hold a thread for long. */
  static OptionalInt cost(String hash) {
    boolean bcrypt = hash.length() == 60
        && (hash.startsWith("$2y$") || hash.startsWith("$2a$") || hash.startsWith("$2b$"))
        && Character.isDigit(hash.charAt(4))
        && Character.isDigit(hash.charAt(5))
        && hash.charAt(6) == '$';
    if (!bcrypt) {
      return OptionalInt.empty();
    }
    int cost = Integer.parseInt(hash.substring(4, 6));
    return cost < MIN_COST || cost > MAX_COST ? OptionalInt.empty() : OptionalInt.of(cost);
  }
}
