package dev.confab.chat.dialects;

import dev.confab.chat.model.Json;

/** Writes one JSON object, member by member; nothing in it throws, whatever the text. Used by one thread. */
final class JsonObject {
  /** The most digits that every client's numbers hold exactly. */
  private static final int SAFE_DIGITS = 15;

  private final StringBuilder out = new StringBuilder(96).append('{');

  /** A member that is a string; a lone surrogate, which has no UTF-8, becomes U+FFFD. */
  JsonObject text(String name, String value) {
    name(name);
    Json.quote(repaired(value), out);
    return this;
  }

  /** A member that is JSON already. */
  JsonObject json(String name, String json) {
    name(name);
    out.append(json);
    return this;
  }

  /** An id: a number where clients knew numbers and lose nothing by it, else a string. */
  JsonObject id(String name, String id) {
    return isSafeNumber(id) ? json(name, id) : text(name, id);
  }

  /** The whole. */
  String end() {
    return out.append('}').toString();
  }

  private void name(String name) {
    if (out.length() > 1) {
      out.append(',');
    }
    Json.quote(repaired(name), out);
    out.append(':');
  }

  private static boolean isSafeNumber(String id) {
    return id.length() <= SAFE_DIGITS
        && !id.isEmpty()
        && id.chars().allMatch(c -> c >= '0' && c <= '9')
        && (id.charAt(0) != '0' || id.length() == 1);
  }

  private static String repaired(String text) {
    StringBuilder repaired = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        continue;
      }
      if (repaired == null) {
        repaired = new StringBuilder(text);
      }
      repaired.setCharAt(i, '\uFFFD');
    }
    return repaired == null ? text : repaired.toString();
  }
}
