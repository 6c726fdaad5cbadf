package dev.confab.chat.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.server.api.ApiKey;
import dev.confab.chat.server.api.ApiKeys;
import dev.confab.chat.server.api.Scope;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pages of connmix' message centre, its back ends and readers of our own protocol, all in one server. */
final class MessageCentreServerTest {
  private static final String DONE = "{\"result\":true}";

  private final ApiKey.Made key = ApiKey.generate(Scope.PUBLISH, Scope.READ);
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final TyrusServerContainer container =
      (TyrusServerContainer) ServerContainerFactory.createServerContainer();
  private MessageCentreServer server;

  @BeforeEach
  void start() throws Exception {
    server = new MessageCentreServer(container, ApiKeys.of(key.key()), 0);
    container.start("/", 0);
  }

  @AfterEach
  void stop() {
    server.close();
    container.stop();
  }

  private URI ws(String path) {
    return URI.create("ws://127.0.0.1:" + container.getPort() + path);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.backEnds().getPort() + path))
        .timeout(Duration.ofSeconds(60))
        .header("Authorization", "Bearer " + key.secret());
  }

  private String post(String path, String body) throws Exception {
    HttpResponse<String> answer = http.send(
        request(path).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.body();
  }

  /** A page of user 1001, following what is said to that user. */
  private Client page() throws Exception {
    Client page = new Client(ws("/message-center"));
    assertThat(page.asks("{\"op\":\"auth\",\"token\":\"token-of-1001\"}")).isEqualTo(DONE);
    assertThat(page.asks("{\"op\":\"subscribe\",\"channel\":\"@user\"}")).isEqualTo(DONE);
    return page;
  }

  /** A chat.v1 reader. */
  private Client reader(String token, String channel) throws Exception {
    Client reader = new Client(ws("/chat"), "chat.v1");
    reader.hears("\"welcome\"");
    assertThat(reader.asks(
            "{\"op\":\"auth\",\"args\":[{\"token\":\"" + token + "\"}],\"id\":1}", "\"id\":1"))
        .contains("\"success\":true");
    assertThat(reader.asks(
            "{\"op\":\"subscribe\",\"args\":[\"" + channel + "\"],\"id\":2}", "\"id\":2"))
        .contains("\"success\":true");
    return reader;
  }

  @Test
  void publish_of_a_back_end_reaches_pages_as_it_is_and_readers_numbered() throws Exception {
    try (Client page = page();
        Client guest = new Client(ws("/message-center"));
        Client device = reader("token-of-1001", "@user");
        Client viewer = reader("token-of-1002", "video_100001")) {
      assertThat(guest.asks("{\"op\":\"subscribe\",\"channel\":\"100001@video\"}"))
          .isEqualTo(DONE);

      awaitFollowers("user_1001", 2);
      awaitFollowers("video_100001", 2);

      // As connmix's documentation has it.
      assertThat(
              post(
                  "/v1/mesh/publish",
                  "{\"c\":\"user:1001\",\"d\":\"{\\\"event\\\":\\\"@user\\\",\\\"data\\\":{\\\"uid\\\":1001,\\\"msg\\\":\\\"Hello\\\"}}\"}"))
          .isEqualTo("{\"E\":null,\"r\":{\"s\":2,\"f\":0}}");
      assertThat(page.hears())
          .isEqualTo("{\"event\":\"@user\",\"data\":{\"uid\":1001,\"msg\":\"Hello\"}}");
      assertThat(device.hears("\"data\""))
          .contains("\"channel\":\"user_1001\"", "\"seq\":1", "\\\"msg\\\":\\\"Hello\\\"");

      assertThat(post("/v1/mesh/publish", "{\"c\":\"video:100001\",\"d\":\"barrage\"}"))
          .isEqualTo("{\"E\":null,\"r\":{\"s\":2,\"f\":0}}");
      // What comes next is this: nothing meant for user 1001.
      assertThat(guest.hears()).isEqualTo("barrage");
      assertThat(viewer.hears("\"data\""))
          .contains("\"channel\":\"video_100001\"", "\"data\":\"barrage\"");
    }
  }

  @Test
  void send_of_a_back_end_reaches_one_connection_of_either_kind() throws Exception {
    try (Client page = page()) {
      String its = connectionOf("1001");
      try (Client device = reader("token-of-1001", "@user")) {
        awaitFollowers("user_1001", 2);
        assertThat(post("/v1/mesh/send", "{\"c\":\"" + its + "\",\"d\":\"{\\\"code\\\":0}\"}"))
            .isEqualTo("{\"E\":null,\"r\":{\"s\":true}}");
        assertThat(page.hears()).isEqualTo("{\"code\":0}");
        // Not the other device: what that hears next is what both are told.
        post("/v1/mesh/publish", "{\"c\":\"user:1001\",\"d\":\"both\"}");
        assertThat(device.hears("\"data\"")).contains("\"data\":\"both\"");
        assertThat(page.hears()).isEqualTo("both");
      }
    }
    try (Client viewer = reader("token-of-1002", "@user")) {
      awaitFollowers("user_1002", 1);
      post("/v1/mesh/send", "{\"c\":\"" + connectionOf("1002") + "\",\"d\":\"psst\"}");
      assertThat(viewer.hears("\"data\"")).contains("\"event\":\"signal\"", "\"data\":\"psst\"");
    }
  }

  @Test
  void what_was_published_while_the_page_was_away_is_there_when_it_is_back() throws Exception {
    assertThat(post("/v1/mesh/publish", "{\"c\":\"user:1001\",\"d\":\"while you were away\"}"))
        .isEqualTo("{\"E\":null,\"r\":{\"s\":0,\"f\":0}}");
    try (Client page = new Client(ws("/message-center"))) {
      page.asks("{\"op\":\"auth\",\"token\":\"token-of-1001\"}");
      assertThat(page.asks("{\"op\":\"subscribe\",\"channel\":\"@user\",\"since\":\"0\"}"))
          .isEqualTo(DONE);
      assertThat(page.hears()).isEqualTo("while you were away");
    }
  }

  @Test
  void back_end_calls_over_a_socket_with_its_key_and_nobody_without() throws Exception {
    try (Client page = page();
        Client worker = Client.showing(ws("/ws/v1"), "Authorization", "Bearer " + key.secret());
        Client stranger = new Client(ws("/ws/v1"))) {
      awaitFollowers("user_1001", 1);
      assertThat(worker.asks(
              "{\"m\":\"mesh.publish\",\"p\":{\"c\":\"user:1001\",\"d\":\"hello\"},\"i\":1}"))
          .isEqualTo("{\"E\":null,\"r\":{\"s\":1,\"f\":0},\"i\":1}");
      assertThat(page.hears()).isEqualTo("hello");
      assertThat(stranger.hears()).startsWith("closed ");
    }
  }

  @Test
  void page_whose_token_is_nobodys_is_told_so_and_closed() throws Exception {
    try (Client page = new Client(ws("/message-center"))) {
      assertThat(page.asks("{\"op\":\"auth\",\"token\":\"token-of-1003\"}"))
          .contains("\"error\":\"token_invalid\"");
      assertThat(page.hears()).isEqualTo("closed 4401");
    }
  }

  @Test
  void server_that_is_closed_says_so_to_pages_and_takes_nothing_of_back_ends() throws Exception {
    try (Client page = page()) {
      server.close();
      assertThat(page.hears()).isEqualTo("closed 4000");
      assertThatThrownBy(() -> post("/v1/mesh/publish", "{\"c\":\"user:1001\",\"d\":\"late\"}"))
          .isInstanceOf(ConnectException.class);
    }
  }

  /** Who was told of a subscription may be counted a moment later. */
  private void awaitFollowers(String channel, int count) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> http.send(
                request("/api/v1/channels/" + channel).GET().build(), BodyHandlers.ofString())
            .body()
            .contains("\"connections\":" + count));
  }

  private String connectionOf(String user) throws Exception {
    String answer = http.send(
            request("/api/v1/users/" + user).GET().build(), BodyHandlers.ofString())
        .body();
    Matcher matcher =
        Pattern.compile("\"(?:connection|id)\":\"([A-Za-z0-9_-]{16})\"").matcher(answer);
    assertThat(matcher.find()).as(answer).isTrue();
    return matcher.group(1);
  }
}
