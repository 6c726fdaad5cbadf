package dev.confab.chat.model;

/**
 * What makes a send repeatable: 1 to 64 characters of {@code A–Z a–z 0–9 . _ : -}, new for every message. The same
 * channel, sender and key is recorded once, however often and on whatever node it is retried.
 */
public record SendKey(String value) {
  /** The most characters a key may have. */
  public static final int MAX_CHARS = 64;

  /** Refuses what is not a key with {@link InvalidNameException}. */
  public SendKey {
    Names.requireLength("a key", value, MAX_CHARS);
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean known = (c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || c == '.'
          || c == '_'
          || c == ':'
          || c == '-';
      if (!known) {
        throw new InvalidNameException("a key holds only letters, digits and . _ : -");
      }
    }
  }

  /** The key with this text. */
  public static SendKey of(String value) {
    return new SendKey(value);
  }

  @Override
  public String toString() {
    return value;
  }
}
