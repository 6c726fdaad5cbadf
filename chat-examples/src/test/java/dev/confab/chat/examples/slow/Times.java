package dev.confab.chat.examples.slow;

import java.util.Arrays;
import java.util.stream.LongStream;

/** How long things took. Immutable. */
final class Times {
  private final long[] ascending;

  /** These, in nanoseconds. */
  Times(LongStream nanos) {
    ascending = nanos.toArray();
    Arrays.sort(ascending);
  }

  int count() {
    return ascending.length;
  }

  LongStream nanos() {
    return Arrays.stream(ascending);
  }

  /** The milliseconds below which so many of a hundred lie; 0 if there is none. */
  double millis(double percent) {
    return ascending.length == 0
        ? 0
        : ascending[(int) Math.min(ascending.length - 1, ascending.length * percent / 100)] / 1e6;
  }
}
