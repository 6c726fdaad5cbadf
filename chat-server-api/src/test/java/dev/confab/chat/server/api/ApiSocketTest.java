package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.UserId;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** connmix's API socket, as its documentation shows it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ApiSocketTest {
  private final WorkQueue chatQueue = WorkQueue.named("chat")
      .acknowledged(WorkQueue.Acknowledgement.BY_DELIVERY)
      .build();
  private final ApiKey.Made publisher = ApiKey.generate(Scope.PUBLISH);
  private TestServer server;

  @BeforeAll
  void start() throws Exception {
    server = new TestServer(
        chat -> chat.on("work", chatQueue.op("work")).onBeforeLogin("enter", chatQueue.op("enter")),
        api -> api.queue(chatQueue).loginByContext("uid"),
        acceptor -> acceptor,
        publisher.key());
  }

  @AfterAll
  void stop() {
    server.close();
  }

  /** Else a record of the next test could go to a worker that has just gone: these acknowledge nothing. */
  @AfterEach
  void noWorkerIsLeft() {
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> chatQueue.counters().workers() == 0);
  }

  private static String ask(TestSocket worker, String frame) throws InterruptedException {
    worker.send(frame);
    return worker.next();
  }

  /** The connection that asked, as its record says. */
  private static String connection(String record) {
    Matcher matcher = Pattern.compile("\"c\":\"([^\"]+)\"").matcher(record);
    assertThat(matcher.find()).as(record).isTrue();
    return matcher.group(1);
  }

  @Test
  void fixture_ping_is_answered_pong() throws Exception {
    assertThat(ask(server.worker(), "ping")).isEqualTo("pong");
  }

  @Test
  void fixture_pop_twice_record_and_unpop() throws Exception {
    TestSocket worker = server.worker();
    assertThat(ask(worker, "{\"m\":\"queue.pop\",\"p\":{\"t\":[\"chat\"]},\"i\":1}"))
        .isEqualTo("{\"E\":null,\"r\":{\"s\":true},\"i\":1}");
    assertThat(ask(worker, "{\"m\":\"queue.pop\",\"p\":{\"t\":[\"chat\"]},\"i\":2}"))
        .startsWith("{\"E\":{\"c\":202,\"m\":\"")
        .endsWith("\"},\"i\":2}");
    TestSocket client = server.client("9");
    client.send("{\"op\":\"work\",\"args\":[\"a\\\"b\"],\"id\":7}");
    assertThat(client.next()).isEqualTo("{\"op\":\"work\",\"success\":true,\"id\":7}");
    String record = worker.next();
    assertThat(record)
        .isEqualTo(
            "{\"e\":\"queue.pop\",\"p\":{\"n\":1,\"c\":\"" + connection(record)
                + "\",\"t\":\"chat\",\"d\":{\"event\":\"message\",\"uid\":\"9\",\"frame\":{\"type\":\"text\",\"data\":"
                + "\"{\\\"op\\\":\\\"work\\\",\\\"args\\\":[\\\"a\\\\\\\"b\\\"]}\",\"finish\":true}}},\"id\":null}");
    assertThat(ask(worker, "{\"m\":\"queue.unpop\",\"p\":{},\"i\":3}"))
        .isEqualTo("{\"E\":null,\"r\":{\"s\":true},\"i\":3}");
    assertThat(ask(worker, "{\"m\":\"queue.unpop\",\"p\":{},\"i\":4}"))
        .startsWith("{\"E\":{\"c\":203,");
    assertThat(ask(worker, "{\"m\":\"queue.pop\",\"p\":[\"chat\"],\"i\":5}"))
        .as("as the PHP client sends it")
        .isEqualTo("{\"E\":null,\"r\":{\"s\":true},\"i\":5}");
    worker.close();
  }

  @Test
  void fixture_connection_is_called_and_logged_in_by_its_context() throws Exception {
    TestSocket worker = server.worker();
    ask(worker, "{\"m\":\"queue.pop\",\"p\":{\"t\":[\"chat\"]},\"i\":1}");
    TestSocket client = server.client();
    client.send("{\"op\":\"enter\",\"args\":[\"secret of 1001\"]}");
    assertThat(client.next()).isEqualTo("{\"op\":\"enter\",\"success\":true}");
    String id = connection(worker.next());
    for (String frame : new String[] {
      "{\"m\":\"conn.call\",\"p\":{\"c\":\"" + id
          + "\",\"f\":\"set_context_value\",\"a\":[\"user_id\",10000]},\"i\":4}",
      "{\"m\":\"conn.call\",\"p\":{\"c\":\"" + id
          + "\",\"f\":\"set_context\",\"a\":[{\"uid\":1001}]},\"i\":4}",
      "{\"m\":\"conn.call\",\"p\":{\"c\":\"" + id
          + "\",\"f\":\"subscribe\",\"a\":[\"channel1\",\"channel2\"]},\"i\":4}",
      "{\"m\":\"conn.call\",\"p\":{\"c\":\"" + id
          + "\",\"f\":\"unsubscribe\",\"a\":[\"channel2\"]},\"i\":4}"
    }) {
      assertThat(ask(worker, frame)).as(frame).isEqualTo("{\"E\":null,\"r\":{\"s\":true},\"i\":4}");
    }
    ConnectionId connection = new ConnectionId(id);
    assertThat(server.chat().connections().attributes(connection).orElseThrow())
        .containsOnlyKeys("uid");
    assertThat(server.chat().users().isOnline(UserId.of("1001"))).isTrue();
    assertThat(ask(
            worker, "{\"m\":\"mesh.publish\",\"p\":{\"c\":\"channel1\",\"d\":\"data\"},\"i\":10}"))
        .isEqualTo("{\"E\":null,\"r\":{\"s\":1,\"f\":0},\"i\":10}");
    assertThat(client.next()).contains("\"channel\":\"channel1\"").contains("\"data\":\"data\"");
    assertThat(ask(
            worker, "{\"m\":\"mesh.publish\",\"p\":{\"c\":\"channel2\",\"d\":\"data\"},\"i\":11}"))
        .isEqualTo("{\"E\":null,\"r\":{\"s\":0,\"f\":0},\"i\":11}");
    assertThat(ask(
            worker,
            "{\"m\":\"mesh.send\",\"p\":{\"c\":\"" + id + "\",\"d\":\"data\"},\"id\":12345}"))
        .isEqualTo("{\"E\":null,\"r\":{\"s\":true},\"id\":12345}");
    assertThat(client.next()).contains("\"channel\":\"user_1001\"").contains("\"data\":\"data\"");
    assertThat(ask(
            worker,
            "{\"m\":\"mesh.send\",\"p\":{\"c\":\"" + id
                + "\",\"d\":\"AQID\",\"t\":\"binary\"},\"i\":9}"))
        .isEqualTo("{\"E\":null,\"r\":{\"s\":true},\"i\":9}");
    assertThat(client.next()).contains("\"base64\":\"AQID\"");
    worker.close();
  }

  @Test
  void fixture_error_numbers() throws Exception {
    TestSocket worker = server.worker();
    assertThat(ask(worker, "{\"m\":\"queue.pop\",\"p\":{\"t\":[\"none\"]},\"i\":\"x\"}"))
        .startsWith("{\"E\":{\"c\":201,")
        .endsWith(",\"i\":\"x\"}");
    for (String bad : new String[] {
      "{",
      "[]",
      "x",
      "{\"m\":\"no\",\"i\":1}",
      "{\"m\":\"queue.pop\",\"i\":1}",
      "{\"m\":\"mesh.publish\",\"p\":{\"c\":\"a\"},\"i\":1}",
      "{\"m\":\"conn.call\",\"p\":{\"c\":\"a\",\"f\":\"no\"},\"i\":1}",
      "{\"m\":\"conn.call\",\"p\":{\"c\":\"a\",\"f\":\"set_context\",\"a\":[1]},\"i\":1}"
    }) {
      assertThat(ask(worker, bad)).as(bad).startsWith("{\"E\":{\"c\":101,");
    }
    assertThat(ask(
            worker,
            "{\"m\":\"conn.call\",\"p\":{\"c\":\"a\",\"f\":\"subscribe\",\"a\":[\"b\"]},\"i\":1}"))
        .startsWith("{\"E\":{\"c\":301,");
    assertThat(ask(
            worker,
            "{\"m\":\"mesh.send\",\"p\":{\"c\":1463786910324359168,\"d\":\"data\"},\"i\":8}"))
        .startsWith("{\"E\":{\"c\":401,");
    assertThat(ask(worker, "{\"m\":\"queue.ack\",\"p\":{\"t\":\"chat\",\"k\":\"1\"},\"i\":8}"))
        .startsWith("{\"E\":{\"c\":204,");
  }

  @Test
  void seed_004_row_12_socket_without_a_key_is_closed_and_told_nothing() throws Exception {
    TestSocket stranger = server.socket("/ws/v1");
    assertThat(stranger.closed()).startsWith("1008 ");
    TestSocket wrong = server.socket("/ws/v1", "X-API-Key", TestServer.ALL.secret() + "x");
    assertThat(wrong.closed()).startsWith("1008 ");
    assertThat(wrong.unread()).isEmpty();
    assertThat(server.socket("/ws/v1?key=" + TestServer.ALL.secret()).closed()).startsWith("1008 ");
  }

  @Test
  void key_does_no_more_than_its_scopes() throws Exception {
    TestSocket worker = server.socket("/ws/v1", "X-API-Key", publisher.secret());
    assertThat(ask(worker, "{\"m\":\"mesh.publish\",\"p\":{\"c\":\"a\",\"d\":\"b\"},\"i\":1}"))
        .startsWith("{\"E\":null,");
    assertThat(ask(worker, "{\"m\":\"queue.pop\",\"p\":{\"t\":[\"chat\"]},\"i\":1}"))
        .startsWith("{\"E\":{\"c\":201,");
    assertThat(ask(
            worker,
            "{\"m\":\"conn.call\",\"p\":{\"c\":\"a\",\"f\":\"subscribe\",\"a\":[\"b\"]},\"i\":1}"))
        .startsWith("{\"E\":{\"c\":301,");
  }
}
