package dev.confab.chat.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.testkit.RawWebSocket;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a browser gets besides the chat, over a real port. */
final class PageHandlerTest {
  private static WebServer server;
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeAll
  static void start() {
    server = new WebServer("127.0.0.1", 0, new PageHandler("/chat"));
    server.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private HttpResponse<String> ask(String method, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(
            URI.create(server.url()).resolve(path))
        .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @CsvSource({
    "/, text/html; charset=utf-8",
    "/index.html, text/html; charset=utf-8",
    "/style.css, text/css; charset=utf-8",
    "/page.js, text/javascript; charset=utf-8",
    "/client.js?v=1, text/javascript; charset=utf-8"
  })
  void files_come_with_their_type_and_careful_headers(String path, String type) throws Exception {
    HttpResponse<String> answer = ask("GET", path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isNotBlank();
    assertThat(answer.headers().firstValue("Content-Type")).hasValue(type);
    assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-cache");
    areCareful(answer);
  }

  private static void areCareful(HttpResponse<String> answer) {
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(answer.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
    assertThat(answer.headers().firstValue("Content-Security-Policy"))
        .hasValueSatisfying(policy -> assertThat(policy)
            .startsWith("default-src 'self'; connect-src 'self' ws: wss:;")
            .contains("frame-ancestors 'none'")
            .doesNotContain("unsafe"));
  }

  @Test
  void what_the_browser_has_already_is_not_sent_again() throws Exception {
    String tag = ask("GET", "/page.js").headers().firstValue("ETag").orElseThrow();
    HttpResponse<String> answer = ask("GET", "/page.js", "If-None-Match", tag);
    assertThat(answer.statusCode()).isEqualTo(304);
    assertThat(answer.body()).isEmpty();
    assertThat(ask("GET", "/style.css", "If-None-Match", tag).statusCode()).isEqualTo(200);
  }

  @Test
  void the_head_alone_has_no_body() throws Exception {
    HttpResponse<String> head = ask("HEAD", "/page.js");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("Content-Length"))
        .isEqualTo(ask("GET", "/page.js").headers().firstValue("Content-Length"));
  }

  @Test
  void nothing_but_reading_is_allowed() throws Exception {
    HttpResponse<String> answer = ask("POST", "/");
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).hasValue("GET, HEAD");
  }

  @Test
  void the_chat_is_no_page_and_no_page_is_a_chat() throws Exception {
    HttpResponse<String> answer = ask("GET", "/chat");
    assertThat(answer.statusCode()).isEqualTo(400);
    areCareful(answer);
    URI page = URI.create(server.url().replace("http:", "ws:"));
    Assertions.assertThatThrownBy(() -> RawWebSocket.connect(page, List.of(), Map.of()))
        .isInstanceOf(RawWebSocket.HandshakeRefusedException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/web/page.js",
        "/../page.js",
        "/../web/../page.js",
        "/%2e%2e/page.js",
        "/..%2fpage.js",
        "/%70age.js",
        "//page.js",
        "/./page.js",
        "/page.js/",
        "/page.js%00.html",
        "/..\\page.js",
        "/../../../../../../etc/passwd",
        "/META-INF/LICENSE",
        "/dev/confab/chat/examples/server/ChatServer.class",
        "/page.js;v=1"
      })
  void nothing_else_is_served_however_it_is_asked_for(String path) throws IOException {
    // By hand: clients tidy up paths before they send them.
    URI url = URI.create(server.url());
    String answer;
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket
          .getOutputStream()
          .write(("GET " + path + " HTTP/1.1\r\nHost: " + url.getAuthority()
                  + "\r\nConnection: close\r\n\r\n")
              .getBytes(StandardCharsets.ISO_8859_1));
      answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
    assertThat(answer).matches("(?s)HTTP/1.1 40[04] .*").doesNotContain("import", "root:");
  }
}
