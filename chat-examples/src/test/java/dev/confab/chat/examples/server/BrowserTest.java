package dev.confab.chat.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests in the windows of one browser, skipped where there is none. Which browser: see {@link Browsers}. */
abstract class BrowserTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir
  static Path folder;

  static Browser browser;
  private static String notRun = "";

  @BeforeAll
  static void startBrowser() throws IOException {
    try {
      browser = Browser.start(folder, Browsers.find());
    } catch (Browsers.NoBrowserException none) {
      notRun = "NOT RUN: the page is not tested in a browser: " + none.getMessage();
    }
  }

  /** Each test by itself, because the build counts and reports skipped tests, but says nothing of a skipped class. */
  @BeforeEach
  final void needsTheBrowser() {
    Assumptions.assumeTrue(browser != null, notRun);
  }

  /** Without their server they would complain for as long as they are open. */
  @AfterEach
  void closeWindows() {
    if (browser != null) {
      browser.closeWindows();
    }
  }

  @AfterAll
  static void endBrowser() {
    if (browser != null) {
      browser.close();
      // Another class starts its own.
      browser = null;
    }
  }

  /** Waits until these are the texts that this expression gives in the window. */
  static void reads(Browser.Window window, String expression, List<String> texts) {
    await()
        .pollInterval(Duration.ofMillis(50))
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(strings(window.value(expression))).isEqualTo(texts));
  }

  static List<String> strings(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText).toList();
  }
}
