package dev.confab.chat.examples.slow;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link MeasuredServer} that runs. One thread asks it at a time. */
final class Server implements AutoCloseable {
  /**
   * What it says of itself.
   *
   * @param heap bytes of heap after a full collection; 0 unless asked for
   * @param connections open now
   * @param inFlight bytes of writes that are not done
   * @param tails bytes of the newest entries in memory
   * @param pages bytes of pages
   * @param live followers whose next entry lies in memory
   * @param behind followers that read from the store
   * @param reads reads of logs so far
   * @param largestPage bytes
   * @param mostReading how many reads ran at once at most
   * @param stalled connections closed with 4004 so far
   * @param written bytes of writes that are done
   */
  record Measured(
      long heap,
      int connections,
      long inFlight,
      long tails,
      long pages,
      long live,
      long behind,
      long reads,
      long largestPage,
      int mostReading,
      int stalled,
      long written) {}

  /** How a server is set. */
  record Settings(int tailsBytes, int sendBufferBytes, int stallAfterMillis, int writeBytes) {
    /** Tails of 4 MiB, the defaults otherwise, and a send buffer that the system does not grow. */
    static final Settings USUAL = new Settings(4 << 20, 64 << 10, 30_000, 64 << 10);
  }

  private final Process process;
  private final BufferedReader output;
  private final URI uri;

  private Server(Process process, BufferedReader output, URI uri) {
    this.process = process;
    this.output = output;
    this.uri = uri;
  }

  /** Returns once it listens. */
  static Server start(Path folder, Settings settings, String... javaOptions) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(javaOptions));
    command.addAll(List.of(
        "-cp",
        System.getProperty("java.class.path"),
        MeasuredServer.class.getName(),
        folder.resolve("chat.db").toString(),
        String.valueOf(settings.tailsBytes()),
        String.valueOf(settings.sendBufferBytes()),
        String.valueOf(settings.stallAfterMillis()),
        String.valueOf(settings.writeBytes())));
    try {
      Process process = new ProcessBuilder(command)
          .redirectError(Redirect.appendTo(folder.resolve("server.log").toFile()))
          .start();
      BufferedReader output = new BufferedReader(
          new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      String line = output.readLine();
      if (line == null || !line.startsWith("listening ")) {
        process.destroyForcibly();
        throw new AssertionError("the server said " + line);
      }
      return new Server(process, output, URI.create(line.substring("listening ".length())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI uri() {
    return uri;
  }

  /** Lets it publish; returns once all are committed. */
  void publish(String room, int count, int bytes) {
    ask("publish " + room + " " + count + " " + bytes);
  }

  /** What it says of itself, after a full collection. */
  Measured withHeap() {
    return measured("heap");
  }

  /** What it says of itself, without its heap. */
  Measured measured() {
    return measured("counters");
  }

  private Measured measured(String what) {
    String[] n = ask(what).split(" ", -1);
    return new Measured(
        Long.parseLong(n[1]),
        Integer.parseInt(n[2]),
        Long.parseLong(n[3]),
        Long.parseLong(n[4]),
        Long.parseLong(n[5]),
        Long.parseLong(n[6]),
        Long.parseLong(n[7]),
        Long.parseLong(n[8]),
        Long.parseLong(n[9]),
        Integer.parseInt(n[10]),
        Integer.parseInt(n[11]),
        Long.parseLong(n[12]));
  }

  private synchronized String ask(String line) {
    try {
      OutputStream input = process.getOutputStream();
      input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      input.flush();
      String answer = output.readLine();
      if (answer == null) {
        throw new AssertionError("the server has ended");
      }
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets it close in order; 0 if it left nothing. */
  int stop() {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        throw new AssertionError("the server does not end");
      }
      return process.exitValue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
