package dev.confab.chat.model;

import java.util.random.RandomGenerator;

/**
 * The random id of an entry: 16 characters of {@code A–Z a–z 0–9 - _}, 96 bits. Because it is random, a seq that was
 * given out twice, as after a database failover that lost its newest commits, is noticed.
 */
public record EntryId(String value) {
  /** How many characters an entry id has. */
  public static final int CHARS = 16;

  private static final char[] ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".toCharArray();

  /** Refuses what is not 16 characters of the alphabet with {@link InvalidNameException}. */
  public EntryId {
    if (value.length() != CHARS) {
      throw new InvalidNameException("an entry id must have 16 characters, got " + value.length());
    }
    for (int i = 0; i < CHARS; i++) {
      char c = value.charAt(i);
      boolean known = (c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || c == '-'
          || c == '_';
      if (!known) {
        throw new InvalidNameException("an entry id holds only letters, digits, - and _");
      }
    }
  }

  /** A new id from 96 bits of the given source. */
  public static EntryId random(RandomGenerator random) {
    char[] chars = new char[CHARS];
    long high = random.nextLong();
    long low = random.nextLong();
    for (int i = 0; i < CHARS / 2; i++) {
      chars[i] = ALPHABET[(int) (high >>> (6 * i)) & 63];
      chars[i + CHARS / 2] = ALPHABET[(int) (low >>> (6 * i)) & 63];
    }
    return new EntryId(new String(chars));
  }

  @Override
  public String toString() {
    return value;
  }
}
