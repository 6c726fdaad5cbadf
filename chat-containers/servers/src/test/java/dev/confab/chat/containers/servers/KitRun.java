package dev.confab.chat.containers.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.awaitility.Awaitility;

/** Has a server run the kit inside of itself; the kit writes its own report. */
final class KitRun {
  private static final Duration ALL = Duration.ofMinutes(15);

  private KitRun() {}

  /** Of a page of the kit. */
  static URI uri(ServerProcess server, String path) {
    return URI.create("http" + server.uri(path).toString().substring(2));
  }

  static void in(ServerProcess server) throws Exception {
    try (server) {
      server.start();
      HttpClient client = HttpClient.newHttpClient();
      HttpRequest request = HttpRequest.newBuilder(uri(server, "/kit"))
          .timeout(Duration.ofSeconds(30))
          .build();
      String[] state = {""};
      Awaitility.await().atMost(ALL).pollInterval(Duration.ofSeconds(1)).until(() -> {
        state[0] = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        return state[0].startsWith("done");
      });
      assertThat(state[0]).contains("[         0 tests failed");
    }
  }
}
