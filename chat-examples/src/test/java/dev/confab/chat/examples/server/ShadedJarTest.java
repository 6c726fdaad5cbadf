package dev.confab.chat.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code chat-server.jar} as it is handed out. Run once the jar is there, which is after the other tests. */
final class ShadedJarTest {
  @TempDir
  private Path directory;

  @Test
  void the_jar_alone_serves_page_and_chat() throws Exception {
    Path jar = Path.of("target", "chat-server.jar").toAbsolutePath();
    if (!Files.exists(jar)) {
      System.err.println("NOT RUN: there is no " + jar + " yet, it is made by mvn package");
      Assumptions.abort("no jar yet");
    }
    try (ServerProcess server =
        ServerProcess.runJar(directory, jar, "--port", "0", "--data", "kept", "--demo-users")) {
      HttpResponse<String> page = HttpClient.newHttpClient()
          .send(HttpRequest.newBuilder(server.url()).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body()).contains("Confab");
      try (Guest guest = Guest.enter(server.chat(), "user1")) {
        guest.publish("room_1", "from the jar", "key-1");
        assertThat(guest.reply("key-1").at("/data/seq").asLong()).isEqualTo(1);
      }
      server.terminate();
      assertThat(server.exitCode()).isEqualTo(143);
      assertThat(server.err()).hasLineCount(1);
    }
  }
}
