package dev.confab.chat.containers.servers;

import dev.confab.chat.containers.war.ClubServer;
import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.RawWebSocket.HandshakeRefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A server in a process of its own and in a folder of its own under {@code target}, with one WAR at {@code /app}. */
abstract class ServerProcess implements ClubServer {
  static final Path TARGET = Path.of("target").toAbsolutePath();

  /** Where the build has put the servers. */
  static final Path SERVERS = TARGET.resolve("servers");

  /** The application. */
  static final Path CLUB = sibling("war/target/app.war");

  /** The kit. */
  static final Path KIT = sibling("kit/target/kit.war");

  /** The club and the kit for Quarkus, which has no WARs: a folder. */
  static final Path QUARKUS = sibling("quarkus/target/quarkus-app");

  private static final Duration START = Duration.ofMinutes(4);
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration STOP = Duration.ofMinutes(1);

  private final String name;
  private final Path war;
  private final Path home;
  private Optional<Process> process = Optional.empty();
  private int port;

  /** With this WAR; what it leaves behind goes when it is made anew. */
  ServerProcess(String name, Path war) {
    this(name, war, war.getFileName().toString().replace(".war", ""));
  }

  /** With what lies here, under this name. */
  ServerProcess(String name, Path war, String application) {
    this.name = name;
    this.war = war;
    this.home = TARGET.resolve("homes").resolve(name.replace(' ', '-') + "-" + application);
  }

  private static Path sibling(String path) {
    return TARGET.getParent().resolveSibling(path).normalize();
  }

  /** What starts it at this port, in {@link #home}. */
  abstract List<String> command(int atPort) throws IOException;

  /** Makes what it needs to find in {@link #home} before it is first started. */
  void furnish() throws IOException {}

  /** Takes the application away from the server, which runs on. */
  final void undeploy() throws IOException {
    takeAway();
    Awaitility.await().atMost(START).pollInterval(LOOK).until(() -> !answers());
  }

  /** Gives it to the server again. */
  final void deploy() throws IOException {
    giveAgain();
    Awaitility.await().atMost(START).pollInterval(LOOK).until(this::answers);
  }

  /** Asks the server to take the application away. */
  void takeAway() throws IOException {
    throw new UnsupportedOperationException(name + " was not asked to yet");
  }

  /** Asks the server to start the application again. */
  void giveAgain() throws IOException {
    throw new UnsupportedOperationException(name + " was not asked to yet");
  }

  /** The server itself, not the script that has started it. */
  final ProcessHandle java() {
    Process parent = process.orElseThrow();
    return Stream.concat(Stream.of(parent.toHandle()), parent.descendants())
        .filter(each -> each.info().command().orElse("").endsWith("/java"))
        .findFirst()
        .orElseThrow();
  }

  /** What tells the process what it is, and where the kit writes. */
  final List<String> properties() {
    return List.of(
        "-Dconfab.container=" + name,
        "-Dconfab.kit.only=" + System.getProperty("confab.kit.only", ""),
        "-Dconfab.conformance=" + TARGET.resolve("conformance").resolve(home.getFileName()),
        "-Djava.io.tmpdir=" + home.resolve("tmp"));
  }

  /** A Java process. */
  final List<String> java(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx768m");
    command.addAll(properties());
    command.addAll(arguments);
    return command;
  }

  final Path home() {
    return home;
  }

  final Path war() {
    return war;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public boolean keepsMessages() {
    return true;
  }

  @Override
  public boolean logsIn() {
    return true;
  }

  @Override
  public boolean hasBeans() {
    return true;
  }

  @Override
  public final void start() throws Exception {
    if (port == 0) {
      delete(home);
      Files.createDirectories(home.resolve("tmp"));
      furnish();
    }
    port = freePort();
    ProcessBuilder builder = new ProcessBuilder(command(port))
        .directory(home.toFile())
        .redirectErrorStream(true)
        .redirectOutput(
            ProcessBuilder.Redirect.appendTo(home.resolve("server.log").toFile()));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process started = builder.start();
    process = Optional.of(started);
    Awaitility.await()
        .atMost(START)
        .pollInterval(LOOK)
        .failFast(() -> !started.isAlive())
        .until(this::answers);
  }

  /** Before all paths of the application. */
  String context() {
    return "/app";
  }

  /** Whether it runs the kit. */
  boolean isKit() {
    return war.equals(KIT);
  }

  /** The club is there when it takes a connection, the kit when its servlet answers. */
  private boolean answers() {
    try {
      if (!isKit()) {
        RawWebSocket.connect(uri("/chat"), List.of("chat.v1"), Map.of()).close();
        return true;
      }
      HttpURLConnection asked =
          (HttpURLConnection) KitRun.uri(this, "/kit?look").toURL().openConnection();
      asked.setConnectTimeout(2_000);
      asked.setReadTimeout(10_000);
      int status = asked.getResponseCode();
      asked.disconnect();
      return status == 200;
    } catch (IOException | UncheckedIOException | HandshakeRefusedException notYet) {
      return false;
    }
  }

  @Override
  public final URI uri(String path) {
    return URI.create("ws://127.0.0.1:" + port + context() + path);
  }

  @Override
  public void stop() throws Exception {
    end(ProcessHandle::destroy);
  }

  @Override
  public final void close() {
    try {
      end(ProcessHandle::destroyForcibly);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The whole family: a script starts a server and waits for it. */
  final void end(Consumer<ProcessHandle> how) throws InterruptedException {
    if (process.isEmpty()) {
      return;
    }
    Process parent = process.get();
    List<ProcessHandle> family =
        Stream.concat(parent.descendants(), Stream.of(parent.toHandle())).toList();
    family.forEach(how);
    if (!parent.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
      family.forEach(ProcessHandle::destroyForcibly);
      throw new IllegalStateException(name + " does not stop");
    }
    Awaitility.await().atMost(STOP).until(() -> family.stream().noneMatch(ProcessHandle::isAlive));
    process = Optional.empty();
  }

  /** Somebody else might take it before the server does, which is not likely. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text, StandardCharsets.UTF_8);
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).forEach(path -> {
        try {
          Files.delete(path);
        } catch (IOException failure) {
          throw new UncheckedIOException(failure);
        }
      });
    }
  }
}
