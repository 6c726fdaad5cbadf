package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.Chat;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.testkit.LoopbackTransport;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every adapter has to do, against the real server it is for. */
abstract class AdapterContract {
  private static final int MOST = 4_096;
  private static final String BODY = "{\"c\":\"room_1\",\"d\":\"x\"}";

  /** What an answer has at least that no socket's buffers take whole. */
  private static final int LONG_BYTES = (6 << 20) - 4_096;

  private static final Duration SOON = Duration.ofMinutes(1);

  private Chat chat;
  private LoopbackTransport clients;
  private ServerApi api;
  private int port;
  private volatile CountDownLatch held = new CountDownLatch(0);

  /** Requests that wait for their key just now. */
  private final AtomicInteger waiting = new AtomicInteger();

  @BeforeEach
  void begin() throws Exception {
    chat = Chat.builder()
        .authenticator(shown -> Identity.of("1", "1"))
        .limits(Limits.builder()
            .attributeBytes(1 << 20)
            // Nobody logs in, and all shall stay.
            .loginWithin(Duration.ofMinutes(10))
            .build())
        .build();
    clients = new LoopbackTransport(chat.acceptor());
    api = ServerApi.builder(chat)
        .keys(id -> {
          awaitReleased();
          return ApiKeys.of(TestServer.ALL.key()).find(id);
        })
        .maxBodyBytes(MOST)
        .threads(1)
        .unreadBytes(LONG_BYTES + LONG_BYTES / 2)
        .build();
    // A test is not to fail because its machine is busy.
    port = start(api, Duration.ofMinutes(5));
  }

  @AfterEach
  void end() throws Exception {
    stop();
    api.close();
    clients.close();
    chat.close();
  }

  ServerApi api() {
    return api;
  }

  /** From now on the list of connections is long. */
  private void makeListLong() {
    Json attribute = Json.string("x".repeat((1 << 20) - 100));
    for (int i = 0; i < 6; i++) {
      clients.connect("/chat", List.of());
    }
    Awaitility.await().atMost(SOON).until(() -> chat.connections().count() == 6);
    chat.connections()
        .list(Optional.empty(), 100)
        .items()
        .forEach(session -> assertThat(
                chat.connections().replaceAttributes(session.connection(), Map.of("a", attribute)))
            .isTrue());
  }

  /** Asks for the long list, and reads nothing. */
  private Socket asksForList() throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(8 * 1024);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket
        .getOutputStream()
        .write(("GET " + mount() + "/api/v1/connections HTTP/1.1\r\nHost: x\r\nX-API-Key: "
                + TestServer.ALL.secret() + "\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  private static String statusLine(Socket socket) throws IOException {
    return line(socket);
  }

  /** The next line of a head; empty where it ends, or the connection does. */
  private static String line(Socket socket) throws IOException {
    StringBuilder line = new StringBuilder();
    socket.setSoTimeout(120_000);
    try {
      for (int each = socket.getInputStream().read();
          each >= 0 && each != '\r';
          each = socket.getInputStream().read()) {
        if (each != '\n') {
          line.append((char) each);
        }
      }
    } catch (SocketException reset) {
      // As good an end as any.
    }
    return line.toString();
  }

  /** Reads on to the end of the connection, or of this many bytes; how many there were. */
  private static long rest(Socket socket, long most) throws IOException {
    byte[] some = new byte[64 * 1024];
    long all = 0;
    try {
      while (all < most) {
        int count = socket.getInputStream().read(some);
        if (count < 0) {
          return all;
        }
        all += count;
      }
    } catch (SocketException reset) {
      // As good an end as any.
    }
    return all;
  }

  @Test
  void who_does_not_read_holds_up_nobody_and_has_all_of_it_when_it_reads() throws Exception {
    makeListLong();
    try (Socket reads = asksForList()) {
      Awaitility.await().atMost(SOON).until(() -> api.unreadBytes() > LONG_BYTES);
      assertThat(post("/v1/mesh/publish", BODY).statusCode()).isEqualTo(200);
      assertThat(statusLine(reads)).startsWith("HTTP/1.1 200");
      assertThat(rest(reads, LONG_BYTES)).isGreaterThanOrEqualTo(LONG_BYTES);
      Awaitility.await().atMost(SOON).until(() -> api.unreadBytes() == 0);
    }
  }

  @Test
  void where_too_much_waits_to_be_read_more_of_it_is_refused() throws Exception {
    makeListLong();
    List<Socket> more = new ArrayList<>();
    try (Socket first = asksForList()) {
      Awaitility.await().atMost(SOON).until(() -> api.unreadBytes() > LONG_BYTES);
      for (int i = 0; i < 4; i++) {
        more.add(asksForList());
      }
      for (Socket each : more) {
        assertThat(statusLine(each)).startsWith("HTTP/1.1 503");
      }
      assertThat(post("/v1/mesh/publish", BODY).statusCode()).isEqualTo(200);
      assertThat(first.isConnected()).isTrue();
    } finally {
      for (Socket each : more) {
        each.close();
      }
    }
    // Who has gone keeps nothing.
    Awaitility.await().atMost(SOON).until(() -> api.unreadBytes() == 0);
  }

  @Test
  void who_never_reads_its_answer_is_cut_off() throws Exception {
    stop();
    port = start(api, Duration.ofSeconds(3));
    makeListLong();
    // On a busy machine it may be too late before it begins; then it is told so.
    for (int attempt = 0; !isCutOff(attempt == 9); attempt++) {}
    assertThat(post("/v1/mesh/publish", BODY).statusCode()).isIn(200, 503);
  }

  private boolean isCutOff(boolean last) throws IOException {
    try (Socket never = asksForList()) {
      String status = statusLine(never);
      if (!last && !status.startsWith("HTTP/1.1 200")) {
        return false;
      }
      assertThat(status).startsWith("HTTP/1.1 200");
      Awaitility.await().atMost(SOON).until(() -> api.unreadBytes() == 0);
      assertThat(rest(never, Long.MAX_VALUE)).isLessThan(LONG_BYTES);
      return true;
    }
  }

  /** From now on every request waits for its key. */
  void hold() {
    held = new CountDownLatch(1);
  }

  void release() {
    held.countDown();
  }

  /** Until a request waits for its key. */
  void awaitHeld() {
    Awaitility.await().atMost(SOON).until(() -> waiting.get() > 0);
  }

  CompletableFuture<HttpResponse<String>> postLater() {
    return CompletableFuture.supplyAsync(() -> post("/v1/mesh/publish", BODY));
  }

  private void awaitReleased() {
    waiting.incrementAndGet();
    try {
      held.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    } finally {
      waiting.decrementAndGet();
    }
  }

  /** For the servers that tell: what is not done in this time is answered 503, and never again. */
  void tells_who_waits_too_long() throws Exception {
    stop();
    port = start(api, Duration.ofSeconds(2));
    hold();
    try {
      assertThat(post("/v1/mesh/publish", BODY).statusCode()).isEqualTo(503);
      // This one waits for the thread that the first still has.
      assertThat(post("/v1/mesh/publish", "{\"c\":\"room_late\",\"d\":\"x\"}").statusCode())
          .isEqualTo(503);
    } finally {
      release();
    }
    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      HttpResponse<String> answer = post("/v1/mesh/publish", BODY);
      statuses.add(answer.statusCode());
      // Where the machine is busy some may be late again; none is another's.
      if (answer.statusCode() == 200) {
        assertThat(answer.body()).isEqualTo("{\"E\":null,\"r\":{\"s\":0,\"f\":0}}");
      }
    }
    assertThat(statuses).contains(200).isSubsetOf(200, 503);
    // Whoever was told that it is too late before it was begun may ask again: it was not done.
    assertThat(said("room_late")).isZero();
    assertThat(said("room_1")).isPositive();
  }

  private int said(String channel) {
    return chat.history(ChannelName.of(channel), Long.MAX_VALUE, 100).entries().size();
  }

  /** For the servers that have threads of their own. */
  void tells_that_the_api_is_closed() {
    api.close();
    HttpResponse<String> answer = post("/v1/mesh/publish", BODY);
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(said("room_1")).isZero();
  }

  /** Starts the server at a free port of loopback, which gives a request this time; says which port. */
  abstract int start(ServerApi served, Duration within) throws Exception;

  abstract void stop() throws Exception;

  /** What stands before the paths of the API. */
  String mount() {
    return "";
  }

  private HttpResponse<String> post(String path, String body) {
    return TestServer.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + mount() + path))
            .timeout(SOON)
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
    assertThat(said("user_ä")).isEqualTo(1);
    assertThat(post("/nothing", "").statusCode()).isEqualTo(404);
  }

  @Test
  void body_above_the_limit_is_refused_and_one_at_it_is_not() {
    String fits = BODY + " ".repeat(MOST - BODY.length());
    assertThat(post("/v1/mesh/publish", fits).statusCode()).isEqualTo(200);
    assertThat(post("/v1/mesh/publish", fits + " ").statusCode()).isEqualTo(413);
  }

  /** A socket that has sent the head of a request, with these headers besides, and this of its body. */
  private Socket begins(String headers, String body) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket
        .getOutputStream()
        .write(("POST " + mount() + "/v1/mesh/publish HTTP/1.1\r\nHost: x\r\nX-API-Key: "
                + TestServer.ALL.secret() + "\r\n" + headers + "\r\n" + body)
            .getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  @Test
  void body_without_a_length_is_refused_once_it_is_above_the_limit_though_it_never_ends()
      throws IOException {
    String chunk = Integer.toHexString(2 * MOST) + "\r\n" + " ".repeat(2 * MOST) + "\r\n";
    try (Socket endless = begins("Transfer-Encoding: chunked\r\n", chunk)) {
      assertThat(statusLine(endless)).startsWith("HTTP/1.1 413");
    }
    String whole = Integer.toHexString(BODY.length()) + "\r\n" + BODY + "\r\n0\r\n\r\n";
    try (Socket whole_ = begins("Transfer-Encoding: chunked\r\n", whole)) {
      assertThat(statusLine(whole_)).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void request_that_asks_for_another_protocol_is_answered() throws IOException {
    String headers = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        + "HTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: " + BODY.length() + "\r\n";
    try (Socket upgrades = begins(headers, BODY)) {
      assertThat(statusLine(upgrades)).matches("HTTP/1.1 (200|400).*");
    }
  }

  @Test
  void who_sends_no_more_of_its_body_is_told_or_cut_off_when_time_is_up() throws Exception {
    stop();
    port = start(api, Duration.ofSeconds(2));
    try (Socket silent = begins("Content-Length: 4000\r\n", "{\"c\"")) {
      String status = statusLine(silent);
      if (!status.isEmpty()) {
        assertThat(status).startsWith("HTTP/1.1 503");
        // Nobody waits for the rest of it.
        List<String> headers = new ArrayList<>();
        for (String line = line(silent); !line.isEmpty(); line = line(silent)) {
          headers.add(line);
        }
        assertThat(headers).contains("Connection: close");
      }
    }
  }

  @Test
  void head_alone_says_that_a_request_is_refused() {
    for (String shown : List.of("", "x", "confab_0123")) {
      HttpRequest.Builder request = HttpRequest.newBuilder(
              URI.create("http://127.0.0.1:" + port + mount() + "/v1/mesh/publish"))
          .timeout(SOON)
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
