package dev.confab.chat.internal.dialect;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserRef;
import java.time.Duration;
import java.time.Instant;

/** How the values that events and replies share are written. Nothing here throws, whatever the value. */
final class Text {
  private Text() {}

  /** Appends a name that was checked when it was made. */
  static void channel(ChannelName channel, StringBuilder out) {
    Json.quote(channel.value(), out);
  }

  /** Appends {@code {"id":…,"name":…}}. */
  static void user(UserRef user, StringBuilder out) {
    out.append("{\"id\":");
    Json.quote(user.id().value(), out);
    out.append(",\"name\":");
    Json.quote(user.name(), out);
    out.append('}');
  }

  /**
   * Appends a text nobody checked, such as the words of an interceptor: a lone surrogate, which is no character and has no
   * UTF-8, becomes U+FFFD.
   */
  static void unchecked(String text, StringBuilder out) {
    Json.quote(isWellFormed(text) ? text : repaired(text), out);
  }

  /** True if the text holds no lone surrogate. */
  static boolean isWellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!isPair(text, i)) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  private static String repaired(String text) {
    StringBuilder repaired = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        repaired.append(c);
      } else if (isPair(text, i)) {
        repaired.append(c).append(text.charAt(++i));
      } else {
        repaired.append('\uFFFD');
      }
    }
    return repaired.toString();
  }

  private static boolean isPair(String text, int i) {
    return Character.isHighSurrogate(text.charAt(i))
        && i + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(i + 1));
  }

  /** Milliseconds since 1970; a time too far away for them, as {@link Instant#MAX} for "never", is the farthest. */
  static long millis(Instant time) {
    try {
      return time.toEpochMilli();
    } catch (ArithmeticException e) {
      return time.getEpochSecond() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  /** The duration in milliseconds, at most the most there are. */
  static long millis(Duration time) {
    try {
      return time.toMillis();
    } catch (ArithmeticException e) {
      return time.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }
}
