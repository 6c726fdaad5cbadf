package dev.confab.chat.model;

/**
 * Who said something, as it is shown and recorded.
 *
 * @param id the user
 * @param name the name to show: 1 to 256 characters without control characters and lone surrogates
 */
public record UserRef(UserId id, String name) {
  /** The most characters a name may have. */
  public static final int MAX_NAME_CHARS = 256;

  /** Refuses a wrong name with {@link InvalidNameException}. */
  public UserRef {
    Names.requireLength("a user's name", name, MAX_NAME_CHARS);
    Names.requirePrintable("a user's name", name);
  }
}
