package dev.confab.chat.containers.redeploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.Received;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.WeakReference;
import java.lang.runtime.ObjectMethods;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Nothing is left of an application with a chat once it is undeployed, clients or not: its class loader is collected, which it
 * would not be if a thread, a timer, a thread's variable, a driver or a static field of anybody else's still knew of it.
 */
public abstract class RedeployContract {
  /** How often in a row; the build does it once. */
  private static final int REDEPLOYS = Integer.getInteger("confab.redeploys", 1);

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** A container ends a connection whose client does not answer in its own time. */
  private static final Duration GONE_WITHIN = Duration.ofSeconds(60);

  /** What keeps a class loader for so long was planted. */
  private static final Duration A_MOMENT = Duration.ofSeconds(2);

  @TempDir
  private Path folder;

  private ApplicationServer server;
  private int port;
  private final List<RawWebSocket> clients = new ArrayList<>();

  /** A new container. */
  protected abstract ApplicationServer container();

  @BeforeEach
  void start() throws Exception {
    runProcess();
    server = container();
    port = server.start();
  }

  @AfterEach
  void stop() {
    clients.forEach(RawWebSocket::close);
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2", "sqlite"})
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void nothing_is_left_of_an_application_with_a_chat(String database) throws Exception {
    for (int i = 0; i < REDEPLOYS; i++) {
      WeakReference<ClassLoader> loader = deployed(database, "");
      RawWebSocket guest = visit();
      server.undeploy();
      leave(guest);
      expectGone(loader);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"thread", "registry"})
  void what_is_forgotten_is_noticed(String leak) throws Exception {
    WeakReference<ClassLoader> loader = deployed("h2", leak);
    server.undeploy();

    assertThat(collected(loader, A_MOMENT)).isFalse();
    threads(name -> name.equals(RedeployedApplication.PLANTED)).forEach(Thread::interrupt);
    System.getProperties().remove(RedeployedApplication.PLANTED);
    expectGone(loader);
  }

  private WeakReference<ClassLoader> deployed(String database, String leak) throws Exception {
    return new WeakReference<>(server.deploy(Application.withChat(Map.of(
        RedeployedApplication.FOLDER, folder.toString(),
        RedeployedApplication.DATABASE, database,
        RedeployedApplication.LEAK, leak))));
  }

  /** Three come and stay: one who talks and answers, one who says nothing any more, and one who does not read either. */
  private RawWebSocket visit() {
    RawWebSocket silent = connect();
    enter(silent, "room_101");
    RawWebSocket stalled = connect("chat.v1");
    enter(stalled, "room_full");
    stalled.stopReading();
    RawWebSocket talks = connect("chat.v1");
    enter(talks, "room_101");
    talks.sendText("{\"op\":\"sendtoroom\",\"args\":[\"room_101\",\"hello\"],\"id\":7}");
    await(talks, "\"data\":\"hello\"");
    talks.sendText("{\"op\":\"fill\"}");
    await(talks, "\"op\":\"fill\",\"success\":true");
    await(talks, "\"event\":\"ping\"");
    assertThat(threads(RedeployContract::isOurs).map(Thread::getName))
        .as("what runs while the application does")
        .anyMatch(name -> name.startsWith("confab-journal"))
        .anyMatch(name -> name.startsWith("confab-time"))
        .anyMatch(name -> name.startsWith("confab-retention"))
        .anyMatch(name -> name.startsWith("chat-transport"));
    return talks;
  }

  private static void enter(RawWebSocket client, String room) {
    ask(client, "{\"op\":\"auth\",\"args\":[\"ann\",\"secret\"]}");
    ask(client, "{\"op\":\"subscribe\",\"args\":[\"" + room + "\"]}");
  }

  /** Answers the close; Tomcat says 1001 before a listener of the application is asked to stop. */
  private static void leave(RawWebSocket client) {
    Received received = client.read(PATIENCE);
    while (received instanceof Received.Text) {
      received = client.read(PATIENCE);
    }
    assertThat(received)
        .isInstanceOfSatisfying(
            Received.Closed.class, closed -> assertThat(closed.code()).isIn(1001, 4000));
    try {
      client.close(1000, "");
    } catch (UncheckedIOException gone) {
      assertThat(gone).hasCauseInstanceOf(IOException.class);
    }
  }

  private RawWebSocket connect(String... subprotocols) {
    RawWebSocket client = RawWebSocket.connect(
        URI.create("ws://127.0.0.1:" + port + Application.PATH + "/chat"),
        List.of(subprotocols),
        Map.of());
    clients.add(client);
    return client;
  }

  private static void ask(RawWebSocket client, String request) {
    client.sendText(request);
    await(client, "\"success\":true");
  }

  private static void await(RawWebSocket client, String part) {
    while (true) {
      Received received = client.read(PATIENCE);
      if (received instanceof Received.Ping) {
        client.sendPong();
        continue;
      }
      assertThat(received).isInstanceOf(Received.Text.class);
      String text = ((Received.Text) received).text();
      if (text.contains("\"event\":\"ping\"")) {
        client.sendText("{\"op\":\"pong\"}");
      }
      if (text.contains(part)) {
        return;
      }
    }
  }

  private void expectGone(WeakReference<ClassLoader> loader) {
    boolean gone = collected(loader, GONE_WITHIN);
    assertThat(gone).as(() -> suspects(loader)).isTrue();
    assertThat(threads(RedeployContract::isOurs)).isEmpty();
  }

  /** Of no application. */
  private record Compared(String one) {}

  /**
   * The JDK remembers until the next time whose records were the last that were compared for the first time; Java 17 and 18 so
   * that they are kept.
   */
  private static void compareRecords() {
    try {
      MethodHandles.Lookup here = MethodHandles.lookup();
      Object unused = ObjectMethods.bootstrap(
          here,
          "equals",
          MethodType.methodType(boolean.class, Compared.class, Object.class),
          Compared.class,
          "one",
          here.findVirtual(Compared.class, "one", MethodType.methodType(String.class)));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /**
   * The driver of SQLite asks a process what system it is on, and the JDK's thread that waits for processes has the context class
   * loader of whoever was the first to do so, until a minute has passed without any.
   */
  private static void runProcess() {
    try {
      new ProcessBuilder("true").start().waitFor();
    } catch (IOException | InterruptedException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Jetty keeps the connection that its selector has seen last until it sees another one, be it for a moment. */
  private void knock() {
    try {
      new Socket(InetAddress.getLoopbackAddress(), port).close();
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private boolean collected(WeakReference<ClassLoader> loader, Duration within) {
    try {
      Awaitility.await().atMost(within).pollInterval(Duration.ofMillis(50)).until(() -> {
        compareRecords();
        knock();
        System.gc();
        return loader.get() == null;
      });
      return true;
    } catch (ConditionTimeoutException kept) {
      return false;
    }
  }

  private static String suspects(WeakReference<ClassLoader> loader) {
    List<String> suspects = new ArrayList<>();
    ClassLoader kept = loader.get();
    Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getContextClassLoader() == kept)
        .forEach(thread -> suspects.add("thread " + thread.getName()));
    return "what keeps " + kept + ": " + suspects;
  }

  private static boolean isOurs(String thread) {
    return Stream.of("confab-", "chat-", "Hikari", "H2 ", "MVStore").anyMatch(thread::startsWith);
  }

  private static Stream<Thread> threads(Predicate<String> name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .filter(thread -> name.test(thread.getName()));
  }
}
