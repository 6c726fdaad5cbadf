package dev.confab.chat.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The chat server in a JVM of its own. Does not outlive the tests. */
final class ServerProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern READY = Pattern.compile("Confab is ready at (\\S+)\\R");

  private final Process process;
  private final Path out;
  private final Path err;
  private final Thread killer;

  private ServerProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
    this.killer = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(killer);
  }

  /** Runs it from the classes under test, with these options. */
  static ServerProcess run(Path logs, String... options) {
    return run(logs, Map.of(), options);
  }

  /** The same, with more in its environment. */
  static ServerProcess run(Path logs, Map<String, String> environment, String... options) {
    return java(
        logs,
        environment,
        List.of("-cp", System.getProperty("java.class.path"), ChatServer.class.getName()),
        options);
  }

  /** Runs it from its jar. */
  static ServerProcess runJar(Path logs, Path jar, String... options) {
    return java(logs, Map.of(), List.of("-jar", jar.toString()), options);
  }

  private static ServerProcess java(
      Path logs, Map<String, String> environment, List<String> program, String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Starts faster; these processes do not live long.
    command.add("-XX:TieredStopAtLevel=1");
    if (Runtime.version().feature() >= 22 && !program.contains("-jar")) {
      // Without it these JVMs warn of SQLite's native library. The jar says it in its manifest.
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(program);
    command.addAll(List.of(options));
    try {
      Path out = Files.createTempFile(logs, "server", ".out");
      Path err = Files.createTempFile(logs, "server", ".err");
      ProcessBuilder builder = new ProcessBuilder(command)
          .directory(logs.toFile())
          .redirectOutput(out.toFile())
          .redirectError(err.toFile());
      builder.environment().putAll(environment);
      return new ServerProcess(builder.start(), out, err);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Where its page is, once it says so. */
  URI url() {
    await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(PATIENCE)
        .until(() -> READY.matcher(out()).find() || !process.isAlive());
    Matcher ready = READY.matcher(out());
    assertThat(ready.find()).as("it is ready; it said: %s%s", out(), err()).isTrue();
    return URI.create(ready.group(1));
  }

  /** Where its chat is. */
  URI chat() {
    URI url = url();
    return URI.create("ws://" + url.getHost() + ":" + url.getPort() + "/chat");
  }

  /** As {@code kill} does. */
  void terminate() {
    process.destroy();
  }

  /** As {@code kill -9} does; returns once it is gone. */
  void kill() {
    process.destroyForcibly();
    exitCode();
  }

  /** What it ended with. */
  int exitCode() {
    try {
      assertThat(process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
          .as("the server ends")
          .isTrue();
      return process.exitValue();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  /** What it wrote to its output. */
  String out() {
    return read(out);
  }

  /** What it wrote to its error output. */
  String err() {
    return read(err);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() {
    kill();
    Runtime.getRuntime().removeShutdownHook(killer);
  }
}
