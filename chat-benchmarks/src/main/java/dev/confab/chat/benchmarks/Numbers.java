package dev.confab.chat.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** How numbers are summed up and written. */
final class Numbers {
  private Numbers() {}

  /** The middle one of these figures; of an even number of them the mean of the two in the middle. */
  static <T> double median(Iterable<T> runs, ToDoubleFunction<T> figure) {
    double[] values = new double[4];
    int count = 0;
    for (T run : runs) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = figure.applyAsDouble(run);
    }
    if (count == 0) {
      throw new IllegalArgumentException("no runs");
    }
    Arrays.sort(values, 0, count);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
  }

  /** With commas between the thousands; one digit behind the point below 100. */
  static String count(double value) {
    return value < 100 && value != Math.rint(value)
        ? String.format(Locale.ROOT, "%.1f", value)
        : String.format(Locale.ROOT, "%,d", Math.round(value));
  }

  /** With commas between the thousands. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Milliseconds with about three digits that mean something. */
  static String millis(double nanos) {
    double millis = nanos / 1_000_000;
    return String.format(
        Locale.ROOT, millis < 10 ? "%.2f" : millis < 100 ? "%.1f" : "%,.0f", millis);
  }

  /** Seconds with two digits behind the point. */
  static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.2f", seconds);
  }

  /** With two digits behind the point. */
  static String ratio(double ratio) {
    return String.format(Locale.ROOT, "%.2f", ratio);
  }

  /** As in 8.8×. */
  static String times(double ratio) {
    return String.format(Locale.ROOT, "%.1f×", ratio);
  }
}
