package dev.confab.chat.examples.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;

/** What the program tells besides its one line: warnings, on the error output, a line each. */
final class Logs {
  private static final String SETTINGS = """
      handlers = java.util.logging.ConsoleHandler
      .level = WARNING
      # What they warn of is the client's doing, or told by us in one sentence.
      org.glassfish.level = SEVERE
      com.zaxxer.hikari.level = OFF
      java.util.logging.ConsoleHandler.level = ALL
      java.util.logging.SimpleFormatter.format = %1$tFT%1$tT.%1$tL %4$s %3$s: %5$s%6$s%n
      """;

  private Logs() {}

  /** Sets the logging of this JVM, unless its user did with {@code java.util.logging.config.file}. */
  static void keepQuiet() {
    if (System.getProperty("java.util.logging.config.file") != null) {
      return;
    }
    try {
      LogManager.getLogManager()
          .readConfiguration(new ByteArrayInputStream(SETTINGS.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
