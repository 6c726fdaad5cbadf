package dev.confab.chat.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** What this runs on, in a line. */
final class Machine {
  private Machine() {}

  static String describe() {
    return firstOf(Path.of("/proc/cpuinfo"), "model name", "unknown processor") + ", "
        + Runtime.getRuntime().availableProcessors() + " cores, " + memory() + ", "
        + System.getProperty("os.name") + " " + System.getProperty("os.version") + ", Java "
        + System.getProperty("java.version");
  }

  /**
   * How busy others keep it: the share of all processors' time that is used while this tool only waits, for a second. NaN
   * where the system does not say.
   */
  static double busy() {
    long[] before = times();
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    while (System.nanoTime() < until) {
      LockSupport.parkNanos(until - System.nanoTime());
    }
    long[] after = times();
    return 1 - (double) (after[1] - before[1]) / (after[0] - before[0]);
  }

  /** Of all processors together since the machine started, in ticks: all time, and that in which nothing was to be done. */
  private static long[] times() {
    long all = 0;
    long idle = 0;
    String[] times = firstOf(Path.of("/proc/stat"), "cpu ", "").split(" +", -1);
    for (int column = 0; column < times.length; column++) {
      long ticks = times[column].isEmpty() ? 0 : Long.parseLong(times[column]);
      all += ticks;
      // The fourth is idle, the fifth idle but for waiting for a disk.
      idle += column == 3 || column == 4 ? ticks : 0;
    }
    return new long[] {all, idle};
  }

  private static String memory() {
    String total = firstOf(Path.of("/proc/meminfo"), "MemTotal", "");
    String kib = total.replaceAll("[^0-9]", "");
    return kib.isEmpty()
        ? "unknown memory"
        : Math.round(Long.parseLong(kib) / (1024.0 * 1024.0)) + " GiB";
  }

  private static String firstOf(Path file, String name, String otherwise) {
    try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line ->
              line.substring(Math.max(line.indexOf(':') + 1, name.length())).strip())
          .findFirst()
          .orElse(otherwise);
    } catch (IOException notLinux) {
      return otherwise;
    }
  }
}
