package dev.confab.chat.transport.jsr356;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Joins the parts of a text message and counts its bytes of UTF-8. Holds nothing between two messages. Used by one thread. */
final class TextParts {
  private final int mostBytes;
  private @Nullable StringBuilder joined;
  private long bytes;

  TextParts(int mostBytes) {
    this.mostBytes = mostBytes;
  }

  /**
   * Takes the next part.
   *
   * @return the message if this was its last part, else empty
   * @throws TooLargeException as soon as the message has more bytes than it may
   */
  Optional<String> add(String part, boolean last) {
    bytes += length(part);
    if (bytes > mostBytes) {
      joined = null;
      throw new TooLargeException();
    }
    if (joined == null && last) {
      bytes = 0;
      return Optional.of(part);
    }
    if (joined == null) {
      joined = new StringBuilder(part.length() * 2);
    }
    joined.append(part);
    if (!last) {
      return Optional.empty();
    }
    String message = joined.toString();
    joined = null;
    bytes = 0;
    return Optional.of(message);
  }

  /** A container may cut between the two halves of a surrogate pair; each half counts for two of the four bytes. */
  private static long length(String part) {
    long length = part.length();
    for (int index = 0; index < part.length(); index++) {
      char unit = part.charAt(index);
      if (unit >= 0x80) {
        length += unit < 0x800 || Character.isSurrogate(unit) ? 1 : 2;
      }
    }
    return length;
  }

  /** A message has more bytes than it may. */
  static final class TooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooLargeException() {
      super("message too large", null, false, false);
    }
  }
}
