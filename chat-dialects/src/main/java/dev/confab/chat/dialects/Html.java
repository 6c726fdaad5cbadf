package dev.confab.chat.dialects;

/** What pages insert as HTML without looking at it. The log holds text; escapes exist on the wire alone. */
final class Html {
  private Html() {}

  /** As PHP's {@code htmlspecialchars} escapes. */
  static String escaped(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#039;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  /** The same, with a {@code <br />} at each line break, as {@code nl2br} does. */
  static String lines(String text) {
    return escaped(text).replaceAll("\r\n|\r|\n", "<br />$0");
  }
}
