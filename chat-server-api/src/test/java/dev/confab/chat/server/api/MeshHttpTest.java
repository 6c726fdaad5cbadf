package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelKind;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.UserId;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** connmix's calls over HTTP, as its documentation shows them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MeshHttpTest {
  private TestServer server;

  @BeforeAll
  void start() throws Exception {
    server = new TestServer(
        chat -> chat.channels(ChannelKind.of("ticks_").withoutLog()),
        api -> api.channelNames(ServerApi.Builder.messageCentreNames()),
        acceptor -> acceptor);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private TestSocket subscriber(String user, String channel) throws Exception {
    TestSocket client = server.client(user);
    client.send("{\"op\":\"subscribe\",\"args\":[\"" + channel + "\"],\"id\":\"sub\"}");
    client.await(frame -> frame.contains("\"sub\""));
    // It follows a moment after it was told so.
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> server.chat().channels().find(ChannelName.of(channel)).connections() == 1);
    return client;
  }

  @Test
  void seed_004_fixture_push_to_a_user_reaches_the_one_connection() throws Exception {
    TestSocket client = subscriber("1001", "user_1001");
    HttpResponse<String> answer = server.post(
        "/v1/mesh/publish",
        "{\"c\":\"user:1001\",\"d\":\"{\\\"event\\\":\\\"@user\\\",\\\"data\\\":{\\\"uid\\\":1001,\\\"msg\\\":\\\"Hello,World!\\\"}}\"}");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"E\":null,\"r\":{\"s\":1,\"f\":0}}");
    assertThat(client.next())
        .contains(
            "\"data\":\"{\\\"event\\\":\\\"@user\\\",\\\"data\\\":{\\\"uid\\\":1001,\\\"msg\\\":\\\"Hello,World!\\\"}}\"");
  }

  @Test
  void seed_004_row_14_what_nobody_hears_is_counted_so_and_is_there_later() throws Exception {
    HttpResponse<String> answer =
        server.post("/v1/mesh/publish", "{\"c\":\"user:77\",\"d\":\"while you were away\"}");
    assertThat(answer.body()).isEqualTo("{\"E\":null,\"r\":{\"s\":0,\"f\":0}}");
    TestSocket client = server.client("77");
    client.send("{\"op\":\"history\",\"args\":[\"user_77\"],\"id\":1}");
    assertThat(client.next()).contains("\"data\":\"while you were away\"");
  }

  @Test
  void seed_004_siblings_names_are_those_of_our_message_centre() throws Exception {
    for (String name : new String[] {"video:100001", "ex:1001@balance", "room:1"}) {
      server.post("/v1/mesh/publish", "{\"c\":\"" + name + "\",\"d\":\"x\"}");
    }
    for (String name : new String[] {"video_100001", "ex_1001@balance", "room:1"}) {
      assertThat(server.chat().history(ChannelName.of(name), Long.MAX_VALUE, 1).entries())
          .as(name)
          .hasSize(1);
    }
  }

  @Test
  void channel_without_log_is_published_to_without_one() throws Exception {
    TestSocket client = subscriber("tom", "ticks_btc");
    assertThat(
            server.post("/v1/mesh/publish", "{\"c\":\"ticks_btc\",\"d\":\"1\"}").body())
        .isEqualTo("{\"E\":null,\"r\":{\"s\":1,\"f\":0}}");
    assertThat(client.next()).contains("\"data\":\"1\"").doesNotContain("\"seq\"");
  }

  @Test
  void send_reaches_one_connection_and_no_other_of_the_user() throws Exception {
    TestSocket first = server.client("ann");
    String connection =
        server.chat().users().sessions(UserId.of("ann")).get(0).connection().value();
    TestSocket second = server.client("ann");
    HttpResponse<String> answer =
        server.post("/v1/mesh/send", "{\"c\":\"" + connection + "\",\"d\":\"data\"}");
    assertThat(answer.body()).isEqualTo("{\"E\":null,\"r\":{\"s\":true}}");
    assertThat(first.next()).contains("\"event\":\"signal\"").contains("\"data\":\"data\"");
    second.send("{\"op\":\"ping\"}");
    assertThat(second.next()).isEqualTo("{\"op\":\"pong\"}");
  }

  @Test
  void send_to_a_connection_that_is_not_there_is_401_as_in_connmix() throws Exception {
    HttpResponse<String> answer =
        server.post("/v1/mesh/send", "{\"c\":1463786910324359168,\"d\":\"data\"}");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).startsWith("{\"E\":{\"c\":401,\"m\":\"").endsWith("\"}}");
  }

  @Test
  void bytes_reach_clients_as_the_base64_they_were_sent_as() throws Exception {
    TestSocket client = subscriber("bea", "room_bytes");
    server.post("/v1/mesh/publish", "{\"c\":\"room_bytes\",\"d\":\"AQID\",\"t\":\"binary\"}");
    assertThat(client.next()).contains("\"data\":{\"type\":\"binary\",\"base64\":\"AQID\"}");
    assertThat(server
            .post("/v1/mesh/publish", "{\"c\":\"room_bytes\",\"d\":\"%\",\"t\":\"binary\"}")
            .body())
        .startsWith("{\"E\":{\"c\":101,");
  }

  @Test
  void wrong_arguments_are_101_as_in_connmix() throws Exception {
    for (String body : new String[] {
      "",
      "[]",
      "null",
      "{",
      "{}",
      "{\"c\":\"a\"}",
      "{\"d\":\"x\"}",
      "{\"c\":\"a b\",\"d\":\"x\"}",
      "{\"c\":\"a\",\"d\":{}}",
      "{\"c\":\"a\",\"d\":\"x\",\"t\":\"x\"}",
      "{\"c\":\"a\",\"c\":\"b\",\"d\":\"\"}"
    }) {
      HttpResponse<String> answer = server.post("/v1/mesh/publish", body);
      assertThat(answer.body())
          .as(body)
          .startsWith("{\"E\":{\"c\":101,\"m\":\"")
          .endsWith("\"}}");
      assertThat(answer.statusCode()).isEqualTo(200);
    }
  }

  @Test
  void seed_000_row_2_no_text_breaks_out_of_its_string() throws Exception {
    TestSocket client = subscriber("eve", "room_quotes");
    server.post(
        "/v1/mesh/publish", "{\"c\":\"room_quotes\",\"d\":\"\\\",\\\"channel\\\":\\\"x\\\\\"}");
    assertThat(client.next())
        .contains("\"channel\":\"room_quotes\"")
        .contains("\"data\":\"\\\",\\\"channel\\\":\\\"x\\\\\"");
  }

  @Test
  void repeated_publish_with_k_is_recorded_once_as_over_a_socket() throws Exception {
    String key = UUID.randomUUID().toString();
    String body = "{\"c\":\"room_k\",\"d\":\"once\",\"k\":\"" + key + "\"}";
    server.post("/v1/mesh/publish", body);
    server.post("/v1/mesh/publish", body, "Idempotency-Key", key);
    assertThat(
            server.chat().history(ChannelName.of("room_k"), Long.MAX_VALUE, 10).entries())
        .hasSize(1);
    assertThat(
            server.post("/v1/mesh/publish", body, "Idempotency-Key", key + "x").body())
        .startsWith("{\"E\":{\"c\":101,");
  }

  @Test
  void idempotency_key_is_refused_where_it_would_do_nothing() throws Exception {
    String key = UUID.randomUUID().toString();
    TestSocket client = server.client("ida");
    String connection =
        server.chat().users().sessions(UserId.of("ida")).get(0).connection().value();
    assertThat(server
            .post(
                "/v1/mesh/send",
                "{\"c\":\"" + connection + "\",\"d\":\"x\"}",
                "Idempotency-Key",
                key)
            .body())
        .startsWith("{\"E\":{\"c\":101,");
    for (String[] call : new String[][] {
      {"/api/v1/signals", "{\"to\":{\"everybody\":true},\"data\":1}"},
      {"/api/v1/channels/ticks_x/announcements", "{\"data\":1}"},
      {"/api/v1/messages", "{\"messages\":[{\"channel\":\"room_i\",\"data\":1}]}"}
    }) {
      HttpResponse<String> answer = server.post(call[0], call[1], "Idempotency-Key", key);
      assertThat(answer.statusCode()).as(call[0]).isEqualTo(400);
      assertThat(answer.body()).contains("Idempotency-Key");
      assertThat(server.post(call[0], call[1]).statusCode()).as(call[0]).isEqualTo(200);
    }
    assertThat(client.next()).contains("\"data\":1");
  }

  @Test
  void repeated_publish_with_a_key_is_recorded_once() throws Exception {
    String key = UUID.randomUUID().toString();
    String body = "{\"c\":\"room_once\",\"d\":\"once\"}";
    server.post("/v1/mesh/publish", body, "Idempotency-Key", key);
    server.post("/v1/mesh/publish", body, "Idempotency-Key", key);
    assertThat(server
            .chat()
            .history(ChannelName.of("room_once"), Long.MAX_VALUE, 10)
            .entries())
        .hasSize(1);
    assertThat(
            server.post("/v1/mesh/publish", body, "Idempotency-Key", "no key!").body())
        .startsWith("{\"E\":{\"c\":101,");
  }
}
