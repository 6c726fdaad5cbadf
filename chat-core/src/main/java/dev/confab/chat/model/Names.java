package dev.confab.chat.model;

import java.text.Normalizer;

/** The rules that channel names, user ids and display names share. */
final class Names {
  private Names() {}

  /** Refuses what is empty, too long, not NFC, or holds white space, control characters or lone surrogates. */
  static String requireName(String what, String value, int maxChars) {
    requireLength(what, value, maxChars);
    requirePrintable(what, value);
    boolean ascii = true;
    for (int i = 0; i < value.length(); ) {
      int point = value.codePointAt(i);
      if (Character.isWhitespace(point) || Character.isSpaceChar(point)) {
        throw new InvalidNameException(what + " must not hold white space");
      }
      ascii &= point < 0x80;
      i += Character.charCount(point);
    }
    if (!ascii && !Normalizer.isNormalized(value, Normalizer.Form.NFC)) {
      throw new InvalidNameException(what + " must be in Unicode normal form C");
    }
    return value;
  }

  /** Refuses control characters and lone surrogates: one NUL aborts a whole batch on some databases. */
  static String requirePrintable(String what, String value) {
    for (int i = 0; i < value.length(); ) {
      int point = value.codePointAt(i);
      if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
        throw new InvalidNameException(what + " must not hold a lone surrogate");
      }
      if (Character.getType(point) == Character.CONTROL) {
        throw new InvalidNameException(what + " must not hold control characters");
      }
      i += Character.charCount(point);
    }
    return value;
  }

  static void requireLength(String what, String value, int maxChars) {
    if (value.isEmpty() || value.length() > maxChars) {
      throw new InvalidNameException(
          what + " must have 1 to " + maxChars + " characters, got " + value.length());
    }
  }
}
