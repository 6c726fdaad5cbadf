package dev.confab.chat.torture;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The process of a database server, which is killed with all it has begotten and started again. Used by one thread. */
final class DatabaseProcess {
  private static final Duration START_WITHIN = Duration.ofSeconds(90);

  private final List<String> command;
  private final Path log;
  private final String url;
  private Process process;

  private DatabaseProcess(List<String> command, Path log, String url, Process process) {
    this.command = command;
    this.log = log;
    this.url = url;
    this.process = process;
  }

  /**
   * Starts it; returns when it can be used.
   *
   * @param url where it can be asked then
   */
  static DatabaseProcess start(List<String> command, Path log, String url)
      throws IOException, InterruptedException, SQLException {
    DatabaseProcess started =
        new DatabaseProcess(List.copyOf(command), log, url, run(command, log));
    started.await();
    // Nothing outlives the driver, whatever ends it.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> started.process.destroyForcibly()));
    return started;
  }

  private static Process run(List<String> command, Path log) throws IOException {
    return new ProcessBuilder(command)
        .redirectInput(Redirect.from(new File("/dev/null")))
        .redirectErrorStream(true)
        .redirectOutput(Redirect.appendTo(log.toFile()))
        .start();
  }

  /** A port nobody has now. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void await() throws InterruptedException, SQLException, IOException {
    long deadline = System.nanoTime() + START_WITHIN.toNanos();
    while (true) {
      try (Connection connection = DriverManager.getConnection(url)) {
        if (connection.isValid(5)) {
          return;
        }
      } catch (SQLException notYet) {
        if (!process.isAlive()) {
          throw new IOException("the database ended with " + process.exitValue(), notYet);
        }
        if (System.nanoTime() > deadline) {
          throw notYet;
        }
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** SIGKILL to it and to all its children. */
  void kill() throws InterruptedException {
    List<ProcessHandle> all = process.descendants().toList();
    process.destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
    process.waitFor();
    for (ProcessHandle each : all) {
      while (each.isAlive()) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
    }
  }

  void restart() throws IOException, InterruptedException, SQLException {
    process = run(command, log);
    await();
  }

  /** SIGTERM, and SIGKILL if that is not enough. */
  void stop() {
    process.destroy();
    try {
      if (!process.waitFor(15, TimeUnit.SECONDS)) {
        kill();
      }
    } catch (InterruptedException hurry) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
