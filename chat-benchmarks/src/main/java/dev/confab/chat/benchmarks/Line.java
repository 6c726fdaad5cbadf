package dev.confab.chat.benchmarks;

import java.nio.charset.StandardCharsets;

/** A view of one line that came, which is looked at where it lies. Used by one thread; moves on to the next line. */
final class Line {
  private byte[] bytes = {};
  private int from;
  private int to;

  Line of(byte[] newBytes, int newFrom, int newTo) {
    bytes = newBytes;
    from = newFrom;
    to = newTo;
    return this;
  }

  static byte[] marker(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  boolean startsWith(byte[] start) {
    return isAt(from, start);
  }

  int length() {
    return to - from;
  }

  /** The number that follows the first of these markers; -1 if there is none. */
  long numberAfter(byte[] marker) {
    int at = indexAfter(marker);
    if (at < 0) {
      return -1;
    }
    long number = 0;
    while (at < to && bytes[at] >= '0' && bytes[at] <= '9') {
      number = 10 * number + bytes[at] - '0';
      at++;
    }
    return number;
  }

  private int indexAfter(byte[] marker) {
    for (int at = from; at <= to - marker.length; at++) {
      if (isAt(at, marker)) {
        return at + marker.length;
      }
    }
    return -1;
  }

  private boolean isAt(int at, byte[] expected) {
    if (to - at < expected.length) {
      return false;
    }
    for (int index = 0; index < expected.length; index++) {
      if (bytes[at + index] != expected[index]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }
}
