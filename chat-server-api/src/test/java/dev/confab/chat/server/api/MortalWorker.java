package dev.confab.chat.server.api;

import dev.confab.chat.model.ChannelName;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A worker in a process of its own, to be killed: writes what it did into a file, a line each. */
final class MortalWorker {
  private MortalWorker() {}

  /**
   * Takes the address, the key, the file, and after how many records it stands still; ends with the standard input.
   */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[2]);
    int most = Integer.parseInt(arguments[3]);
    AtomicInteger done = new AtomicInteger();
    Worker worker = Worker.of(URI.create(arguments[0]), arguments[1])
        .queue("q")
        .atOnce(4)
        .start((work, calls) -> {
          String line =
              work.connection() + " " + work.event() + " " + work.text().orElse("-") + "\n";
          Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
          // Work that takes its time, so that the process is killed in the middle of it.
          LockSupport.parkNanos(1_000_000);
          while (done.incrementAndGet() > most) {
            // Until it is killed.
            LockSupport.parkNanos(1_000_000_000);
          }
          if (work.event().equals("message")) {
            calls
                .publish(ChannelName.of("room_done"), "done")
                .toCompletableFuture()
                .join();
          }
        });
    int unused = System.in.read();
    worker.close();
  }
}
