package dev.confab.chat.examples.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** After each test no thread of a chat or of its transport is alive. */
final class LeavesNoThread implements AfterEachCallback {
  @Override
  public void afterEach(ExtensionContext context) {
    await()
        .atMost(Duration.ofSeconds(10))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .untilAsserted(() -> assertThat(ours()).isEmpty());
  }

  private static List<String> ours() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.startsWith("confab-") || name.startsWith("chat-transport "))
        .sorted()
        .toList();
  }
}
