package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserId;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers as an application has them, in this process and in others. */
final class WorkerTest {
  private static final Duration SOON = Duration.ofMinutes(2);

  private final WorkQueue queue =
      WorkQueue.named("q").perConnection(10_000).capacity(10_000).build();
  private final WorkQueue second = WorkQueue.named("q2").build();
  private TestServer server;

  @BeforeEach
  void start() throws Exception {
    server = new TestServer(
        chat -> chat.on("work", queue.op("work"))
            .on("other", second.op("other"))
            .onBeforeLogin("enter", queue.op("enter")),
        api -> api.queue(queue).queue(second).loginByContext("uid"),
        queue::feeding);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Worker worker(Worker.Handler handler) {
    return Worker.of(server.ws("/ws/v1"), TestServer.ALL.secret()).queue("q").start(handler);
  }

  @Test
  void worker_logs_a_connection_in_subscribes_it_and_answers() throws Exception {
    try (Worker worker = worker((work, calls) -> {
      if (work.event().equals("message")) {
        calls
            .setContextValue(work.connection(), "uid", Json.parse("1001"))
            .toCompletableFuture()
            .join();
        calls
            .subscribe(work.connection(), List.of(ChannelName.of("room_1")))
            .toCompletableFuture()
            .join();
        calls.send(work.connection(), "welcome").toCompletableFuture().join();
        assertThat(calls
                .publish(ChannelName.of("room_1"), "all")
                .toCompletableFuture()
                .join())
            .isEqualTo(1);
      }
    })) {
      TestSocket client = server.client();
      client.send("{\"op\":\"enter\",\"args\":[\"token\"]}");
      assertThat(client.await(frame -> frame.contains("\"signal\""))).contains("welcome");
      assertThat(client.await(frame -> frame.contains("\"subscribe\"")))
          .contains("\"data\":\"all\"");
      assertThat(server.chat().users().isOnline(UserId.of("1001"))).isTrue();
      assertThat(worker.isConnected()).isTrue();
    }
  }

  @Test
  void handler_that_fails_gets_the_record_again_and_order_is_kept() throws Exception {
    AtomicInteger failures = new AtomicInteger(2);
    List<String> done = new CopyOnWriteArrayList<>();
    try (Worker worker = worker((work, calls) -> {
      if (work.text().orElse("").contains("\"a\"") && failures.getAndDecrement() > 0) {
        throw new IOException("not now");
      }
      done.add(work.text().orElse(work.event()));
    })) {
      TestSocket client = server.client("ann");
      client.send("{\"op\":\"work\",\"args\":[\"a\"]}");
      client.send("{\"op\":\"work\",\"args\":[\"b\"]}");
      Awaitility.await().atMost(SOON).until(() -> done.size() == 3);
      assertThat(done)
          .containsExactly(
              "handshake",
              "{\"op\":\"work\",\"args\":[\"a\"]}",
              "{\"op\":\"work\",\"args\":[\"b\"]}");
      assertThat(worker.isConnected()).isTrue();
    }
  }

  @Test
  void worker_connects_again_after_its_connection_broke() throws Exception {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    try (Between between = new Between(server.ws("/").getPort());
        Worker worker = Worker.of(between.address("/ws/v1"), TestServer.ALL.secret())
            .queue("q")
            .start((work, calls) -> seen.add(work.text().orElse(work.event())))) {
      Awaitility.await().atMost(SOON).until(worker::isConnected);
      between.breakAll();
      TestSocket client = server.client("ann");
      client.send("{\"op\":\"work\",\"args\":[1]}");
      Awaitility.await().atMost(SOON).until(() -> seen.size() == 2);
    }
  }

  @Test
  void workerman_row_4_who_finds_nobody_there_waits_longer_each_time() throws Exception {
    // The page that row is about asks again at once, for as long as its server is down.
    List<Long> asked = new CopyOnWriteArrayList<>();
    HttpServer nobody =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    nobody.createContext("/", exchange -> {
      asked.add(System.nanoTime());
      try (exchange) {
        exchange.sendResponseHeaders(503, -1);
      }
    });
    nobody.start();
    try (Worker worker = Worker.of(
            URI.create("ws://127.0.0.1:" + nobody.getAddress().getPort() + "/ws/v1"),
            TestServer.ALL.secret())
        .queue("q")
        .start((work, calls) -> {})) {
      Awaitility.await().atMost(SOON).until(() -> asked.size() >= 5);
      assertThat(worker.isConnected()).isFalse();
    } finally {
      nobody.stop(0);
    }
    // At least half of 200, 400, 800 and 1,600 ms.
    assertThat(Duration.ofNanos(asked.get(4) - asked.get(0)))
        .isGreaterThan(Duration.ofMillis(1_400));
  }

  @Test
  void worker_shares_its_room_out_and_drops_what_a_lost_connection_handed_it() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    List<Integer> handouts = new CopyOnWriteArrayList<>();
    try (Between between = new Between(server.ws("/").getPort());
        Worker worker = Worker.of(between.address("/ws/v1"), TestServer.ALL.secret())
            .queue("q")
            .queue("q2")
            .atOnce(1)
            .start((work, calls) -> {
              handouts.add(work.handouts());
              gate.await();
            })) {
      TestSocket ann = server.client("ann");
      server.client("tom");
      ann.send("{\"op\":\"other\",\"args\":[1]}");
      // One of each queue, of which one waits in the worker.
      Awaitility.await().atMost(SOON).until(() -> inFlight() == 2 && handouts.size() == 1);
      assertThat(queue.counters().inFlight()).isEqualTo(1);
      between.breakAll();
      Awaitility.await().atMost(SOON).until(() -> redelivered() >= 2 && inFlight() == 2);
      Awaitility.await().atMost(SOON).until(worker::isConnected);
      gate.countDown();
      Awaitility.await().atMost(SOON).until(() -> handouts.size() >= 4);
      assertThat(handouts.get(0)).isEqualTo(1);
      assertThat(handouts.get(1)).as("not the other of the lost connection").isEqualTo(2);
    }
  }

  private int inFlight() {
    return queue.counters().inFlight() + second.counters().inFlight();
  }

  private long redelivered() {
    return queue.counters().redelivered() + second.counters().redelivered();
  }

  @Test
  void worker_that_is_closed_gives_nothing_up_half_done() throws Exception {
    AtomicInteger done = new AtomicInteger();
    Worker worker = worker((work, calls) -> done.incrementAndGet());
    TestSocket client = server.client("ann");
    for (int i = 0; i < 20; i++) {
      client.send("{\"op\":\"work\",\"args\":[" + i + "]}");
    }
    Awaitility.await().atMost(SOON).until(() -> done.get() > 3);
    worker.close();
    try (Worker next = worker((work, calls) -> done.incrementAndGet())) {
      // Each exactly once: the first said what it had done before it left.
      Awaitility.await().atMost(SOON).until(() -> done.get() >= 21);
      assertThat(done.get()).isEqualTo(21);
      assertThat(next.isConnected()).isTrue();
    }
  }

  @Test
  void seed_000_row_12_kill_9_of_a_worker_process_loses_nothing(@TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("done");
    // Works on forty, and then stands still with what it has just written down and not
    // acknowledged.
    Process first = process(file, "40");
    List<TestSocket> clients = new ArrayList<>();
    int each = 60;
    for (String user : List.of("ann", "tom", "bea")) {
      clients.add(server.client(user));
    }
    for (int i = 0; i < each; i++) {
      for (TestSocket client : clients) {
        client.send("{\"op\":\"work\",\"args\":[" + i + "],\"id\":" + i + "}");
      }
    }
    for (TestSocket client : clients) {
      String last = "\"id\":" + (each - 1);
      assertThat(client.await(frame -> frame.contains(last))).contains("success");
    }
    Awaitility.await().atMost(SOON).until(() -> lines(file).size() > 40);
    first.destroyForcibly();
    assertThat(first.waitFor()).isEqualTo(137);
    int before = lines(file).size();
    Process second = process(file, "1000000");
    try {
      clients.forEach(TestSocket::close);
      Awaitility.await().atMost(SOON).until(() -> closes(file) == 3);
    } finally {
      second.destroyForcibly();
    }
    assertThat(before).as("the first was killed in the middle").isLessThan(3 * (each + 1));
    Map<String, List<String>> byConnection = new LinkedHashMap<>();
    for (String line : lines(file)) {
      int space = line.indexOf(' ');
      byConnection
          .computeIfAbsent(line.substring(0, space), any -> new ArrayList<>())
          .add(line.substring(space + 1));
    }
    List<String> wanted = new ArrayList<>(List.of("handshake -"));
    for (int i = 0; i < each; i++) {
      wanted.add("message {\"op\":\"work\",\"args\":[" + i + "]}");
    }
    wanted.add("close -");
    assertThat(byConnection).hasSize(3);
    byConnection.forEach((connection, done) -> {
      // In order; only what the killed one had done and not said was done again, at once.
      assertThat(new ArrayList<>(new LinkedHashSet<>(done))).isEqualTo(wanted);
      assertThat(done.size()).isLessThanOrEqualTo(wanted.size() + 1);
    });
  }

  private Process process(Path file, String most) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path")
                .replace(File.pathSeparator + File.pathSeparator, File.pathSeparator),
            MortalWorker.class.getName(),
            server.ws("/ws/v1").toString(),
            TestServer.ALL.secret(),
            file.toString(),
            most)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static List<String> lines(Path file) throws IOException {
    // The last may be half written by the process that was killed: one write a line, so it is not.
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private static long closes(Path file) throws IOException {
    return lines(file).stream().filter(line -> line.endsWith(" close -")).count();
  }
}
