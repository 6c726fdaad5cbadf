package dev.confab.chat.examples.journey;

import dev.confab.chat.ChatBuilder;
import dev.confab.chat.model.Limits;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A chat on a SQLite file in a JVM of its own, which can be killed. It says where it listens, closes when its input ends, so
 * that none outlives the tests, and ends with 0 if nothing was left.
 */
final class KillableServer {
  private KillableServer() {}

  /** The file, and how many bytes of the newest entries stay in memory. */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    int tails = Integer.parseInt(arguments[1]);
    try (Venue venue = Venue.open(builder -> settings(builder, file, tails))) {
      System.out.println("listening " + venue.uri());
      while (System.in.read() >= 0) {
        // Only its end means something.
      }
    }
    System.exit(0);
  }

  private static void settings(ChatBuilder builder, Path file, int tails) {
    builder
        .store(JdbiMessageStore.sqlite(file))
        .limits(Limits.builder().tailsBytes(tails).tailBytes(tails).build());
  }
}
