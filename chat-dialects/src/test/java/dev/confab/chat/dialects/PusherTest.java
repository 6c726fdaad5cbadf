package dev.confab.chat.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserId;
import dev.confab.chat.spi.Guests;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who gets in by which signature, and what it is good for, on real sockets. */
final class PusherTest extends StagedTest {
  @BeforeAll
  static void open() {
    stage = Stage.open();
  }

  /** What the application answers its page's question for a signature, made as Pusher's own documents say. */
  static String auth(String channel, String socketId, Optional<String> channelData) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(
          new SecretKeySpec(Stage.PUSHER_SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      String text =
          socketId + ":" + channel + channelData.map(data -> ":" + data).orElse("");
      return "4a7d1ed4:"
          + HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String subscribe(String channel, String socketId) {
    return "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel + "\",\"auth\":\""
        + auth(channel, socketId, Optional.empty()) + "\"}}";
  }

  static String subscribe(String channel, String socketId, String channelData) {
    return "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel + "\",\"auth\":\""
        + auth(channel, socketId, Optional.of(channelData)) + "\",\"channel_data\":"
        + Json.string(channelData).text() + "}}";
  }

  /** Connects these; the hole of each one's name is its socket id. */
  static void connect(Script script, String... names) {
    script.fill("app", Stage.PUSHER.path());
    for (String name : names) {
      greeted(script, name, "<app>");
    }
  }

  private static void greeted(Script script, String name, String path) {
    script.play(name + " connects " + path);
    Json greeting = Json.parse(script.next(name));
    Json data =
        Json.parse(greeting.members().orElseThrow().get("data").asString().orElseThrow());
    script.fill(name, data.members().orElseThrow().get("socket_id").asString().orElseThrow());
  }

  static void subscribe(Script script, String name, String channel) {
    script.client(name).sendText(subscribe(channel, script.hole(name)));
  }

  static void subscribe(Script script, String name, String channel, String channelData) {
    script.client(name).sendText(subscribe(channel, script.hole(name), channelData));
  }

  private static ChannelName channel(String name) {
    return ChannelName.of(name);
  }

  @Test
  void a_signature_is_good_for_its_socket_channel_and_user_alone() {
    connect(script, "tom", "eve");
    String tom = script.hole("tom");
    for (String frame : List.of(
        // Another's; another channel's; without a user, or for another; none; of another app.
        subscribe("private-3001", tom),
        subscribe("private-3001", script.hole("eve")).replace("private-3001", "private-3002"),
        subscribe("presence-3001", script.hole("eve")),
        subscribe("presence-3001", script.hole("eve"), "{\"user_id\":\"1\"}")
            .replace("\\\"1\\\"", "\\\"2\\\""),
        "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-3001\"}}",
        subscribe("private-3001", script.hole("eve")).replace("4a7d1ed4", "soon"))) {
      script.client("eve").sendText(frame);
      script.play("eve ⇐ {\"event\":\"pusher:error\"}");
    }
    // A channel that is named like another with its user is none.
    script.client("eve").sendText(subscribe("presence-3001:x", script.hole("eve"), "{}"));
    script.play("eve ⇐ {\"event\":\"pusher:error\"}");
    assertThat(stage.chat().channels().find(channel("private-3001")).connections())
        .isZero();
    subscribe(script, "eve", "private-3001");
    script.play("eve ⇐ {\"event\":\"pusher_internal:subscription_succeeded\"}");
  }

  @Test
  void clients_of_other_protocols_read_such_channels_only_while_a_signature_stands() {
    script.play("""
        page connects /chat chat.v1
        page ⇐ {"event":"welcome"}
        page → {"op":"auth","token":"token-ann"}
        page ⇐ {"op":"auth","success":true}
        page → {"op":"subscribe","args":["presence-3011"]}
        page ⇐ {"op":"subscribe","code":"denied"}
        page → {"op":"history","args":["presence-3011"]}
        page ⇐ {"op":"history","code":"denied"}
        page → {"op":"publish","args":["presence-3011","hi"]}
        page ⇐ {"op":"publish","code":"denied"}
        """);
    connect(script, "ann");
    subscribe(script, "ann", "presence-3011", "{\"user_id\":\"10001\"}");
    script.play("""
        ann ⇐ {"event":"pusher_internal:subscription_succeeded"}
        page → {"op":"history","args":["presence-3011"]}
        page ⇐ {"op":"history","success":true}
        page → {"op":"history","args":["presence-3012"]}
        page ⇐ {"op":"history","code":"denied"}
        ann closes
        """);
    Wait.until(() -> !Stage.PUSHER.letsIn(UserId.of("10001"), channel("presence-3011")));
    script.play("""
        page → {"op":"history","args":["presence-3011"]}
        page ⇐ {"op":"history","code":"denied"}
        """);
  }

  @Test
  void a_signature_is_spent_with_the_subscription() {
    connect(script, "ann");
    subscribe(script, "ann", "presence-3021", "{\"user_id\":\"10002\"}");
    script.play("""
        ann ⇐ {"event":"pusher_internal:subscription_succeeded"}
        ann → {"event":"pusher:unsubscribe","data":{"channel":"presence-3021"}}
        """);
    Wait.until(() -> !Stage.PUSHER.letsIn(UserId.of("10002"), channel("presence-3021")));
  }

  @Test
  void who_joins_a_presence_channel_stays_where_it_was() {
    connect(script, "tom");
    script.play("""
        tom → {"event":"pusher:subscribe","data":{"channel":"room_3031"}}
        tom ⇐ {"event":"pusher_internal:subscription_succeeded","channel":"room_3031"}
        """);
    subscribe(script, "tom", "private-3031");
    script.play("tom ⇐ {\"event\":\"pusher_internal:subscription_succeeded\"}");
    subscribe(
        script, "tom", "presence-3031", "{\"user_id\":3031,\"user_info\":{\"name\":\"Tom\"}}");
    script.play("""
        tom ⇐ {"event":"pusher_internal:subscription_succeeded","channel":"presence-3031"}
        host → room_3031 1
        tom ← {"event":"message","data":"1","channel":"room_3031"}
        host → private-3031 2
        tom ← {"event":"message","data":"2","channel":"private-3031"}
        """);
    assertThat(stage.chat().users().sessions(UserId.of("3031")))
        .singleElement()
        .satisfies(session -> assertThat(session.identity()).hasValueSatisfying(who -> {
          assertThat(who.name()).isEqualTo("Tom");
          assertThat(who.roles()).containsExactly(Pusher.ROLE);
        }));
    // It is one user, whatever else is signed.
    subscribe(script, "tom", "presence-3032", "{\"user_id\":3032}");
    script.play("tom ← {\"event\":\"pusher:error\",\"data\":{\"code\":null,"
        + "\"message\":\"Already logged in as another user\"}}");
  }

  @Test
  void two_pages_of_a_user_are_one_member_with_what_was_signed() {
    connect(script, "tom", "one", "two");
    String ann = "{\"user_id\":\"a1\",\"user_info\":{\"name\":\"Ann\",\"face\":\"/a.png\"}}";
    subscribe(script, "tom", "presence-3041", "{\"user_id\":\"t1\"}");
    script.play("tom ⇐ {\"event\":\"pusher_internal:subscription_succeeded\"}");
    subscribe(script, "one", "presence-3041", ann);
    script.play("one ⇐ {\"event\":\"pusher_internal:subscription_succeeded\"}");
    subscribe(script, "two", "presence-3041", ann);
    script.play("""
        two ← {"event":"pusher_internal:subscription_succeeded","data":"{\\"presence\\":{\\"count\\":2,\\"ids\\":[\\"a1\\",\\"t1\\"],\\"hash\\":{\\"a1\\":{\\"name\\":\\"Ann\\",\\"face\\":\\"/a.png\\"},\\"t1\\":{}}}}","channel":"presence-3041"}
        tom ← {"event":"pusher_internal:member_added","data":"{\\"user_id\\":\\"a1\\",\\"user_info\\":{\\"name\\":\\"Ann\\",\\"face\\":\\"/a.png\\"}}","channel":"presence-3041"}
        one closes
        two → {"event":"client-typing","data":null,"channel":"presence-3041"}
        tom ← {"event":"client-typing","data":"null","channel":"presence-3041","user_id":"a1"}
        two closes
        tom ← {"event":"pusher_internal:member_removed","data":"{\\"user_id\\":\\"a1\\"}","channel":"presence-3041"}
        """);
  }

  @Test
  void client_events_are_for_signed_channels_one_is_in_and_not_for_who_sends_them() {
    connect(script, "tom", "ann");
    subscribe(script, "ann", "private-3051");
    script.play("""
        ann ⇐ {"event":"pusher_internal:subscription_succeeded"}
        tom → {"event":"client-typing","data":1,"channel":"private-3051"}
        tom ⇐ {"event":"pusher:error"}
        tom → {"event":"pusher:subscribe","data":{"channel":"user-3051"}}
        tom ⇐ {"event":"pusher_internal:subscription_succeeded"}
        tom → {"event":"client-typing","data":1,"channel":"user-3051"}
        tom ⇐ {"event":"pusher:error"}
        """);
    subscribe(script, "tom", "private-3051");
    script.play("""
        tom ⇐ {"event":"pusher_internal:subscription_succeeded"}
        tom → {"event":"client-typing","data":2,"channel":"private-3051"}
        ann ← {"event":"client-typing","data":"2","channel":"private-3051"}
        host → private-3051 "end"
        tom ← {"event":"message","data":"\\"end\\"","channel":"private-3051"}
        ann ← {"event":"message","data":"\\"end\\"","channel":"private-3051"}
        """);
  }

  @Test
  void users_of_other_protocols_are_heard_and_seen_by_name() {
    connect(script, "tom");
    script.play("""
        tom → {"event":"pusher:subscribe","data":{"channel":"room_3061"}}
        tom ⇐ {"event":"pusher_internal:subscription_succeeded"}
        ann connects /chat chat.v1
        ann ⇐ {"event":"welcome"}
        ann → {"op":"auth","token":"token-ann"}
        ann ⇐ {"op":"auth","success":true}
        ann → {"op":"publish","args":["room_3061",{"event":"moved","data":1}]}
        tom ⇐ {"event":"message","data":"{\\"event\\":\\"moved\\",\\"data\\":1}","channel":"room_3061","from":{"id":"10001","name":"ann"}}
        """);
  }

  @Test
  void a_guest_whom_the_host_has_logged_in_has_shown_nothing_yet() {
    connect(script, "tom");
    subscribe(script, "tom", "private-3071");
    script.play("tom ⇐ {\"event\":\"pusher_internal:subscription_succeeded\"}");
    ConnectionId tom = stage.chat().connections().list(Optional.empty(), 100).items().stream()
        .filter(session ->
            session.identity().filter(who -> who.hasRole(Guests.ROLE)).isPresent())
        .filter(session ->
            Stage.PUSHER.letsIn(session.identity().orElseThrow().id(), channel("private-3071")))
        .map(session -> session.connection())
        .findFirst()
        .orElseThrow();
    assertThat(stage.chat().connections().login(tom, Identity.of("3071", "Tim")))
        .isTrue();
    script.play("""
        tom → {"event":"client-typing","data":1,"channel":"private-3071"}
        tom ⇐ {"event":"pusher:error"}
        """);
    assertThat(Stage.PUSHER.letsIn(UserId.of("3071"), channel("private-3071"))).isFalse();
    assertThat(Stage.PUSHER.letsIn(UserId.of(tom.value()), channel("private-3071")))
        .isFalse();
    subscribe(script, "tom", "private-3071");
    script.play("tom ⇐ {\"event\":\"pusher_internal:subscription_succeeded\"}");
    assertThat(Stage.PUSHER.letsIn(UserId.of("3071"), channel("private-3071"))).isTrue();
  }

  @Test
  void without_its_authenticator_who_is_signed_is_not_let_in() {
    try (Stage other =
            Stage.open(builder -> builder.authenticator(Guests.beside(Stage.members())));
        Script page = new Script(other)) {
      connect(page, "tom");
      subscribe(page, "tom", "presence-3081", "{\"user_id\":1}");
      page.play("""
          tom ⇐ {"event":"pusher:error"}
          tom ← closed 4009
          """);
    }
  }

  @Test
  void the_secret_is_shown_nowhere_and_no_short_one_is_taken() {
    assertThat(Stage.PUSHER.toString()).isEqualTo("Pusher[/app/4a7d1ed4]");
    assertThat(new AppSecret("key", Stage.PUSHER_SECRET).toString()).isEqualTo("AppSecret[key, …]");
    assertThatThrownBy(() -> new Pusher("key", "too short"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("too short");
    assertThatThrownBy(() -> new Pusher("a/b", Stage.PUSHER_SECRET))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining(Stage.PUSHER_SECRET);
  }
}
