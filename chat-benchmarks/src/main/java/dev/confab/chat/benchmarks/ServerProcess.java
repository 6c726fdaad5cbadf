package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.server.Application;
import dev.confab.chat.benchmarks.server.BenchmarkServer;
import dev.confab.chat.benchmarks.server.BlastServer;
import dev.confab.chat.benchmarks.server.ContainerKind;
import dev.confab.chat.benchmarks.server.Peer;
import dev.confab.chat.benchmarks.server.PeerServer;
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
  private final BufferedReader output;
  private final int port;
  private final String name;

  private ServerProcess(Process process, BufferedReader output, int port, String name) {
    this.process = process;
    this.output = output;
    this.port = port;
    this.name = name;
  }

  /**
   * Starts Confab or a bare loop and waits until it can be asked.
   *
   * @param jvm options of its JVM
   * @param store where Confab keeps its log; of no use to others
   */
  static ServerProcess start(
      Cores cores,
      List<String> jvm,
      ContainerKind container,
      Application application,
      List<String> store)
      throws IOException {
    List<String> program = new ArrayList<>(List.of(
        "-classpath",
        container.classPath(System.getProperty("java.class.path")),
        BenchmarkServer.class.getName(),
        container.name(),
        application.name()));
    program.addAll(store);
    return start(cores, jvm, program);
  }

  /** Starts a peer and waits until it can be asked. */
  static ServerProcess start(Cores cores, List<String> jvm, Peer peer) throws IOException {
    return start(
        cores,
        jvm,
        List.of(
            "-classpath",
            peer.classPath(System.getProperty("java.class.path")),
            PeerServer.class.getName(),
            peer.name()));
  }

  /** Starts a peer that runs on Node and waits until it can be asked. */
  static ServerProcess start(Cores cores, NodePeers node, Peer peer) throws IOException {
    return start(cores, node.program(peer.name()));
  }

  /** Starts a server that lets so many in and only sends. */
  static ServerProcess startBlast(Cores cores, List<String> jvm, int members) throws IOException {
    return start(
        cores,
        jvm,
        List.of(
            "-classpath",
            System.getProperty("java.class.path"),
            BlastServer.class.getName(),
            String.valueOf(members)));
  }

  private static ServerProcess start(Cores cores, List<String> jvm, List<String> program)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.addAll(program);
    return start(cores, command);
  }

  private static ServerProcess start(Cores cores, List<String> program) throws IOException {
    List<String> command = new ArrayList<>(cores.ofServer());
    command.addAll(program);
    Process process =
        new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith("ready ")) {
        String[] words = line.split(" ", 3);
        return new ServerProcess(process, output, Integer.parseInt(words[1]), words[2]);
      }
    }
    process.destroyForcibly();
    throw new IOException(
        "this did not start: " + program.subList(program.size() - 2, program.size()));
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
    return cpuSeconds(process.pid());
  }

  /** The same of any process. */
  static double cpuSeconds(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
    // The name may hold anything, spaces and brackets, too.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]))
        / TICKS_PER_SECOND;
  }

  /** Bytes of its heap that are in use after a full collection. */
  long heap() throws IOException {
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
    String answer = output.readLine();
    if (answer == null) {
      throw new IOException("the server has ended");
    }
    return Long.parseLong(answer.substring("heap ".length()));
  }

  /** Bytes of memory that it holds, but for those the kernel holds for it. */
  long residentBytes() throws IOException {
    for (String line :
        Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return 1_024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("the system does not say how much memory a process has");
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
