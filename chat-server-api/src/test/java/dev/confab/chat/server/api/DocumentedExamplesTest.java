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
import java.util.List;
import java.util.concurrent.TimeUnit;
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
  void node_example_works_and_comes_back() throws Exception {
    Path example = root().resolve("chat-server-api/examples/worker.mjs");
    Assumptions.assumeTrue(node() >= 20, "needs Node 20 or later");
    ProcessBuilder command = new ProcessBuilder(
            "node",
            "--experimental-websocket",
            example.toString(),
            ws("/ws/v1").toString(),
            "orders")
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("node.log").toFile());
    command.environment().put("CONFAB_KEY", key.secret());
    Process node = command.start();
    try (TestSocket client = client()) {
      client.send("{\"op\":\"order\",\"args\":[\"soup\"]}");
      assertThat(client.await(frame -> frame.contains("\"signal\"")))
          .as(Files.readString(folder.resolve("node.log")))
          .contains("\"data\":\"order soup: done\"");
      Awaitility.await()
          .atMost(30, TimeUnit.SECONDS)
          .until(() -> serving.queue().counters().acknowledged() == 2);
    } finally {
      node.destroyForcibly();
    }
  }

  @Test
  void examples_in_the_documentation_are_those_that_are_run() throws IOException {
    String page = Files.readString(root().resolve("docs/workers.md"));
    for (String file : List.of("worker.mjs", "worker.php")) {
      assertThat(page)
          .contains(Files.readString(root().resolve("chat-server-api/examples/" + file)));
    }
  }

  private static int node() throws InterruptedException {
    try {
      Process asked =
          new ProcessBuilder("node", "--version").redirectErrorStream(true).start();
      String version = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher major = Pattern.compile("v(\\d+)\\.").matcher(version);
      return asked.waitFor() == 0 && major.find() ? Integer.parseInt(major.group(1)) : 0;
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
