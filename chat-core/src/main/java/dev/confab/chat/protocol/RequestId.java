package dev.confab.chat.protocol;

/**
 * The id a client gave its request, in the form it came: JSON text of a string or an integer.
 *
 * @param json a JSON string of at most 64 characters or a JSON integer
 */
public record RequestId(String json) {
  /** The most characters of an id that is a string. */
  public static final int MAX_CHARS = 64;

  @Override
  public String toString() {
    return json;
  }
}
