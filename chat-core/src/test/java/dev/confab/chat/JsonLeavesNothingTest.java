package dev.confab.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import dev.confab.chat.model.Json;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/**
 * Threads of a container outlive an application. Jackson kept one of its buffers in each that had read JSON, and with it the
 * application's class loader.
 */
final class JsonLeavesNothingTest {
  @Test
  void thread_that_has_read_json_keeps_nothing_of_it() throws Exception {
    WeakReference<ClassLoader> loader = readElsewhere();

    Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> {
      System.gc();
      return loader.get() == null;
    });
  }

  /** On this thread, with classes of a loader that nobody knows afterwards. */
  private static WeakReference<ClassLoader> readElsewhere() throws Exception {
    URL[] parts = {part(Json.class), part(JsonFactory.class), part(NullMarked.class)};
    try (URLClassLoader loader = new URLClassLoader(parts, ClassLoader.getPlatformClassLoader())) {
      Object read = loader
          .loadClass(Json.class.getName())
          .getMethod("parse", String.class)
          .invoke(null, "{\"a\":[1,\"two\"]}");
      assertThat(read).isNotNull().isNotInstanceOf(Json.class);
      return new WeakReference<>(loader);
    }
  }

  private static URL part(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }
}
