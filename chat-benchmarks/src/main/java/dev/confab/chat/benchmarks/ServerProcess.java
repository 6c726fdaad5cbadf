package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.server.Application;
import dev.confab.chat.benchmarks.server.BenchmarkServer;
import dev.confab.chat.benchmarks.server.ContainerKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server that is measured, in a process of its own. Used by one thread. */
final class ServerProcess implements AutoCloseable {
  private static final long ENDS_WITHIN_SECONDS = 20;

  /** A tick of the system's accounts: 10 ms on all Linux there is. */
  private static final double TICKS_PER_SECOND = 100;

  /** In what /proc says of a process, counted from behind its name. */
  private static final int USER_TIME = 11;

  private static final int SYSTEM_TIME = 12;

  private final Process process;
  private final int port;
  private final String name;

  private ServerProcess(Process process, int port, String name) {
    this.process = process;
    this.port = port;
    this.name = name;
  }

  /**
   * Starts it and waits until it can be asked.
   *
   * @param jvm options of its JVM
   */
  static ServerProcess start(
      Cores cores, List<String> jvm, ContainerKind container, Application application)
      throws IOException {
    List<String> command = new ArrayList<>(cores.ofServer());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.addAll(List.of(
        "-classpath",
        container.classPath(System.getProperty("java.class.path")),
        BenchmarkServer.class.getName(),
        container.name(),
        application.name()));
    Process process =
        new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith("ready ")) {
        String[] words = line.split(" ", 3);
        return new ServerProcess(process, Integer.parseInt(words[1]), words[2]);
      }
    }
    process.destroyForcibly();
    throw new IOException(container + " " + application + " did not start");
  }

  /** With its container's version. */
  String name() {
    return name;
  }

  URI uri() {
    return URI.create("ws://127.0.0.1:" + port + BenchmarkServer.PATH);
  }

  /** The processor's time it has used, its own and the system's for it, in seconds. */
  double cpuSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "stat"));
    // The name may hold anything, spaces and brackets, too.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]))
        / TICKS_PER_SECOND;
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      if (!process.waitFor(ENDS_WITHIN_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
