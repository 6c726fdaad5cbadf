package dev.confab.chat.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page of the documentation with places for tables, each between two comments that nobody sees. */
final class Page {
  private Page() {}

  /**
   * Replaces what stands between {@code <!-- name -->} and {@code <!-- /name -->}.
   *
   * @throws IllegalStateException if the page has no such place
   */
  static void put(Path page, String name, String text) throws IOException {
    String before = Files.readString(page);
    String begin = "<!-- " + name + " -->";
    String end = "<!-- /" + name + " -->";
    int from = before.indexOf(begin);
    int to = before.indexOf(end);
    if (from < 0 || to < from) {
      throw new IllegalStateException("There is no " + begin + " … " + end + " in " + page);
    }
    Files.writeString(
        page, before.substring(0, from + begin.length()) + "\n" + text + before.substring(to));
  }
}
