package dev.confab.chat.containers.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** Has a server run the kit inside of itself; the kit writes its own report. */
final class KitRun {
  private static final Duration ALL = Duration.ofMinutes(25);

  private static final Pattern FAILED = Pattern.compile("^failed: (\\w+)", Pattern.MULTILINE);

  private KitRun() {}

  /** Of a page of the kit. */
  static URI uri(ServerProcess server, String path) {
    return URI.create("http" + server.uri(path).toString().substring(2));
  }

  /** All tests pass. */
  static void in(ServerProcess server) throws Exception {
    in(server, Set.of());
  }

  /**
   * All tests pass but these, which show a fault of the server's that the endpoint can not make good: if one of them passes, the
   * fault is gone, and this and the docs are out of date.
   */
  static void in(ServerProcess server, Set<String> faults) throws Exception {
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
      assertThat(state[0]).contains(" tests started ").doesNotContain("broken:");
      assertThat(FAILED.matcher(state[0]).results().map(line -> line.group(1)))
          .as(state[0])
          .containsExactlyInAnyOrderElementsOf(faults);
    }
  }
}
