package dev.confab.chat.examples.journey;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A {@link KillableServer} that runs. */
final class ServerProcess implements AutoCloseable {
  private static final String READY = "listening ";

  private final Process process;
  private final URI uri;

  private ServerProcess(Process process, URI uri) {
    this.process = process;
    this.uri = uri;
  }

  /** Returns once it listens. What it logs goes into the folder of its file. */
  static ServerProcess start(Path file, int tailsBytes, String... javaOptions) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String[] command = new String[javaOptions.length + 6];
    command[0] = java;
    System.arraycopy(javaOptions, 0, command, 1, javaOptions.length);
    int next = javaOptions.length + 1;
    command[next++] = "-cp";
    command[next++] = System.getProperty("java.class.path");
    command[next++] = KillableServer.class.getName();
    command[next++] = file.toString();
    command[next] = String.valueOf(tailsBytes);
    try {
      Process process = new ProcessBuilder(command)
          .redirectError(Redirect.appendTo(file.resolveSibling("server.log").toFile()))
          .start();
      BufferedReader output = new BufferedReader(
          new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      String line = output.readLine();
      if (line == null || !line.startsWith(READY)) {
        process.destroyForcibly();
        throw new AssertionError("the server said " + line);
      }
      return new ServerProcess(process, URI.create(line.substring(READY.length())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI uri() {
    return uri;
  }

  Visitor plain(String user) {
    return Visitor.plain(uri).login(user);
  }

  Visitor v1(String user) {
    Visitor visitor = Visitor.v1(uri);
    visitor.event("welcome");
    return visitor.login(user);
  }

  /** As {@code kill -9}. */
  void kill() {
    process.destroyForcibly();
    await();
  }

  /** Lets it close in order, and returns its exit code, which is 0 if it left nothing. */
  int stop() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return await();
  }

  private int await() {
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        throw new AssertionError("the server does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
