package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.Chat;
import dev.confab.chat.model.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every adapter has to do, against the real server it is for. */
abstract class AdapterContract {
  private static final int MOST = 4_096;
  private static final String BODY = "{\"c\":\"room_1\",\"d\":\"x\"}";

  private Chat chat;
  private ServerApi api;
  private int port;
  private volatile CountDownLatch held = new CountDownLatch(0);

  @BeforeEach
  void begin() throws Exception {
    chat = Chat.builder().authenticator(shown -> Identity.of("1", "1")).build();
    api = ServerApi.builder(chat)
        .keys(id -> {
          awaitReleased();
          return ApiKeys.of(TestServer.ALL.key()).find(id);
        })
        .maxBodyBytes(MOST)
        .threads(2)
        .build();
    port = start(api);
  }

  @AfterEach
  void end() throws Exception {
    stop();
    api.close();
    chat.close();
  }

  private void awaitReleased() {
    try {
      held.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }

  /** For the servers that tell: what is not done in this time is answered 503, and never again. */
  void tells_who_waits_too_long(Starter impatient) throws Exception {
    stop();
    port = impatient.start(api);
    held = new CountDownLatch(1);
    try {
      assertThat(post("/v1/mesh/publish", BODY).statusCode()).isEqualTo(503);
    } finally {
      held.countDown();
    }
    for (int i = 0; i < 20; i++) {
      assertThat(post("/v1/mesh/publish", BODY).body())
          .isEqualTo("{\"E\":null,\"r\":{\"s\":0,\"f\":0}}");
    }
  }

  /** Starts another server. */
  interface Starter {
    int start(ServerApi served) throws Exception;
  }

  /** Starts the server at a free port of loopback; says which. */
  abstract int start(ServerApi served) throws Exception;

  abstract void stop() throws Exception;

  /** What stands before the paths of the API. */
  String mount() {
    return "";
  }

  private HttpResponse<String> post(String path, String body) {
    return TestServer.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + mount() + path))
            .timeout(Duration.ofSeconds(20))
            .header("X-API-Key", TestServer.ALL.secret())
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  @Test
  void request_and_answer_come_through_whole() {
    HttpResponse<String> answer = post("/v1/mesh/publish", BODY);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"E\":null,\"r\":{\"s\":0,\"f\":0}}");
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("application/json");
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    assertThat(post("?type=publish&to=%C3%A4&content=x", "").body()).isEqualTo("offline");
    assertThat(chat.history(dev.confab.chat.model.ChannelName.of("user_ä"), Long.MAX_VALUE, 1)
            .entries())
        .hasSize(1);
    assertThat(post("/nothing", "").statusCode()).isEqualTo(404);
  }

  @Test
  void body_above_the_limit_is_refused_and_one_at_it_is_not() {
    String fits = BODY + " ".repeat(MOST - BODY.length());
    assertThat(post("/v1/mesh/publish", fits).statusCode()).isEqualTo(200);
    assertThat(post("/v1/mesh/publish", fits + " ").statusCode()).isEqualTo(413);
  }

  @Test
  void head_alone_says_that_a_request_is_refused() {
    for (String shown : List.of("", "x", "confab_0123")) {
      HttpRequest.Builder request = HttpRequest.newBuilder(
              URI.create("http://127.0.0.1:" + port + mount() + "/v1/mesh/publish"))
          .timeout(Duration.ofSeconds(20))
          .POST(BodyPublishers.ofString(BODY));
      if (!shown.isEmpty()) {
        request.header("X-API-Key", shown);
      }
      HttpResponse<String> answer = TestServer.send(request.build());
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.body()).startsWith("{\"E\":{\"c\":401,");
    }
    assertThat(post("/v1/mesh/publish", BODY).statusCode()).isEqualTo(200);
  }

  @Test
  void who_sends_half_a_body_holds_up_nobody() throws IOException {
    List<Socket> slow = new ArrayList<>();
    try {
      // More than the API has threads; fewer than the JDK's server has.
      for (int i = 0; i < 8; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        slow.add(socket);
        socket
            .getOutputStream()
            .write(("POST " + mount() + "/v1/mesh/publish HTTP/1.1\r\nHost: x\r\nX-API-Key: "
                    + TestServer.ALL.secret() + "\r\nContent-Length: 25\r\n\r\n{\"c\"")
                .getBytes(StandardCharsets.UTF_8));
      }
      assertThat(post("/v1/mesh/publish", BODY).statusCode()).isEqualTo(200);
      slow.get(0)
          .getOutputStream()
          .write(":\"room_1\",\"d\":\"late\"}".getBytes(StandardCharsets.UTF_8));
      byte[] begin = new byte[12];
      InputStream in = slow.get(0).getInputStream();
      assertThat(in.readNBytes(begin, 0, 12)).isEqualTo(12);
      assertThat(new String(begin, StandardCharsets.UTF_8)).isEqualTo("HTTP/1.1 200");
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }
}
