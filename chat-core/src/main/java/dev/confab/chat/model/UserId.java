package dev.confab.chat.model;

/**
 * The id of a user, as the application knows it: 1 to 123 characters without white space, control characters or lone
 * surrogates, in normal form C, compared exactly. Short enough that {@code user_<id>} is always a channel name.
 */
public record UserId(String value) implements Comparable<UserId> {
  /** The most characters a user id may have. */
  public static final int MAX_CHARS = 123;

  /** Refuses what is not a user id with {@link InvalidNameException}. */
  public UserId {
    Names.requireName("a user id", value, MAX_CHARS);
  }

  /** The user id with this text. */
  public static UserId of(String value) {
    return new UserId(value);
  }

  @Override
  public int compareTo(UserId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
