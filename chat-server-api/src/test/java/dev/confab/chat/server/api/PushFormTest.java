package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelName;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** web-msg-sender's form. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PushFormTest {
  private TestServer server;

  @BeforeAll
  void start() throws Exception {
    server = new TestServer();
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @Test
  void fixture_get_and_post_say_ok_where_the_user_is_there() throws Exception {
    TestSocket client = server.client("123");
    client.send("{\"op\":\"subscribe\",\"args\":[\"@user\"]}");
    client.next();
    assertThat(server.get("/?type=publish&to=123&content=one+text").body()).isEqualTo("ok");
    assertThat(client.next()).contains("\"data\":\"one text\"");
    assertThat(server
            .post("/", "type=publish&to=123&content=%3Cb%3Etwo%3C%2Fb%3E%20%C3%A4")
            .body())
        .isEqualTo("ok");
    // Text is text here; where a page inserts HTML, its dialect escapes.
    assertThat(client.next()).contains("\"data\":\"<b>two</b> ä\"");
  }

  @Test
  void fixture_offline_is_said_and_the_message_waits() throws Exception {
    assertThat(server.get("/?type=publish&to=nobody&content=later").body()).isEqualTo("offline");
    assertThat(server
            .chat()
            .history(ChannelName.of("user_nobody"), Long.MAX_VALUE, 1)
            .entries())
        .hasSize(1);
  }

  @Test
  void fixture_everybody_is_meant_where_to_is_empty() throws Exception {
    TestSocket client = server.client("7");
    client.send("{\"op\":\"subscribe\",\"args\":[\"broadcast\"]}");
    client.next();
    assertThat(server.post("/", "type=publish&to=&content=all").body()).isEqualTo("ok");
    assertThat(client.next()).contains("\"channel\":\"broadcast\"").contains("\"data\":\"all\"");
  }

  @Test
  void fixture_everything_else_fails() throws Exception {
    assertThat(server.get("/").body()).isEqualTo("fail");
    assertThat(server.get("/?type=other&content=x").body()).isEqualTo("fail");
    assertThat(server.post("/", "type=publish&to=1&content=").body()).isEqualTo("fail");
    assertThat(server.post("/", "type=publish&to=a%20b&content=x").body()).isEqualTo("fail");
    assertThat(server.post("/", "type=publish&to=%&content=x").body()).isEqualTo("fail");
  }

  @Test
  void workerman_row_8_nobody_pushes_without_a_key() throws Exception {
    var answer = server.get("/?type=publish&to=&content=x", "Authorization", "Bearer none");
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.body()).isEqualTo("fail");
  }

  @Test
  void key_may_stand_in_the_address_as_callers_that_can_not_send_headers_need_it()
      throws Exception {
    String pair = "push:" + TestServer.ALL.secret();
    String basic =
        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    assertThat(
            server.get("/?type=publish&to=&content=x", "Authorization", basic).body())
        .isEqualTo("ok");
  }

  @Test
  void page_of_another_site_can_not_push_with_what_a_browser_remembers() throws Exception {
    var answer = server.get("/?type=publish&to=&content=x", "Sec-Fetch-Site", "cross-site");
    assertThat(answer.statusCode()).isEqualTo(403);
  }
}
