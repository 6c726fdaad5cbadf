package dev.confab.chat.torture;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A JVM started here: told lines, heard lines, killed. What it writes to its error output goes to a file. It never outlives this
 * process, because its input ends with it. Used by one thread.
 */
final class Child implements AutoCloseable {
  private static final List<String> LEAN = List.of(
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      "-Xshare:auto",
      "-Xss512k",
      "-XX:+ExitOnOutOfMemoryError",
      "-Dcom.zaxxer.hikari.aliveBypassWindowMs=0");

  private final String name;
  private final Process process;
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

  private Child(String name, Process process) {
    this.name = name;
    this.process = process;
  }

  /** Starts a main class of this module. */
  static Child start(
      String name, Path errors, String memory, Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(LEAN);
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-Xmx" + memory);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(arguments);
    try {
      Process process = new ProcessBuilder(command)
          .redirectError(Redirect.appendTo(errors.toFile()))
          .start();
      Child child = new Child(name, process);
      Thread listener = new Thread(child::listen, name + "-listener");
      listener.setDaemon(true);
      listener.start();
      return child;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void listen() {
    try (BufferedReader out = new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        heard.add(line);
      }
    } catch (IOException killed) {
      // Nothing more comes.
    }
  }

  /** Says a line; who is dead does not hear it. */
  void tell(String line) {
    try {
      process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException dead) {
      // It has been killed, or is about to be found dead.
    }
  }

  /** The next line that begins so; empty if none comes in this time, or it ends before. */
  Optional<String> hear(String beginning, Duration within) throws InterruptedException {
    long deadline = System.nanoTime() + within.toNanos();
    while (System.nanoTime() < deadline) {
      String line = heard.poll(20, TimeUnit.MILLISECONDS);
      if (line != null && line.startsWith(beginning)) {
        return Optional.of(line);
      }
      if (line == null && !process.isAlive() && heard.isEmpty()) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  boolean alive() {
    return process.isAlive();
  }

  /** SIGKILL; returns when it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** SIGSTOP. */
  void pause() throws InterruptedException {
    signal("STOP");
  }

  /** SIGCONT. */
  void proceed() throws InterruptedException {
    signal("CONT");
  }

  private void signal(String which) throws InterruptedException {
    if (!process.isAlive()) {
      return;
    }
    try {
      new ProcessBuilder("sh", "-c", "kill -" + which + " " + process.pid())
          .redirectErrorStream(true)
          .redirectOutput(Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Ends its input and returns its exit code; empty if it had to be killed. */
  Optional<Integer> stop(Duration within) throws InterruptedException {
    try {
      process.getOutputStream().close();
    } catch (IOException dead) {
      // Its exit code tells.
    }
    return exit(within);
  }

  /** The exit code; empty if it had to be killed. */
  Optional<Integer> exit(Duration within) throws InterruptedException {
    if (process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
      return Optional.of(process.exitValue());
    }
    // What its threads are at helps whoever looks for the reason.
    signal("QUIT");
    TimeUnit.SECONDS.sleep(1);
    kill();
    return Optional.empty();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  @Override
  public String toString() {
    return name;
  }
}
