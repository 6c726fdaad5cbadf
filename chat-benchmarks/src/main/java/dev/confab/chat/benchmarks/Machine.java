package dev.confab.chat.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
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

  /** How busy it was in the last minute, in processes that wanted to run: others' work spoils figures. */
  static String load() {
    return String.format(
        Locale.ROOT, "%.1f", ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
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
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(otherwise);
    } catch (IOException notLinux) {
      return otherwise;
    }
  }
}
