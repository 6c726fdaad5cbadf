package dev.confab.chat.benchmarks;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;

/**
 * Keeps the load on the first core and each server on the last, so that neither takes time from the other. Not possible with
 * one core, or without {@code taskset}; whoever asks is told.
 */
final class Cores implements AutoCloseable {
  private final boolean apart;
  private final int last;

  private Cores(boolean apart, int last) {
    this.apart = apart;
    this.last = last;
  }

  /** Moves this process to the first core until this is closed. */
  static Cores apart() {
    int last = Runtime.getRuntime().availableProcessors() - 1;
    return new Cores(last > 0 && move("0"), last);
  }

  /** Leaves everything where the system puts it: for tests. */
  static Cores together() {
    return new Cores(false, 0);
  }

  boolean areApart() {
    return apart;
  }

  /** What a server's command begins with. */
  List<String> ofServer() {
    return apart ? List.of("taskset", "-c", String.valueOf(last)) : List.of();
  }

  String describe() {
    return apart ? "server on one core, load on another" : "server and load share all cores";
  }

  private static boolean move(String cores) {
    try {
      return new ProcessBuilder(
                  "taskset",
                  "-a",
                  "-p",
                  "-c",
                  cores,
                  String.valueOf(ProcessHandle.current().pid()))
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException missing) {
      return false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    if (apart) {
      boolean unused = move("0-" + last);
    }
  }
}
