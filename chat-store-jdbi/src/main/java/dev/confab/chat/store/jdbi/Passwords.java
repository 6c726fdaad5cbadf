package dev.confab.chat.store.jdbi;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/** Hashes passwords with bcrypt, as {@code $2y$}, and compares them with {@code $2a$}, {@code $2b$} and {@code $2y$}. */
final class Passwords {
  /** What bcrypt looks at; what stands behind it makes no difference to a hash. */
  static final int MAX_BYTES = 72;

  static final int MIN_COST = 4;
  static final int MAX_COST = 16;

  private Passwords() {}

  /** A hash of the password, which has at most {@link #MAX_BYTES} bytes. */
  static String hash(String password, int cost) {
    byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
    try {
      return new String(
          BCrypt.with(version(bytes), LongPasswordStrategies.truncate(version(bytes)))
              .hash(cost, bytes),
          StandardCharsets.US_ASCII);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** True if this is the password of the hash. Like PHP's, it looks at the first {@link #MAX_BYTES} bytes alone. */
  static boolean matches(String password, String hash) {
    byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
    try {
      return BCrypt.verifyer(version(bytes), LongPasswordStrategies.truncate(version(bytes)))
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

  /** A password of 72 bytes or more leaves no room for the zero byte that ends the shorter ones. */
  private static BCrypt.Version version(byte[] password) {
    return password.length < MAX_BYTES
        ? BCrypt.Version.VERSION_2Y
        : BCrypt.Version.VERSION_2Y_NO_NULL_TERMINATOR;
  }
}
