package dev.confab.chat.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.Chat;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelKind;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.testkit.LoopbackTransport;
import dev.confab.chat.testkit.Received;
import dev.confab.chat.testkit.TransportClient;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the page about the protocol says beyond the shapes, said to a chat: a sentence there, an answer here. */
final class ProtocolPageTest {
  private static final ChannelName ROOM = ChannelName.of("room_1");

  private final CountDownLatch slow = new CountDownLatch(1);
  private final Chat chat = Chat.builder()
      .authenticator(credentials -> {
        if (credentials instanceof Credentials.Password login
            && login.password().equals("123456")) {
          return Identity.of(login.name(), login.name());
        }
        throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
      })
      .channels(ChannelKind.of("cursor_").withoutLog())
      .on("slow", call -> {
        try {
          slow.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        return call.args().get(0);
      })
      .store(InMemoryMessageStore.builder().channelEntries(3).build())
      .build();
  private final LoopbackTransport transport = new LoopbackTransport(chat.acceptor());

  private final Map<TransportClient, Deque<String>> unread = new HashMap<>();

  @AfterEach
  void close() {
    slow.countDown();
    chat.close(Duration.ofSeconds(3));
    transport.close();
  }

  @Test
  void what_can_not_be_read_is_refused_as_written() {
    TransportClient plain = transport.connect("/chat", List.of());
    answers(
        plain,
        "nonsense",
        "{\"error\":\"Json format error\",\"code\":\"bad_frame\",\"retry\":\"no\"}");
    answers(
        plain,
        "{\"id\":7}",
        "{\"error\":\"Json format error\",\"code\":\"bad_frame\",\"id\":7,\"retry\":\"no\"}");
    answers(
        plain,
        "{\"id\":7,\"id\":8}",
        "{\"error\":\"Json format error\",\"code\":\"bad_frame\",\"retry\":\"no\"}");
    login(plain, "1");
    assertThat(ask(plain, "{\"op\":\"publish\",\"args\":[\"room_1\",{\"a\":1,\"a\":2}],\"id\":9}"))
        .startsWith("{\"op\":\"publish\",\"error\":")
        .contains("\"code\":\"bad_frame\",\"id\":9,\"retry\":\"no\"", "\"field\":\"data\"");
    assertThat(ask(plain, "{\"op\":\"ping\",\"id\":1.5}"))
        .contains("\"code\":\"bad_args\",\"retry\":\"no\",\"field\":\"id\"");
    answers(plain, "{\"op\":\"ping\",\"id\":null}", "{\"op\":\"pong\"}");
  }

  @Test
  void before_login_nothing_is_told_of_what_an_op_would_take() {
    TransportClient plain = transport.connect("/chat", List.of());
    assertThat(ask(plain, "{\"op\":\"nosuchop\"}"))
        .contains("\"code\":\"not_authenticated\"", "\"retry\":\"auth\"");
    assertThat(ask(plain, "{\"op\":\"slow\"}")).contains("\"code\":\"not_authenticated\"");
    assertThat(ask(plain, "{\"op\":\"subscribe\"}")).contains("\"code\":\"not_authenticated\"");
    assertThat(ask(plain, "{\"op\":\"auth\",\"args\":[1]}")).contains("\"code\":\"bad_args\"");
    login(plain, "1");
    assertThat(ask(plain, "{\"op\":\"nosuchop\"}")).contains("\"code\":\"unknown_op\"");
    assertThat(ask(plain, "{\"op\":\"auth\",\"args\":[\"2\",\"123456\"]}"))
        .contains("\"code\":\"already_authenticated\"");
    assertThat(ask(plain, "{\"op\":\"auth\",\"args\":[\"1\",\"wrong\"]}"))
        .contains("\"code\":\"bad_credentials\"");
    answers(
        plain,
        "{\"op\":\"unsubscribe\",\"args\":[\"room_1\"]}",
        "{\"op\":\"unsubscribe\",\"success\":true}");
  }

  @Test
  void ping_is_answered_before_what_came_earlier() {
    TransportClient plain = transport.connect("/chat", List.of());
    login(plain, "1");
    plain.sendText("{\"op\":\"slow\",\"args\":[1]}");
    answers(plain, "{\"op\":\"ping\"}", "{\"op\":\"pong\"}");
    plain.sendText("{\"op\":\"pong\",\"args\":[1,2,3]}");
    slow.countDown();
    assertThat(hear(plain)).isEqualTo("{\"op\":\"slow\",\"success\":true,\"data\":1}");
  }

  @Test
  void since_and_history_do_not_go_together_in_one_request() {
    TransportClient plain = transport.connect("/chat", List.of());
    login(plain, "1");
    assertThat(
            ask(
                plain,
                "{\"op\":\"subscribe\",\"args\":[\"room_1\",\"room_2\",{\"since\":{\"room_1\":\"0\"},\"history\":1}]}"))
        .contains("\"code\":\"bad_args\"", "\"field\":\"history\"");
    assertThat(ask(
            plain, "{\"op\":\"subscribe\",\"args\":[\"room_1\",{\"since\":{\"room_2\":\"0\"}}]}"))
        .contains("\"code\":\"bad_args\"", "\"field\":\"since\"");
    answers(
        plain,
        "{\"op\":\"subscribe\",\"args\":[\"room_1\",{\"since\":{},\"history\":1}]}",
        "{\"op\":\"subscribe\",\"success\":true,\"data\":{\"channels\":{\"room_1\":"
            + "{\"head\":0,\"cursor\":\"0\",\"log\":true,\"messages\":[],\"more\":false}}}}");
  }

  @Test
  void message_to_an_id_that_nobody_has_succeeds() {
    TransportClient plain = transport.connect("/chat", List.of());
    login(plain, "1");
    assertThat(ask(plain, "{\"op\":\"sendtouser\",\"args\":[\"nobody\",\"hello\"]}"))
        .startsWith("{\"op\":\"sendtouser\",\"success\":true,\"data\":{\"seq\":1,");
    assertThat(chat.history(ChannelName.of("user_nobody"), Long.MAX_VALUE, 1).entries())
        .hasSize(1);
  }

  @Test
  void what_only_clients_may_not_say_the_application_may() {
    TransportClient plain = transport.connect("/chat", List.of());
    login(plain, "1");
    assertThat(ask(plain, "{\"op\":\"publish\",\"args\":[\"room_1\",\" \"]}"))
        .contains("\"code\":\"empty_message\"");
    assertThat(chat.publish(ROOM, " ").seq()).isEqualTo(1);
  }

  @Test
  void channel_without_log_says_so_and_has_no_numbers() {
    TransportClient plain = transport.connect("/chat", List.of());
    login(plain, "1");
    answers(
        plain,
        "{\"op\":\"subscribe\",\"args\":[\"cursor_1\"]}",
        "{\"op\":\"subscribe\",\"success\":true,\"data\":{\"channels\":{\"cursor_1\":{\"log\":false}}}}");
    plain.sendText("{\"op\":\"publish\",\"args\":[\"cursor_1\",[3,4],{\"key\":\"k\"}]}");
    List<String> both = List.of(hear(plain), hear(plain));
    assertThat(both)
        .anySatisfy(frame -> assertThat(frame)
            .matches(
                "\\{\"op\":\"publish\",\"success\":true,\"data\":\\{\"log\":false,\"at\":\\d+}}"));
    assertThat(both)
        .anySatisfy(
            frame -> assertThat(frame)
                .matches(
                    "\\{\"event\":\"subscribe\",\"channel\":\"cursor_1\",\"from\":\\{.*},\"at\":\\d+,\"data\":\\[3,4]}"));
    assertThat(ask(plain, "{\"op\":\"history\",\"args\":[\"cursor_1\"]}"))
        .contains("\"code\":\"bad_args\"");
    assertThat(ask(plain, "{\"op\":\"subscribe\",\"args\":[\"cursor_1\",{\"history\":0}]}"))
        .contains("\"code\":\"bad_args\"");
  }

  @Test
  void redaction_is_an_entry_of_its_own_and_takes_the_data_away() {
    TransportClient v1 = transport.connect("/chat", List.of("chat.v1"));
    assertThat(hear(v1))
        .matches(
            "\\{\"event\":\"welcome\",\"version\":1,\"connection\":\"[^\"]+\",\"time\":\\d+,\"heartbeat_ms\":25000,"
                + "\"max_frame_bytes\":65536,\"max_data_bytes\":32768,\"login_within_ms\":10000,"
                + "\"features\":\\[\"history\",\"presence\",\"signal\",\"resume\"]}");
    login(v1, "1");
    ask(v1, "{\"op\":\"subscribe\",\"args\":[\"room_1\"]}");
    chat.publish(ROOM, "oh no");
    assertThat(hear(v1)).endsWith("\"data\":\"oh no\"}").doesNotContain("\"from\"");
    assertThat(chat.redact(ROOM, 1)).isTrue();
    assertThat(hear(v1))
        .matches(
            "\\{\"event\":\"redacted\",\"channel\":\"room_1\",\"seq\":2,\"id\":\"[^\"]{16}\",\"at\":\\d+,\"about\":1}");
    assertThat(ask(v1, "{\"op\":\"history\",\"args\":[\"room_1\"]}"))
        .contains("\"seq\":1,", "\"data\":null}", "\"event\":\"redacted\"");
    TransportClient plain = transport.connect("/chat", List.of());
    login(plain, "2");
    assertThat(ask(plain, "{\"op\":\"history\",\"args\":[\"room_1\"]}"))
        .contains("\"data\":null}")
        .doesNotContain("redacted");
  }

  @Test
  void cursor_that_does_not_fit_resets_and_is_live_at_once() {
    chat.publish(ROOM, "one");
    TransportClient v1 = transport.connect("/chat", List.of("chat.v1"));
    hear(v1);
    login(v1, "1");
    assertThat(
            ask(
                v1,
                "{\"op\":\"subscribe\",\"args\":[\"room_1\",{\"since\":{\"room_1\":\"1.AAAABBBBCCCCDDDD\"}}]}"))
        .matches(
            ".*\"room_1\":\\{\"head\":1,\"cursor\":\"1\\.[^\"]+\",\"log\":true,\"reset\":true}}}}");
    assertThat(hear(v1)).isEqualTo("{\"event\":\"live\",\"channel\":\"room_1\",\"seq\":1}");
  }

  @Test
  void trimmed_part_is_told_once_in_the_reply() {
    for (int i = 1; i <= 5; i++) {
      chat.publish(ROOM, "message " + i);
    }
    String resume = "{\"op\":\"subscribe\",\"args\":[\"room_1\",{\"since\":{\"room_1\":0}}]}";
    TransportClient v1 = transport.connect("/chat", List.of("chat.v1"));
    hear(v1);
    login(v1, "1");
    assertThat(ask(v1, resume))
        .endsWith("\"log\":true,\"missed\":3,\"trimmed\":{\"from\":1,\"to\":2}}}}}");
    String rest = "";
    while (!rest.contains("\"live\"")) {
      rest += hear(v1) + "\n";
    }
    assertThat(rest.lines().toList()).hasSize(4);
    assertThat(rest).startsWith("{\"event\":\"subscribe\",\"channel\":\"room_1\",\"seq\":3,");

    TransportClient plain = transport.connect("/chat", List.of());
    login(plain, "2");
    assertThat(ask(plain, resume)).contains("\"trimmed\":{\"from\":1,\"to\":2}");
    assertThat(hear(plain)).contains("\"seq\":3,");
  }

  @Test
  void copies_and_goodbyes_are_for_clients_that_know_them() {
    TransportClient plain = transport.connect("/chat", List.of());
    login(plain, "1");
    ask(plain, "{\"op\":\"subscribe\",\"args\":[\"@user\"]}");
    TransportClient v1 = transport.connect("/chat", List.of("chat.v1"));
    hear(v1);
    login(v1, "1");
    assertThat(ask(v1, "{\"op\":\"subscribe\",\"args\":[\"@user\"]}"))
        .contains("\"user_1\":{\"head\":0");
    assertThat(ask(plain, "{\"op\":\"sendtouser\",\"args\":[2,\"hi\"]}"))
        .startsWith("{\"op\":\"sendtouser\",\"success\":true,\"data\":{\"seq\":1,\"cursor\":\"1.");
    assertThat(hear(v1))
        .startsWith("{\"event\":\"subscribe\",\"channel\":\"user_1\",\"seq\":1")
        .contains("\"to\":{\"id\":\"2\"}");
    assertThat(ask(plain, "{\"op\":\"subscribe\",\"args\":[\"user_2\"],\"id\":7}"))
        .isEqualTo(
            "{\"op\":\"subscribe\",\"error\":\"No access\",\"code\":\"denied\",\"id\":7,\"retry\":\"no\",\"channel\":\"user_2\"}");
    assertThat(chat.disconnect(Recipients.user(new UserId("1")), CloseReason.KICKED))
        .isEqualTo(2);
    assertThat(hear(v1)).isEqualTo("{\"event\":\"bye\",\"code\":4403,\"reason\":\"kicked\"}");
    assertThat(plain.read(Duration.ofSeconds(20))).isEqualTo(new Received.Closed(4403, "kicked"));
  }

  @Test
  void lines_are_answered_one_by_one_and_the_answers_may_share_a_frame() {
    TransportClient v1 = transport.connect("/chat", List.of("chat.v1"));
    hear(v1);
    v1.sendText("{\"op\":\"ping\",\"id\":1}\n\nnonsense\n{\"op\":\"ping\",\"id\":\"z\"}\n");
    String heard = "";
    while (heard.lines().count() < 3) {
      heard += hear(v1) + "\n";
    }
    assertThat(heard.lines())
        .containsExactlyInAnyOrder(
            "{\"op\":\"pong\",\"id\":1}",
            "{\"op\":\"pong\",\"id\":\"z\"}",
            "{\"error\":\"Json format error\",\"code\":\"bad_frame\",\"retry\":\"no\"}");
  }

  private void login(TransportClient client, String user) {
    assertThat(ask(client, "{\"op\":\"auth\",\"args\":[\"" + user + "\",\"123456\"]}"))
        .contains(
            "\"success\":true",
            "\"data\":{\"user\":{\"id\":\"" + user + "\",\"name\":\"" + user + "\"}}");
  }

  private void answers(TransportClient client, String frame, String answer) {
    assertThat(ask(client, frame)).isEqualTo(answer);
  }

  private String ask(TransportClient client, String frame) {
    client.sendText(frame);
    return hear(client);
  }

  private String hear(TransportClient client) {
    // A frame of chat.v1 may hold several texts, a line each.
    Deque<String> lines = unread.computeIfAbsent(client, fresh -> new ArrayDeque<>());
    if (lines.isEmpty()) {
      Received received;
      do {
        // The first heartbeat comes at any time within the interval.
        received = client.read(Duration.ofSeconds(20));
      } while (received instanceof Received.Ping
          || received.equals(new Received.Text("{\"event\":\"ping\"}")));
      assertThat(received).isInstanceOf(Received.Text.class);
      lines.addAll(List.of(((Received.Text) received).text().split("\n", -1)));
    }
    return lines.remove();
  }
}
