package dev.confab.chat.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.SessionInfo;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelKind;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.PlainData;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.ChatListener;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Guests;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.Received;
import dev.confab.chat.testkit.StoreWrapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What was wrong in the systems these protocols come from, a row each, and what is done instead. */
final class FaultsTest extends StagedTest {
  private static final CountDownLatch SLOW = new CountDownLatch(1);
  private static final AtomicInteger ASKED = new AtomicInteger();

  /** Connections that were told of, and not yet that they ended. */
  private static final Set<ConnectionId> OPEN = ConcurrentHashMap.newKeySet();

  @BeforeAll
  static void open() {
    stage = Stage.open(builder -> builder
        .plainData(PlainData.UID_AND_MESSAGE)
        .limits(Stage.limits().failedLogins(3).build())
        .authenticator(Guests.beside(credentials -> {
          if (credentials instanceof Credentials.Token token) {
            ASKED.incrementAndGet();
            if (token.value().equals("slow")) {
              await();
            } else if (token.value().equals("down")) {
              throw new RefusedException(ErrorCode.UNAVAILABLE);
            } else if (token.value().equals("large")) {
              return Identity.of("92233720368547758079223372036854775807", "large");
            } else if (token.value().equals("short")) {
              return Identity.of("9", "short").expiringAt(Instant.now().plusSeconds(3));
            }
          }
          return Stage.members().authenticate(credentials);
        }))
        .listener(happening -> {
          if (happening instanceof ChatListener.Happening.Connected came) {
            OPEN.add(came.connection());
          } else if (happening instanceof ChatListener.Happening.Disconnected went) {
            OPEN.remove(went.connection());
          }
        })
        .access("closed_", (who, what, where) -> {
          throw new RefusedException(ErrorCode.DENIED);
        })
        .channels(ChannelKind.of("room_slow").withRate(1, Duration.ofHours(1)))
        .interceptor(draft -> {
          if (draft.data().asString().filter(text -> text.length() > 140).isPresent()) {
            throw new RefusedException(ErrorCode.REJECTED, "at most 140 characters");
          }
          return draft;
        }));
  }

  private static void await() {
    try {
      SLOW.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterAll
  static void letGo() {
    SLOW.countDown();
  }

  /** Another chat, for one test, with these limits. */
  private Stage with(UnaryOperator<Limits.Builder> limits) {
    Stage other = Stage.open(builder -> builder
        .limits(limits.apply(Stage.limits()).build())
        .authenticator(credentials -> {
          if (credentials instanceof Credentials.Token token && token.value().equals("slow")) {
            await();
          }
          return Stage.members().authenticate(credentials);
        }));
    script = new Script(other);
    return other;
  }

  private static List<Entry> log(String channel) {
    return stage.chat().history(ChannelName.of(channel), Long.MAX_VALUE, 100).entries();
  }

  private Script plain(String name, String user) {
    return script.play(name + " connects /chat\n" + name + " → {\"op\":\"auth\",\"args\":[\"" + user
        + "\",\"123456\"]}\n" + name + " ⇐ {\"op\":\"auth\",\"success\":true}");
  }

  private Script v1(String name, String user) {
    return script.play(name + " connects /chat chat.v1\n" + name + " ⇐ {\"event\":\"welcome\"}\n"
        + name + " → {\"op\":\"auth\",\"token\":\"token-" + user + "\"}\n" + name
        + " ⇐ {\"op\":\"auth\",\"success\":true}");
  }

  // Seed 000, the connmix chat room.

  @Test
  void seed_000_row_2_quote_or_backslash_forges_no_frame() {
    plain("tom", "user1");
    script.play("""
        tom → {"op":"subscribe","args":["room_0002"]}
        tom ⇐ {"op":"subscribe","success":true}
        tom → {"op":"sendtoroom","args":["room_0002","\\",\\"channel\\":\\"x\\\\"]}
        tom ⇐ {"event":"subscribe","channel":"room_0002","data":"uid:1,message:\\",\\"channel\\":\\"x\\\\"}
        """);
  }

  @Test
  void seed_000_row_3_another_users_channel_is_not_read_and_an_op_reaches_its_own_kind_alone() {
    plain("tom", "user1");
    script.play("""
        tom → {"op":"subscribe","args":["user_10002"]}
        tom ⇐ {"op":"subscribe","error":"No access","code":"denied"}
        tom → {"op":"sendtoroom","args":["broadcast","x"]}
        tom ⇐ {"op":"sendtoroom","code":"bad_args"}
        tom → {"op":"sendtouser","args":["broadcast","x"]}
        tom ⇐ {"op":"sendtouser","success":true}
        """);
    assertThat(log("broadcast")).isEmpty();
  }

  @Test
  void seed_000_row_4_who_has_no_grant_sends_nothing() {
    plain("tom", "user1");
    script.play("""
        tom → {"op":"publish","args":["closed_1","x"]}
        tom ⇐ {"op":"publish","error":"No access","code":"denied"}
        """);
  }

  @Test
  void seed_000_row_5_logins_are_counted_and_another_user_needs_a_logout() {
    plain("tom", "user1");
    script.play("""
        tom → {"op":"subscribe","args":["room_0005"]}
        tom ⇐ {"op":"subscribe","success":true}
        tom → {"op":"auth","args":["user2","123456"]}
        tom ⇐ {"op":"auth","code":"already_authenticated"}
        tom → {"op":"logout"}
        tom ⇐ {"op":"logout","success":true}
        tom → {"op":"auth","args":["user2","123456"]}
        tom ⇐ {"op":"auth","success":true}
        """);
    assertThat(stage.chat().channels().find(ChannelName.of("room_0005")).connections())
        .isZero();
    script.play("""
        eve connects /chat
        eve → {"op":"auth","args":["user2","1"]}
        eve ⇐ {"op":"auth","error":"Invalid name or password"}
        eve → {"op":"auth","args":["user2","2"]}
        eve ⇐ {"op":"auth","error":"Invalid name or password"}
        eve → {"op":"auth","args":["user2","3"]}
        eve ⇐ {"op":"auth","error":"Invalid name or password"}
        eve ← closed 4103
        """);
  }

  @Test
  void seed_000_row_6_the_form_of_data_is_a_setting_and_the_sender_is_told_beside_it() {
    plain("tom", "user1");
    v1("ann", "ann");
    script.play("""
        tom → {"op":"subscribe","args":["room_0006"]}
        tom ⇐ {"op":"subscribe","success":true}
        ann → {"op":"subscribe","args":["room_0006"]}
        ann ⇐ {"op":"subscribe","success":true}
        tom → {"op":"sendtoroom","args":["room_0006","hello"]}
        tom ⇐ {"event":"subscribe","from":{"id":"1","name":"user1"},"data":"uid:1,message:hello"}
        ann ⇐ {"event":"subscribe","from":{"id":"1","name":"user1"},"data":"hello"}
        """);
    assertThat(log("room_0006").get(0).data()).isEqualTo(Json.string("hello"));
  }

  @Test
  void seed_000_row_7_a_request_may_bear_an_id() {
    plain("tom", "user1");
    script.play("""
        tom → {"op":"subscribe","args":["room_0007"],"id":"a"}
        tom ⇐ {"op":"subscribe","success":true,"id":"a"}
        """);
  }

  @Test
  void seed_000_row_8_whatever_is_wrong_is_answered() {
    plain("tom", "user1");
    script.play("""
        tom → hello
        tom ⇐ {"error":"Json format error","code":"bad_frame"}
        tom → null
        tom ⇐ {"error":"Json format error","code":"bad_frame"}
        tom → {"op":"nonsense"}
        tom ⇐ {"op":"nonsense","code":"unknown_op"}
        tom → {"op":"sendtoroom","args":["room_0008"]}
        tom ⇐ {"op":"sendtoroom","code":"bad_args","field":"data"}
        """);
    script.client("tom").sendBinary(new byte[] {1});
    script.play("tom ← closed 1003");
  }

  @Test
  void seed_000_row_9_an_empty_object_is_answered_and_a_known_op_is_named() {
    plain("tom", "user1");
    script.play("""
        tom → {}
        tom ⇐ {"error":"Json format error","code":"bad_frame"}
        tom → {"op":"subscribe","args":5}
        tom ⇐ {"op":"subscribe","code":"bad_args","field":"args"}
        """);
  }

  @Test
  void seed_000_row_10_the_event_comes_first_and_a_signal_leaves_the_sender_out() {
    plain("tom", "user1");
    plain("ann", "ann");
    script.play("""
        tom → {"op":"subscribe","args":["room_0010"]}
        tom ⇐ {"op":"subscribe","success":true}
        ann → {"op":"subscribe","args":["room_0010"]}
        ann ⇐ {"op":"subscribe","success":true}
        tom → {"op":"sendtoroom","args":["room_0010","a"]}
        tom ⇐ {"event":"subscribe"}
        tom ⇐ {"op":"sendtoroom","success":true}
        ann ⇐ {"event":"subscribe"}
        tom → {"op":"signal","args":["room_0010","typing"]}
        tom ← {"op":"signal","success":true}
        ann ⇐ {"event":"signal","data":"typing"}
        """);
  }

  @Test
  void seed_000_row_11_a_user_is_there_until_the_last_connection_is_gone() {
    plain("first", "user1");
    plain("second", "user1");
    plain("bob", "bob");
    v1("ann", "ann");
    script.play("""
        bob → {"op":"subscribe","args":["room_0011"]}
        bob ⇐ {"op":"subscribe","success":true}
        first → {"op":"subscribe","args":["room_0011"]}
        first ⇐ {"op":"subscribe","success":true}
        second → {"op":"subscribe","args":["room_0011"]}
        second ⇐ {"op":"subscribe","success":true}
        ann → {"op":"subscribe","args":["room_0011",{"presence":true}]}
        ann ⇐ {"op":"subscribe","success":true}
        first closes
        """);
    stage.awaitFollowers("room_0011", 3);
    // Who goes later is told gone later: nobody was before.
    script.play("""
        bob closes
        ann ⇐ {"event":"leave","user":{"id":"10002","name":"bob"}}
        ann → {"op":"presence","args":["room_0011"]}
        ann ⇐ {"op":"presence","data":{"count":2}}
        second closes
        ann ⇐ {"event":"leave","user":{"id":"1","name":"user1"}}
        """);
  }

  @Test
  void seed_000_row_13_and_004_row_9_who_does_not_log_in_is_sent_away() {
    try (Stage hasty = with(limits -> limits.loginWithin(Duration.ofMillis(200)))) {
      script.play("""
          tom connects /chat
          ann connects /message-center
          pia connects /push
          pia ⇐ {"type":"init"}
          tom ← closed 4102
          ann ← closed 4102
          pia ← closed 4102
          """);
      script.close();
      assertThat(hasty.chat().connections().count()).isLessThanOrEqualTo(3);
    }
  }

  @Test
  void seed_000_row_14_a_ping_is_answered_while_the_application_is_busy() {
    script.play("""
        tom connects /chat
        tom → {"op":"auth","token":"slow"}
        tom → {"op":"ping"}
        tom ← {"op":"pong"}
        """);
  }

  // Seed 004, the message centre.

  @Test
  void seed_004_row_1_login_needs_no_channel() {
    script.play("""
        tom connects /message-center
        tom → {"op":"auth","token":"token-user1"}
        tom ← {"result":true}
        """);
  }

  @Test
  void seed_004_row_2_login_is_answered_before_what_was_asked_behind_it() {
    // Frames behind the login wait for it: also what is one's own.
    script.play("""
        tom connects /barrage
        tom → {"op":"auth","token":"token-user1"}
        tom → {"op":"subscribe","channel":"@user"}
        tom → {"op":"subscribe","channel":"@order"}
        tom ← {"result":true}
        tom ← {"result":true}
        tom ← {"result":true}
        host → ex_1@order {"n":1}
        tom ← {"event":"@order","data":{"n":1}}
        """);
  }

  @Test
  void seed_004_row_4_a_binary_frame_closes_with_its_code() {
    script.play("tom connects /message-center");
    script.client("tom").sendBinary(new byte[] {1});
    script.play("tom ← closed 1003");
  }

  @Test
  void seed_004_rows_5_and_6_a_failed_login_is_told_then_closed() {
    script.play("""
        tom connects /message-center
        tom → {"op":"auth","token":"nobody's"}
        tom ← {"code":1,"msg":"Invalid token","error":"token_invalid"}
        tom ← closed 4401
        ann connects /message-center
        ann → {"op":"auth","token":"down"}
        ann ⇐ {"code":1,"error":"unavailable"}
        ann ← closed 1013
        bob connects /message-center
        bob → hello
        bob ⇐ {"code":1,"error":"bad_frame"}
        bob ← closed 4400
        """);
  }

  @Test
  void seed_004_row_7_unknown_ops_and_channels_are_errors() {
    script.play("""
        tom connects /barrage
        tom → {"op":"nonsense","channel":"@user"}
        tom ⇐ {"code":1,"error":"unknown_op"}
        tom → {"op":"subscribe","channel":"1@nonsense"}
        tom ⇐ {"code":1,"error":"bad_args"}
        tom → {"op":"subscribe","channel":"@user"}
        tom ⇐ {"code":1,"msg":"Not Auth"}
        """);
  }

  @Test
  void seed_004_row_8_only_the_exact_name_is_an_alias() {
    for (String name :
        List.of("foo@user", "@video", "10001@balance", "@depth", "@userx", "@user/x")) {
      script.play("tom connects /barrage\ntom → {\"op\":\"subscribe\",\"channel\":\"" + name
          + "\"}\ntom ⇐ {\"code\":1,\"error\":\"bad_args\"}");
    }
    for (String name : List.of("user", "@", "a@b@user", "")) {
      script.play("tom connects /barrage\ntom → {\"op\":\"subscribe\",\"channel\":\"" + name
          + "\"}\ntom ⇐ {\"code\":1,\"error\":\"channel_name\"}\ntom ← closed 4400");
    }
    // Nor does another dialect get there by the channel's real name.
    v1("eve", "bob");
    script.play("""
        eve → {"op":"subscribe","args":["ex_10001@balance"]}
        eve ⇐ {"op":"subscribe","code":"denied"}
        eve → {"op":"publish","args":["ex_BTCUSDT@depth",{"bids":[1]}]}
        eve ⇐ {"op":"publish","code":"denied"}
        """);
  }

  @Test
  void seed_004_row_9_logins_have_an_end() {
    script.play("""
        ann connects /message-center
        ann → {"op":"auth","token":"short"}
        ann ← {"result":true}
        ann ← closed 4200
        """);
  }

  @Test
  void seed_004_row_10_ids_keep_their_digits() {
    script.play("""
        tom connects /message-center
        tom → {"op":"auth","token":"large"}
        tom ← {"result":true}
        tom → {"op":"subscribe","channel":"@user"}
        tom ← {"result":true}
        host → user_92233720368547758079223372036854775807 {"n":1}
        tom ← {"event":"@user","data":{"n":1}}
        """);
    v1("ann", "ann");
    script.play("""
        ann → {"op":"sendtouser","args":[92233720368547758079223372036854775807,"hi"]}
        ann ⇐ {"op":"sendtouser","success":true}
        tom ← {"event":"@user","data":{"uid":10001,"msg":"hi"}}
        """);
    // Nor do they lose any as the id of who says something: it is a number only where none is lost.
    script.play("""
        large connects /chat
        large → {"op":"auth","token":"large"}
        large ⇐ {"op":"auth","success":true}
        bob connects /message-center
        bob → {"op":"auth","token":"token-bob"}
        bob ← {"result":true}
        bob → {"op":"subscribe","channel":"@user"}
        bob ← {"result":true}
        large → {"op":"sendtouser","args":["10002","hi"]}
        bob ← {"event":"@user","data":{"uid":"92233720368547758079223372036854775807","msg":"hi"}}
        """);
  }

  @Test
  void seed_004_row_11_a_login_that_takes_long_holds_up_nobody_else() {
    try (Stage busy = with(limits -> limits.doorTimeout(Duration.ofMinutes(10)))) {
      script.play("""
          slow connects /message-center
          slow → {"op":"auth","token":"slow"}
          tom connects /message-center
          tom → {"op":"auth","token":"token-user1"}
          tom ← {"result":true}
          slow → {"op":"ping"}
          slow ← {"op":"pong"}
          """);
      script.close();
      assertThat(busy.chat().connections().count()).isLessThanOrEqualTo(2);
    }
    try (Stage hasty = with(limits -> limits.doorTimeout(Duration.ofMillis(200)))) {
      script.play("""
          slow connects /message-center
          slow → {"op":"auth","token":"slow"}
          slow ⇐ {"code":1,"error":"unavailable"}
          slow ← closed 1013
          """);
      script.close();
      assertThat(hasty.chat().connections().count()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void seed_004_row_13_what_was_said_between_page_and_subscription_is_replayed() {
    Receipt page =
        stage.chat().publish(ChannelName.of("user_10002"), Json.string("shown on the page"));
    script.play("""
        host → user_10002 {"n":1}
        bob connects /message-center
        bob → {"op":"auth","token":"token-bob"}
        bob ← {"result":true}
        """);
    script
        .client("bob")
        .sendText("{\"op\":\"subscribe\",\"channel\":\"@user\",\"since\":\"" + page.seq() + "."
            + page.id().value() + "\"}");
    script.play("""
        bob ← {"result":true}
        bob ← {"event":"@user","data":{"n":1}}
        """);
  }

  @Test
  void seed_004_row_14_who_is_not_there_finds_it_later() {
    script.play("""
        host → user_2 {"n":1}
        tom connects /message-center
        tom → {"op":"auth","token":"token-user2"}
        tom ← {"result":true}
        tom → {"op":"subscribe","channel":"@user","since":"0"}
        tom ← {"result":true}
        tom ← {"event":"@user","data":{"n":1}}
        """);
  }

  // Seed 001, the push pattern.

  private ConnectionId push(String name) {
    script.play(name + " connects /push\n" + name + " ← {\"type\":\"init\",\"client_id\":\"<" + name
        + ">\"}");
    return new ConnectionId(script.hole(name));
  }

  private void bind(ConnectionId client, String user, String room) {
    assertThat(stage.chat().connections().login(client, Identity.of(user, user)))
        .isTrue();
    assertThat(stage.chat().connections().subscribe(client, ChannelName.of(room)))
        .isTrue();
  }

  @Test
  void seed_001_rows_1_and_2_text_is_neither_code_nor_html() {
    bind(push("page"), "u-1", "room_1001");
    v1("ann", "ann");
    script.play("""
        ann → {"op":"publish","args":["room_1001","\\");alert(1);//<img src=x onerror=alert(1)>"]}
        ann ⇐ {"op":"publish","success":true}
        page ⇐ {"message":"ann : &quot;);alert(1);//&lt;img src=x onerror=alert(1)&gt;","content":"\\");alert(1);//<img src=x onerror=alert(1)>"}
        """);
    assertThat(log("room_1001").get(0).data().asString())
        .contains("\");alert(1);//<img src=x onerror=alert(1)>");
  }

  @Test
  void seed_001_row_3_a_client_id_is_random_and_told_to_its_client_alone() {
    ConnectionId one = push("one");
    ConnectionId two = push("two");
    assertThat(one.value()).matches("[\\w-]{16}").isNotEqualTo(two.value());
    assertThat(one.value().substring(0, 8)).isNotEqualTo(two.value().substring(0, 8));
    bind(one, "u-31", "room_1003");
    bind(two, "u-32", "room_1003");
    // Who is shown in a room is the user; no frame to the other has the id in it.
    v1("ann", "ann");
    script.play("""
        ann → {"op":"presence","args":["room_1003"]}
        """);
    assertThat(script.next("ann"))
        .contains("u-31", "u-32")
        .doesNotContain(one.value(), two.value());
  }

  @Test
  void seed_001_row_4_who_is_bound_gets_what_is_pushed_to_the_user() {
    bind(push("page"), "u-4", "user_u-4");
    script.play("""
        host → user_u-4 {"n":1}
        page ← {"n":1}
        """);
  }

  @Test
  void seed_001_row_5_ids_of_rooms_are_strings() {
    bind(push("a"), "u-5a", "room_12a");
    bind(push("b"), "u-5b", "room_12b");
    bind(push("zero"), "0", "room_1005");
    script.play("""
        host → room_12b {"to":"b"}
        b ← {"to":"b"}
        host → room_12a {"to":"a"}
        a ← {"to":"a"}
        host → room_1005 {"to":"zero"}
        zero ← {"to":"zero"}
        """);
  }

  @Test
  void seed_001_row_6_length_and_rate_are_the_servers_to_keep() {
    v1("ann", "ann");
    script.play("""
        ann → {"op":"publish","args":["room_slow",""]}
        ann ⇐ {"op":"publish","code":"empty_message"}
        """);
    // Neither what is empty nor what is too long starts the time over; 140 itself is not too long.
    script
        .client("ann")
        .sendText("{\"op\":\"publish\",\"args\":[\"room_slow\",\"" + "x".repeat(141) + "\"]}");
    script.play(
        "ann ⇐ {\"op\":\"publish\",\"code\":\"rejected\",\"error\":\"at most 140 characters\"}");
    script
        .client("ann")
        .sendText("{\"op\":\"publish\",\"args\":[\"room_slow\",\"" + "x".repeat(140) + "\"]}");
    script.play("""
        ann ⇐ {"op":"publish","success":true}
        ann → {"op":"publish","args":["room_slow","again"]}
        ann ⇐ {"op":"publish","code":"rate_limited","retry":"later"}
        """);
  }

  @Test
  void seed_001_row_7_a_send_is_answered_with_the_messages_id() {
    Receipt receipt = stage.chat().publish(ChannelName.of("room_1007"), "hello");
    assertThat(log("room_1007").get(0).id()).isEqualTo(receipt.id());
    script.play("""
        page connects /push
        page ⇐ {"type":"init"}
        page → {"type":"say","content":"hello"}
        page ⇐ {"type":"error","code":"unknown_op"}
        """);
  }

  @Test
  void seed_001_row_8_what_was_said_before_the_bind_is_in_the_log() {
    ConnectionId client = push("page");
    Receipt missed = stage.chat().publish(ChannelName.of("room_1008"), Json.string("missed"));
    bind(client, "u-8", "room_1008");
    assertThat(log("room_1008")).extracting(Entry::id).containsExactly(missed.id());
  }

  @Test
  void seed_001_rows_9_10_and_12_pushes_have_fields_and_the_server_says_who() {
    bind(push("page"), "u-9", "room_1009");
    v1("ann", "ann");
    script.play("""
        ann → {"op":"publish","args":["room_1009",{"user":"boss","text":"obey"}]}
        ann ⇐ {"op":"publish","data":{"id":"<id>"}}
        page ⇐ {"user":"10001","name":"ann","content":{"user":"boss","text":"obey"},"channel":"room_1009","id":"<id>"}
        """);
  }

  // workerman-chat and the GatewayWorker it runs on.

  @Test
  void workerman_row_1_a_frame_that_makes_no_sense_hurts_nobody() {
    workerman("ann", "Ann", 2001);
    script.play("""
        tom connects /workerman
        tom → {"type":"login"}
        tom ⇐ {"type":"error","code":"bad_args"}
        tom → {"type":"say","to_client_id":"all","content":"hi"}
        tom ⇐ {"type":"error","code":"not_authenticated"}
        tom → {"type":"login","client_name":"Tom","room_id":2001}
        tom ⇐ {"type":"login","client_name":"Tom"}
        ann ⇐ {"type":"login","client_name":"Tom"}
        """);
    // Nor does a page that is in no room say anything there, whoever the host has made of it.
    Decoded.Deferred say = (Decoded.Deferred) talk(new WorkermanChat())
        .decode("{\"type\":\"say\",\"to_client_id\":\"all\",\"content\":\"hi\"}")
        .get(0);
    assertThat(say.when().apply(Optional.of(Identity.of("1", "user1"))))
        .isInstanceOfSatisfying(
            Decoded.Malformed.class,
            refused -> assertThat(refused.refusal().code()).isEqualTo(ErrorCode.NOT_AUTHENTICATED));
  }

  @Test
  void workerman_row_2_a_second_room_leaves_the_first() {
    workerman("ann", "Ann", 2002);
    workerman("tom", "Tom", 2002);
    script.play("""
        ann ⇐ {"type":"login","client_id":"<tom>"}
        tom → {"type":"login","client_name":"Tom","room_id":2003}
        tom ← {"type":"login","client_id":"<tom>","client_name":"Tom","time":"<*>","client_list":{"<tom>":"Tom"}}
        ann ← {"type":"logout","from_client_id":"<tom>","from_client_name":"Tom","time":"<*>"}
        ann → {"type":"say","to_client_id":"all","content":"gone?"}
        ann ⇐ {"type":"say","content":"gone?"}
        tom → {"type":"say","to_client_id":"all","content":"here"}
        tom ⇐ {"type":"say","content":"here"}
        """);
  }

  @Test
  void workerman_row_3_the_list_of_who_is_there_has_a_bound_and_the_newcomer_in_it() {
    Conversation talk = new WorkermanChat()
        .open(new Dialect.Opening(
            new ConnectionId("me"), Handshake.of("/workerman", Optional.empty())));
    Decoded.Chain login = workermanLogin(talk, 1);
    talk.answer(
        login.links().get(0),
        new Result.LoggedIn(new UserRef(new UserId("me"), "Me"), Optional.empty()));
    List<Result.PresentUser> page = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      page.add(new Result.PresentUser(new UserRef(new UserId("a" + i), "A"), 1));
    }
    Map<ChannelName, Result.Subscription> in = new LinkedHashMap<>();
    in.put(
        ChannelName.of("room_1"),
        new Result.Subscription(
            0,
            Cursor.START,
            true,
            Optional.empty(),
            false,
            OptionalLong.empty(),
            false,
            Optional.empty(),
            Optional.of(new Result.PresencePage(5_000, page, true))));
    String told =
        talk.answer(login.links().get(2), new Result.Subscribed(in)).text().orElseThrow();
    Map<String, Json> list =
        Json.parse(told).members().orElseThrow().get("client_list").members().orElseThrow();
    assertThat(list).hasSize(101).containsEntry("me", Json.string("Me"));
  }

  @Test
  void workerman_row_5_zero_is_an_id_nobody_is_told_twice_and_a_close_has_a_frame() {
    script.play("""
        tom connects /workerman
        tom → {"type":"login","client_name":"Tom","room_id":"0"}
        tom ⇐ {"type":"login","client_id":"<tom>"}
        tom → {"type":"login","client_name":"Tom","room_id":0}
        tom ⇐ {"type":"login","client_id":"<tom>"}
        tom → {"type":"say","to_client_id":"all","content":"once"}
        tom ⇐ {"type":"say","content":"once"}
        tom → {"type":"say","to_client_id":"all","content":"twice"}
        tom ⇐ {"type":"say","content":"twice"}
        """);
    ConnectionId tom = new ConnectionId(script.hole("tom"));
    assertThat(stage.chat().disconnect(Recipients.connections(Set.of(tom)), CloseReason.KICKED))
        .isEqualTo(1);
    script.play("tom ← closed 4403");
  }

  @Test
  void workerman_row_7_no_answer_has_the_secret_in_it() {
    script.play("""
        tom connects /workerman?token=hush-hush
        tom → {"type":"login","client_name":"Tom","room_id":2007}
        """);
    assertThat(script.next("tom")).contains("token_invalid").doesNotContain("hush");
  }

  @Test
  void workerman_row_7_no_refusal_has_the_right_signature_in_it() {
    PusherTest.connect(script, "tom");
    String right = PusherTest.auth("private-x", script.hole("tom"), Optional.empty());
    script.play("""
        tom → {"event":"pusher:subscribe","data":{"channel":"private-x","auth":"4a7d1ed4:0123456789abcdef"}}
        """);
    assertThat(script.next("tom"))
        .contains("pusher:error")
        .doesNotContain(right.substring(right.indexOf(':') + 1), "0123456789abcdef");
    script.fill("right", right);
    script.play("""
        tom → {"event":"pusher:subscribe","data":{"channel":"private-x","auth":"<right>"}}
        tom ⇐ {"event":"pusher_internal:subscription_succeeded","channel":"private-x"}
        """);
  }

  @Test
  void workerman_names_and_texts_are_escaped_once_and_lines_are_broken() {
    script.play("""
        tom connects /workerman
        tom → {"type":"login","client_name":"<b>Tom</b>","room_id":2008}
        tom ⇐ {"type":"login","client_id":"<tom>","client_name":"&lt;b&gt;Tom&lt;/b&gt;","client_list":{"<tom>":"&lt;b&gt;Tom&lt;/b&gt;"}}
        ann connects /workerman
        ann → {"type":"login","client_name":"Ann","room_id":2008}
        ann ⇐ {"type":"login","client_id":"<ann>"}
        tom ⇐ {"type":"login","client_name":"Ann"}
        tom → {"type":"say","to_client_id":"all","content":"<script>'x' & \\"y\\"\\nend"}
        ann ⇐ {"type":"say","from_client_name":"&lt;b&gt;Tom&lt;/b&gt;","content":"&lt;script&gt;&#039;x&#039; &amp; &quot;y&quot;<br />\\nend"}
        """);
    assertThat(log("room_2008").get(0).data().asString()).contains("<script>'x' & \"y\"\nend");
  }

  // Seed 002, the first chat on Swoole.

  @Test
  void seed_002_row_1_a_token_reaches_nobody_and_is_not_recorded() {
    script.play("""
        ann connects /swoole?token=token-ann&room_id=3001
        """);
    stage.awaitFollowers("room_3001", 1);
    script.play("""
        tom connects /swoole
        tom → {"token":"token-user1","name":"x","room_id":3001,"type":"text","content":"hi","more":"token-user1"}
        """);
    assertThat(script.next("ann")).contains("\"hi\"").doesNotContain("token");
    assertThat(script.next("tom")).contains("\"hi\"").doesNotContain("token");
    assertThat(log("room_3001").toString()).doesNotContain("token-user1");
  }

  @Test
  void seed_002_row_2_a_refusal_is_json_like_all_else() {
    script.play("""
        tom connects /swoole
        tom → {"name":"x","room_id":3002,"type":"text","content":"hi"}
        tom ⇐ {"type":"error","code":"not_authenticated"}
        tom → not json
        tom ⇐ {"type":"error","code":"bad_frame"}
        """);
  }

  @Test
  void seed_002_row_3_a_token_is_asked_for_once_a_connection() {
    script.play("tom connects /swoole");
    int before = ASKED.get();
    for (int i = 0; i < 5; i++) {
      script.play("""
          tom → {"token":"token-user1","room_id":3003,"type":"text","content":"hi"}
          tom ⇐ {"type":"text","content":"hi"}
          """);
    }
    assertThat(ASKED.get() - before).isEqualTo(1);
    script.play("""
        tom → {"token":"token-user2","room_id":3003,"type":"text","content":"hi"}
        tom ⇐ {"type":"error","code":"already_authenticated"}
        """);
  }

  @Test
  void seed_002_rows_4_and_5_a_room_is_a_room_and_what_is_shown_is_recorded() {
    script.play("""
        ann connects /swoole?token=token-ann&room_id=3004
        """);
    stage.awaitFollowers("room_3004", 1);
    script.play("""
        tom connects /swoole
        tom → {"token":"token-user1","room_id":3005,"type":"text","content":"elsewhere"}
        tom ⇐ {"room_id":3005,"content":"elsewhere"}
        tom → {"token":"token-user1","room_id":3004,"type":"text","content":"here"}
        ann ⇐ {"room_id":3004,"content":"here","id":"<id>"}
        """);
    assertThat(log("room_3004").get(0).id().value()).isEqualTo(script.hole("id"));
  }

  @Test
  void seed_002_row_8_who_is_cut_off_without_a_word_leaves_no_ghost() {
    // There the client had to say where it had been.
    workerman("ann", "Ann", 3008);
    workerman("tom", "Tom", 3008);
    script.play("""
        ann ⇐ {"type":"login","client_id":"<tom>"}
        """);
    script.client("tom").reset();
    script.play("""
        ann ← {"type":"logout","from_client_id":"<tom>","from_client_name":"Tom","time":"<*>"}
        """);
    UserId tom = UserId.of(script.hole("tom"));
    Wait.until(() -> !stage.chat().users().isOnline(tom));
    assertThat(stage.chat().channels().find(ChannelName.of("room_3008")).users())
        .isEqualTo(1);
    assertThat(stage.chat().channels().find(ChannelName.user(tom)).connections())
        .isZero();
  }

  @Test
  void seed_002_row_9_a_server_that_starts_or_ends_wipes_nothing_of_another() {
    MessageStore shared = InMemoryMessageStore.builder().build();
    MessageStore first = keptOpen(shared);
    try (Stage one = Stage.open(builder -> builder.store(first))) {
      script = new Script(one);
      workerman("tom", "Tom", 3009);
      for (int i = 0; i < 2; i++) {
        try (Stage another = Stage.open(builder -> builder.store(keptOpen(shared)))) {
          another.publish("room_3009", "\"from another\"");
        }
      }
      assertThat(one.chat().channels().find(ChannelName.of("room_3009")).users())
          .isEqualTo(1);
      script.play("""
          tom → {"type":"say","to_client_id":"all","content":"still here"}
          """);
      assertThat(List.of(script.next("tom"), script.next("tom"), script.next("tom"))
              .toString())
          .contains("from another", "still here");
      script.close();
    }
    shared.close();
  }

  private static MessageStore keptOpen(MessageStore store) {
    return new StoreWrapper(store) {
      @Override
      public void close() {}
    };
  }

  @Test
  void seed_002_row_11_what_is_unread_is_a_difference_of_numbers() {
    // There everybody's counter was written for each message, also of who was reading it, and the
    // sender's own was made in the place of the recipient's.
    v1("ann", "ann");
    v1("tom", "user1");
    script.play("""
        ann → {"op":"subscribe","args":["room_3011"]}
        ann ⇐ {"op":"subscribe","success":true}
        tom → {"op":"subscribe","args":["room_3011"]}
        tom ⇐ {"op":"subscribe","success":true}
        tom → {"op":"publish","args":["room_3011",1]}
        tom ⇐ {"event":"subscribe","seq":1,"id":"<seen>"}
        """);
    script.play("ann ⇐ {\"event\":\"subscribe\",\"seq\":1}\nann closes");
    stage.awaitFollowers("room_3011", 1);
    for (int i = 2; i <= 4; i++) {
      script.client("tom").sendText("{\"op\":\"publish\",\"args\":[\"room_3011\"," + i + "]}");
    }
    Wait.until(() -> log("room_3011").size() == 4);
    v1("ann", "ann");
    script
        .client("ann")
        .sendText("{\"op\":\"subscribe\",\"args\":[\"room_3011\",{\"since\":{\"room_3011\":\"1."
            + script.hole("seen") + "\"}}]}");
    // Head 4, seen 1: three. The log has the messages and nothing else.
    assertThat(script.next("ann")).contains("\"head\":4");
    assertThat(log("room_3011")).hasSize(4);
  }

  @Test
  void seed_002_row_15_a_page_of_another_site_does_not_get_in_and_every_end_is_told() {
    // There the answer of the route's middleware was not looked at.
    assertThatThrownBy(() -> stage.connectFrom("https://elsewhere.example", "/listed"))
        .isInstanceOfSatisfying(
            RawWebSocket.HandshakeRefusedException.class,
            refused -> assertThat(refused.status()).isEqualTo(403));
    stage.connectFrom("https://chat.example", "/listed").close();
    for (String path : List.of("/swoole", "/chat", "/workerman")) {
      try (RawWebSocket page = stage.connectFrom("https://elsewhere.example", path)) {
        assertThat(page.read(Duration.ofSeconds(20)))
            .isEqualTo(new Received.Closed(1008, "origin not allowed"));
      }
    }
    script.play("""
        tom connects /swoole?token=token-user1&room_id=3015
        ann connects /workerman
        ann → {"type":"login","client_name":"Ann","room_id":3015}
        ann ⇐ {"type":"login"}
        bob connects /quick
        eve connects /swoole
        """);
    stage.awaitFollowers("room_3015", 2);
    Set<ConnectionId> mine =
        Set.copyOf(stage.chat().connections().list(Optional.empty(), 1_000).items().stream()
            .map(SessionInfo::connection)
            .toList());
    assertThat(mine).hasSizeGreaterThanOrEqualTo(4);
    Wait.until(() -> OPEN.containsAll(mine));
    script.client("tom").reset();
    script.client("bob").close(1000, "done");
    assertThat(stage.chat().disconnect(Recipients.connections(mine), CloseReason.KICKED))
        .isPositive();
    script.close();
    Wait.until(() -> mine.stream().noneMatch(OPEN::contains));
  }

  @Test
  void seed_002_row_10_silence_is_longer_than_the_heartbeat() {
    assertThatThrownBy(() -> new Dialect.Heartbeat(Duration.ofSeconds(60), Duration.ofSeconds(60)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void seed_002_row_12_history_begins_with_the_newest() {
    for (int i = 0; i < 30; i++) {
      stage.chat().publish(ChannelName.of("room_3012"), Json.parse(Integer.toString(i)));
    }
    v1("ann", "ann");
    script.play("""
        ann → {"op":"history","args":["room_3012",{"limit":2}]}
        """);
    assertThat(script.next("ann")).contains("\"data\":28}", "\"data\":29}", "\"more\":true");
  }

  @Test
  void seed_002_row_13_name_and_time_are_the_servers() {
    script.play("""
        tom connects /swoole
        tom → {"token":"token-user1","name":"boss","username":"boss","from":"boss","time":1,"room_id":3013,"type":"text","content":"hi"}
        """);
    Map<String, Json> told = Json.parse(script.next("tom")).members().orElseThrow();
    assertThat(told.get("name")).isEqualTo(Json.string("user1"));
    assertThat(told).doesNotContainKeys("username", "from");
    assertThat(Long.parseLong(told.get("time").text())).isGreaterThan(1_600_000_000_000L);
  }

  @Test
  void seed_002_row_14_an_image_is_an_address() {
    script.play("""
        tom connects /swoole
        tom → {"token":"token-user1","room_id":3014,"type":"image","image":"data:image/png;base64,AAAA"}
        tom ⇐ {"type":"error","code":"bad_args"}
        tom → {"token":"token-user1","room_id":3014,"type":"image","image":"javascript:alert(1)"}
        tom ⇐ {"type":"error","code":"bad_args"}
        tom → {"token":"token-user1","room_id":3014,"type":"image","image":"https://example.org/a.png"}
        tom ⇐ {"type":"image","image":"https://example.org/a.png","name":"user1"}
        """);
  }

  // Seed 003.

  @Test
  void seed_003_rows_1_and_2_what_is_forwarded_bears_the_servers_stamp() {
    script.play("""
        ann connects /forward?token=token-ann
        tom connects /forward?token=token-user1
        """);
    stage.awaitFollowers("user_10001", 1);
    stage.awaitFollowers("user_1", 1);
    script.play("""
        tom → {"uid":"10001","text":"hi","token":"token-user1","from":{"id":"boss"},"at":1}
        """);
    String told = script.next("ann");
    assertThat(told)
        .startsWith(
            "{\"uid\":\"10001\",\"text\":\"hi\",\"from\":{\"id\":\"1\",\"name\":\"user1\"},\"at\":1")
        .doesNotContain("token", "boss");
    script.play("""
        eve connects /forward
        eve → {"uid":"10001","text":"hi"}
        eve ⇐ {"error":"No access","code":"not_authenticated"}
        """);
  }

  @Test
  void seed_003_rows_3_and_6_who_was_away_reads_on_from_a_position() {
    script.play("""
        tom connects /forward?token=token-user1
        """);
    stage.awaitFollowers("user_1", 1);
    script.play("""
        tom → {"uid":10002,"n":1}
        tom → {"uid":10002,"n":2}
        tom → {"uid":""}
        tom ⇐ {"code":"bad_args"}
        """);
    Wait.until(() -> log("user_10002").stream()
            .filter(entry -> entry.data().text().contains("\"n\":2"))
            .count()
        == 1);
    v1("bob", "bob");
    script.play("""
        bob → {"op":"history","args":["@user",{"limit":2}]}
        """);
    assertThat(script.next("bob")).contains("\"n\":1}", "\"n\":2}");
  }

  @Test
  void seed_003_row_5_many_threads_may_write_to_one_connection() throws Exception {
    // A session of Spring's or a socket of PHP's that two threads write to mixes their frames.
    v1("tom", "user1");
    script.play("""
        tom → {"op":"subscribe","args":["room_4005"]}
        tom ⇐ {"op":"subscribe","success":true}
        """);
    int threads = 6;
    int each = 50;
    List<Thread> all = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      String start = "{\"t\":" + t + ",\"text\":\"" + "x".repeat(200) + "\",\"n\":";
      Thread thread = new Thread(() -> {
        for (int n = 0; n < each; n++) {
          stage.publish("room_4005", start + n + "}");
          stage.chat().signal(ChannelName.of("room_4005"), Json.parse(start + n + "}"));
        }
      });
      thread.start();
      all.add(thread);
    }
    Map<String, Long> last = new LinkedHashMap<>();
    for (long seq = 1; seq <= (long) threads * each; ) {
      // Whatever is not whole is no JSON.
      Map<String, Json> told = Json.parse(script.next("tom")).members().orElseThrow();
      if (told.get("event").equals(Json.string("signal"))) {
        continue;
      }
      assertThat(told.get("seq").text()).isEqualTo(Long.toString(seq++));
      Map<String, Json> data = told.get("data").members().orElseThrow();
      long n = Long.parseLong(data.get("n").text());
      assertThat(n).isEqualTo(last.getOrDefault(data.get("t").text(), -1L) + 1);
      last.put(data.get("t").text(), n);
    }
    for (Thread thread : all) {
      thread.join();
    }
  }

  @Test
  void seed_003_row_7_a_store_that_takes_its_time_holds_up_no_socket() {
    CountDownLatch done = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    MessageStore slow = new StoreWrapper(InMemoryMessageStore.builder().build()) {
      @Override
      public Appended append(Append append) {
        begun.countDown();
        try {
          done.await();
        } catch (InterruptedException stopped) {
          Thread.currentThread().interrupt();
        }
        return super.append(append);
      }
    };
    try (Stage other = Stage.open(builder -> builder.store(slow))) {
      script = new Script(other);
      plain("tom", "user1");
      script.play("""
          tom → {"op":"subscribe","args":["room_4007"]}
          tom ⇐ {"op":"subscribe","success":true}
          tom → {"op":"sendtoroom","args":["room_4007","hi"]}
          """);
      Wait.until(() -> begun.getCount() == 0);
      script.play("""
          tom → {"op":"ping"}
          tom ← {"op":"pong"}
          """);
      plain("ann", "ann");
      script.play("""
          ann → {"op":"subscribe","args":["room_4007"]}
          ann ⇐ {"op":"subscribe","success":true}
          ann → {"op":"signal","args":["room_4007","typing"]}
          ann ⇐ {"op":"signal","success":true}
          tom ⇐ {"event":"signal","data":"typing"}
          """);
      done.countDown();
      script.play("""
          tom ⇐ {"event":"subscribe","data":"hi"}
          tom ⇐ {"op":"sendtoroom","success":true}
          """);
      script.close();
    } finally {
      done.countDown();
    }
  }

  // What connections keep between two frames.

  private static Conversation talk(Dialect dialect) {
    return dialect.open(
        new Dialect.Opening(new ConnectionId("me"), Handshake.of("/", Optional.empty())));
  }

  /** The one connection that follows this; it is told so a moment before others can see it. */
  private static ConnectionId follower(String channel) {
    stage.awaitFollowers(channel, 1);
    return stage
        .chat()
        .channels()
        .connections(ChannelName.of(channel), Optional.empty(), 1)
        .items()
        .get(0)
        .connection();
  }

  @Test
  void swoole_a_refused_token_says_nothing_however_fast_its_frames_come() {
    script.play("""
        tom connects /swoole
        tom → {"token":"token-user1","room_id":3101,"type":"text","content":"one"}
        tom ⇐ {"type":"text","content":"one"}
        tom → {"token":"token-user2","room_id":3101,"type":"text","content":"two"}
        tom → {"token":"token-user2","room_id":3101,"type":"text","content":"three"}
        tom → {"token":"token-user1","room_id":3101,"type":"text","content":"four"}
        tom ⇐ {"type":"error","code":"already_authenticated"}
        tom ⇐ {"type":"error","code":"already_authenticated"}
        tom ⇐ {"type":"text","content":"four","name":"user1"}
        """);
    assertThat(log("room_3101")).hasSize(2);
  }

  @Test
  void swoole_every_frame_logs_in_until_a_login_is_answered() {
    Conversation talk = talk(new SwooleChat());
    List<Decoded.Chain> logins = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      logins.add(swoole(talk, "t"));
    }
    assertThat(logins).allMatch(FaultsTest::logsIn);
    loggedIn(talk, logins.get(0));
    // There are more, and nobody knows what comes of them.
    logins.add(swoole(talk, "t"));
    assertThat(logsIn(logins.get(3))).isTrue();
    logins.subList(1, 4).forEach(login -> loggedIn(talk, login));
    assertThat(logsIn(swoole(talk, "t"))).isFalse();
    // The same token, behind another one that may make somebody else of it.
    assertThat(logsIn(swoole(talk, "other"))).isTrue();
    assertThat(logsIn(swoole(talk, "t"))).isTrue();
  }

  private static Decoded.Chain swoole(Conversation talk, String token) {
    return (Decoded.Chain)
        talk.decode("{\"token\":\"" + token + "\",\"type\":\"text\",\"content\":\"hi\"}")
            .get(0);
  }

  private static boolean logsIn(Decoded.Chain chain) {
    return chain.links().get(0).command() instanceof Command.Authenticate;
  }

  private static void loggedIn(Conversation talk, Decoded.Chain chain) {
    talk.answer(
        chain.links().get(0),
        new Result.LoggedIn(new UserRef(new UserId("1"), "user1"), Optional.empty()));
  }

  @Test
  void swoole_who_the_host_logged_out_or_unsubscribed_comes_back_with_a_token() {
    script.play("""
        tom connects /swoole
        tom → {"token":"token-bob","room_id":3102,"type":"text","content":"one"}
        tom ⇐ {"type":"text","content":"one"}
        """);
    ConnectionId tom = follower("room_3102");
    stage.chat().connections().unsubscribe(tom, ChannelName.of("room_3102"));
    script.play("""
        tom → {"token":"token-bob","room_id":3102,"type":"text","content":"two"}
        tom ⇐ {"type":"text","content":"two"}
        """);
    assertThat(stage.chat().connections().logout(tom)).isTrue();
    script.play("""
        tom → {"token":"token-bob","room_id":3102,"type":"text","content":"three"}
        tom ⇐ {"type":"error","code":"not_authenticated"}
        tom → {"token":"token-bob","room_id":3102,"type":"text","content":"four"}
        tom ⇐ {"type":"text","content":"four"}
        """);
  }

  @Test
  void ids_are_escaped_for_pages_as_names_are() {
    UserRef user = new UserRef(new UserId("\"'<b>"), "Tom");
    ChannelName room = ChannelName.of("room_1");
    WorkermanChat dialect = new WorkermanChat();
    String safe = "&quot;&#039;&lt;b&gt;";
    assertThat(dialect.encode(new Event.Joined(room, user, Instant.EPOCH)).orElseThrow())
        .contains("\"client_id\":\"" + safe + "\"");
    assertThat(dialect.encode(new Event.Left(room, user, Instant.EPOCH)).orElseThrow())
        .contains("\"from_client_id\":\"" + safe + "\"");
    assertThat(dialect
            .encode(new Event.Unlogged(
                ChannelName.user(user.id()), Optional.of(user), Instant.EPOCH, Json.string("hi")))
            .orElseThrow())
        .contains("\"from_client_id\":\"" + safe + "\"", "\"to_client_id\":\"" + safe + "\"");
  }

  @Test
  void a_refused_login_leaves_the_page_where_it_was() {
    Conversation talk = talk(new WorkermanChat());
    Decoded.Chain first = workermanLogin(talk, 1);
    done(talk, first);
    Decoded.Chain refused = workermanLogin(talk, 2);
    talk.answer(refused.links().get(0), new Result.Refused(Refusal.of(ErrorCode.RATE_LIMITED)));
    Decoded.Deferred say = (Decoded.Deferred)
        talk.decode("{\"type\":\"say\",\"to_client_id\":\"all\",\"content\":\"hi\"}")
            .get(0);
    assertThat(((Decoded.Request) say.when().apply(Optional.empty())).command())
        .isEqualTo(new Command.Send(ChannelName.of("room_1"), Json.string("hi"), Optional.empty()));
    assertThat(workermanLogin(talk, 3).links())
        .extracting(Decoded.Request::command)
        .contains(new Command.Unsubscribe(List.of(ChannelName.of("room_1"))));
  }

  private static Decoded.Chain workermanLogin(Conversation talk, int room) {
    Decoded.Deferred login = (Decoded.Deferred)
        talk.decode("{\"type\":\"login\",\"client_name\":\"Me\",\"room_id\":" + room + "}")
            .get(0);
    return (Decoded.Chain) login.when().apply(Optional.empty());
  }

  private static void done(Conversation talk, Decoded.Chain chain) {
    for (Decoded.Request link : chain.links()) {
      talk.answer(
          link,
          link.command() instanceof Command.Subscribe
              ? new Result.Subscribed(Map.of())
              : new Result.Done());
    }
  }

  @Test
  void rooms_that_are_asked_for_at_once_are_entered_one_after_the_other() {
    script.play("""
        tom connects /workerman
        tom → {"type":"login","client_name":"Tom","room_id":3103}
        tom → {"type":"login","client_name":"Tom","room_id":3104}
        tom → {"type":"say","to_client_id":"all","content":"here"}
        tom ⇐ {"type":"login"}
        tom ⇐ {"type":"login"}
        tom ⇐ {"type":"say","content":"here"}
        ann connects /quick
        ann → {"op":"join","room_id":3105}
        ann → {"op":"join","room_id":3106}
        ann → {"op":"send","msg":"hi"}
        ann ⇐ {"status":"success"}
        ann ⇐ {"status":"success"}
        ann ⇐ {"status":"success"}
        ann ⇐ {"msg":"hi"}
        """);
    assertThat(log("room_3104")).hasSize(1);
    assertThat(log("room_3106")).hasSize(1);
    stage.awaitFollowers("room_3103", 0);
    stage.awaitFollowers("room_3105", 0);
  }

  @Test
  void a_workerman_page_that_the_host_logged_out_opens_another_socket() {
    script.play("""
        tom connects /workerman?token=token-user2
        tom → {"type":"login","room_id":3107}
        tom ⇐ {"type":"login","client_id":"2"}
        """);
    assertThat(stage.chat().connections().logout(follower("room_3107"))).isTrue();
    script.play("""
        tom → {"type":"say","to_client_id":"all","content":"lost"}
        tom ⇐ {"type":"error","code":"not_authenticated"}
        tom → {"type":"login","room_id":3107}
        tom ⇐ {"type":"error","code":"not_authenticated"}
        tom ← closed 4102
        """);
  }

  @Test
  void a_quick_start_guest_that_the_host_logged_out_is_a_guest_again_with_the_next_join() {
    // It was nobody for ever, and closed with 4102.
    script.play("""
        tom connects /quick
        tom → {"op":"join","room_id":3108}
        tom ← {"status":"success"}
        tom → {"op":"send","msg":"one"}
        tom ← {"status":"success"}
        tom ← {"client_id":"<tom>","msg":"one"}
        """);
    ConnectionId tom = follower("room_3108");
    assertThat(stage.chat().connections().logout(tom)).isTrue();
    script.play("""
        tom → {"op":"send","msg":"lost"}
        tom ⇐ {"status":"error","code":"not_authenticated"}
        tom → {"op":"join","room_id":3109}
        tom ← {"status":"success"}
        tom → {"op":"send","msg":"two"}
        tom ← {"status":"success"}
        tom ← {"client_id":"<tom>","msg":"two"}
        """);
    // Whom the host has made of it meanwhile it stays.
    assertThat(stage.chat().connections().logout(tom)).isTrue();
    assertThat(stage.chat().connections().login(tom, Identity.of("3109", "Tom")))
        .isTrue();
    script.play("""
        tom → {"op":"join","room_id":3110}
        tom ← {"status":"success"}
        tom → {"op":"send","msg":"three"}
        tom ← {"status":"success"}
        tom ← {"client_id":"3109","msg":"three"}
        """);
    assertThat(log("room_3108")).hasSize(1);
  }

  @Test
  void a_workerman_guest_whom_the_host_has_bound_stays_that_user_in_the_next_room() {
    // The next login was refused, and the page went on under the id it had before.
    workerman("tom", "Tom", 3111);
    ConnectionId tom = new ConnectionId(script.hole("tom"));
    assertThat(stage.chat().connections().login(tom, Identity.of("3111", "Tim")))
        .isTrue();
    script.play("""
        tom → {"type":"login","client_name":"Tom","room_id":3112}
        tom ← {"type":"login","client_id":"3111","client_name":"Tim","time":"<*>","client_list":{"3111":"Tim"}}
        tom → {"type":"say","to_client_id":"10001","to_client_name":"Ann","content":"psst"}
        tom ⇐ {"type":"say","from_client_id":"3111","from_client_name":"Tim","to_client_id":"10001"}
        """);
  }

  @Test
  void a_workerman_guest_may_change_its_name() {
    script.play("""
        tom connects /workerman
        tom → {"type":"login","client_name":"Tom","room_id":3113}
        tom ⇐ {"type":"login","client_id":"<tom>","client_name":"Tom"}
        tom → {"type":"login","client_name":"Tim","room_id":3114}
        tom ⇐ {"type":"login","client_id":"<tom>","client_name":"Tim"}
        """);
  }

  @Test
  void a_token_of_the_query_is_given_away_once() {
    Handshake shows = new Handshake(
        "/",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of("token", List.of("hush")),
        Map.of(),
        Map.of());
    for (Dialect dialect :
        List.of(new QuickStart(), new GatewayPush(), new UidForwarding(), new SwooleChat())) {
      Conversation talk = dialect.open(new Dialect.Opening(new ConnectionId("me"), shows));
      assertThat(talk.opened()).isNotEmpty();
      assertThat(talk.opened()).isEmpty();
    }
  }

  @Test
  void message_centre_a_stream_of_ones_own_that_no_name_fits_is_refused() {
    Decoded.Deferred own = (Decoded.Deferred) talk(Stage.CENTRE)
        .decode("{\"op\":\"subscribe\",\"channel\":\"@balance\"}")
        .get(0);
    Decoded asked = own.when().apply(Optional.of(Identity.of("x".repeat(123), "Long")));
    assertThat(asked).isInstanceOf(Decoded.Malformed.class);
    assertThat(((Decoded.Malformed) asked).refusal().code()).isEqualTo(ErrorCode.BAD_ARGS);
  }

  @Test
  void message_centre_a_login_keeps_what_was_followed_and_not_what_was_refused() {
    Optional<Identity> guest = Optional.of(Identity.of("me", "me").withRoles(Set.of(Guests.ROLE)));
    Conversation talk = talk(Stage.CENTRE);
    talk.answer(
        talk.decode("{\"op\":\"subscribe\",\"channel\":\"7@video\"}").get(0),
        new Result.Subscribed(Map.of()));
    talk.answer(
        talk.decode("{\"op\":\"subscribe\",\"channel\":\"8@video\"}").get(0),
        new Result.Refused(Refusal.of(ErrorCode.UNAVAILABLE)));
    List<Decoded> login = talk.decode("{\"op\":\"auth\",\"token\":\"t\"}");
    assertThat(turned(login.get(0), guest)).isEqualTo(new Command.Logout());
    assertThat(turned(login.get(2), Optional.of(Identity.of("1", "user1"))))
        .isEqualTo(Requests.subscribe(ChannelName.of("video_7")));
  }

  @Test
  void message_centre_a_login_of_whom_the_host_logged_in_is_no_logout() {
    Optional<Identity> member = Optional.of(Identity.of("1", "user1"));
    List<Decoded> login = talk(Stage.CENTRE).decode("{\"op\":\"auth\",\"token\":\"t\"}");
    assertThat(turned(login.get(0), member)).isEqualTo(new Command.Ping());
    assertThat(turned(login.get(2), member)).isEqualTo(new Command.Ping());
  }

  private static Command turned(Decoded asked, Optional<Identity> who) {
    return ((Decoded.Request) ((Decoded.Deferred) asked).when().apply(who)).command();
  }

  /** What other systems answer with one of several: nothing of it is told twice, in an event or an answer. */
  @Test
  void events_that_users_only_signal_are_not_shown_to_pages_that_know_none() {
    for (Dialect dialect : List.of(
        new WorkermanChat(),
        new GatewayPush(),
        new QuickStart(),
        Stage.CENTRE,
        new UidForwarding(),
        new SwooleChat())) {
      assertThat(dialect.encode(new Event.Signalled(
              ChannelName.of("room_1"),
              Optional.of(new UserRef(new UserId("1"), "tom")),
              1,
              Json.string("typing"))))
          .isEmpty();
    }
  }
}
