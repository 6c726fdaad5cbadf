package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.Identity;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of the documentation do what it says they do. */
final class DocumentedExamplesTest {
  private static final Duration SOON = Duration.ofMinutes(2);

  @TempDir
  Path folder;

  private final ApiKey.Made key = ApiKey.generate(Scope.PUBLISH, Scope.CONSUME);
  private final TyrusServerContainer container =
      (TyrusServerContainer) ServerContainerFactory.createServerContainer();
  private Serving serving;

  @BeforeEach
  void start() throws Exception {
    Path keys = Files.writeString(folder.resolve("api-keys"), key.key().line() + "\n");
    serving = new Serving(container, shown -> Identity.of("ann", "Ann"), keys, 0);
    container.start("/", 0);
  }

  @AfterEach
  void stop() {
    serving.close();
    container.stop();
  }

  private URI ws(String path) {
    return URI.create("ws://127.0.0.1:" + container.getPort() + path);
  }

  private TestSocket client() throws Exception {
    TestSocket client = TestSocket.open(ws("/chat"));
    client.send("{\"op\":\"auth\",\"args\":[\"ann\",\"x\"]}");
    client.next();
    return client;
  }

  @Test
  void java_example_pushes_and_works() throws Exception {
    try (TestSocket client = client();
        Worker worker = Serving.worker(ws("/ws/v1"), key.secret())) {
      client.send("{\"op\":\"subscribe\",\"args\":[\"room_kitchen\"]}");
      client.next();
      TestServer.send(HttpRequest.newBuilder(
              URI.create("http://127.0.0.1:" + serving.port() + "/v1/mesh/publish"))
          .header("Authorization", "Bearer " + key.secret())
          .POST(BodyPublishers.ofString("{\"c\":\"room_kitchen\",\"d\":\"open\"}"))
          .build());
      assertThat(client.next()).contains("\"data\":\"open\"");
      client.send("{\"op\":\"order\",\"args\":[\"soup\"]}");
      assertThat(client.await(frame -> frame.contains("room_kitchen"))).contains("soup");
      assertThat(client.await(frame -> frame.contains("\"signal\""))).contains("ordered");
      assertThat(worker.isConnected()).isTrue();
    }
  }

  @Test
  void node_example_works_on_after_a_kill_9_and_says_each_order_once() throws Exception {
    Assumptions.assumeTrue(version("node", "v(\\d+)\\.(\\d+)") >= 2000, "needs Node 20 or later");
    works_on_after_a_kill_9(
        "node",
        "--experimental-websocket",
        example("worker.mjs"),
        ws("/ws/v1").toString(),
        "orders");
  }

  @Test
  void php_example_works_on_after_a_kill_9_and_says_each_order_once() throws Exception {
    Assumptions.assumeTrue(version("php", "PHP (\\d+)\\.(\\d+)") >= 801, "needs PHP 8.1 or later");
    works_on_after_a_kill_9(
        "php", example("worker.php"), "127.0.0.1:" + container.getPort(), "orders");
  }

  private static String example(String file) {
    return root().resolve("chat-server-api/examples/" + file).toString();
  }

  private Process worker(String... command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
    builder.environment().put("CONFAB_KEY", key.secret());
    return builder.start();
  }

  /** The first worker is killed in the middle of its work, the second does the rest. */
  private void works_on_after_a_kill_9(String... command) throws Exception {
    int each = 60;
    List<TestSocket> clients = List.of(client(), client(), client());
    try {
      order(clients, 0, each / 2);
      Process first = worker(command);
      try {
        Awaitility.await().atMost(SOON).until(() -> acknowledged() > 5);
      } finally {
        first.destroyForcibly();
      }
      assertThat(first.waitFor()).isEqualTo(137);
      order(clients, each / 2, each);
      Process second = worker(command);
      try {
        Awaitility.await()
            .atMost(SOON)
            .alias(Files.readString(folder.resolve("log")))
            .until(() -> acknowledged() == 3L * (each + 1));
        for (TestSocket client : clients) {
          client.await(frame -> frame.contains(" " + (each - 1) + ": done"));
        }
      } finally {
        second.destroyForcibly();
      }
    } finally {
      clients.forEach(TestSocket::close);
    }
    List<String> said = serving.said("room_kitchen");
    assertThat(said).hasSize(3 * each);
    for (int who = 0; who < 3; who++) {
      String client = "[\"" + who + " ";
      List<String> wanted = new ArrayList<>();
      for (int i = 0; i < each; i++) {
        wanted.add("{\"op\":\"order\",\"args\":" + client + i + "\"]}");
      }
      assertThat(said.stream().filter(order -> order.contains(client)))
          .containsExactlyElementsOf(wanted);
    }
  }

  private static void order(List<TestSocket> clients, int from, int to) {
    for (int i = from; i < to; i++) {
      for (int who = 0; who < clients.size(); who++) {
        clients.get(who).send("{\"op\":\"order\",\"args\":[\"" + who + " " + i + "\"]}");
      }
    }
  }

  private long acknowledged() {
    return serving.queue().counters().acknowledged();
  }

  @Test
  void examples_in_the_documentation_are_those_that_are_run() throws IOException {
    String page = Files.readString(root().resolve("docs/workers.md"));
    for (String file : List.of("worker.mjs", "worker.php")) {
      assertThat(page)
          .contains(Files.readString(root().resolve("chat-server-api/examples/" + file)));
    }
  }

  /** 100 times the major version of a program and its minor; 0 if it is not there. */
  private static int version(String program, String form) throws InterruptedException {
    try {
      Process asked =
          new ProcessBuilder(program, "--version").redirectErrorStream(true).start();
      String version = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher both = Pattern.compile(form).matcher(version);
      return asked.waitFor() == 0 && both.find()
          ? 100 * Integer.parseInt(both.group(1)) + Integer.parseInt(both.group(2))
          : 0;
    } catch (IOException absent) {
      return 0;
    }
  }

  private static Path root() {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(here.resolve("chat-core"))) {
      here = here.getParent();
    }
    return here;
  }
}
