package dev.confab.chat.examples.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.testkit.RawWebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What no well-behaved client sends gets the documented answer or end, and the server serves on. */
@ExtendWith(LeavesNoThread.class)
final class HostileInputJourneyTest {
  private static final int MAX_FRAME_BYTES = 64 * 1024;

  @TempDir
  Path folder;

  private Venue venue;
  private Visitor bystander;
  private Visitor neighbour;

  @BeforeEach
  void open() {
    venue = Venue.open(builder ->
        builder.limits(Limits.builder().loginWithin(Duration.ofSeconds(2)).build()));
    bystander = venue.v1("user8");
    neighbour = venue.plain("user9");
    neighbour.good("subscribe", "\"room_steady\"");
  }

  /** Whatever happened, those who were there are still served, and so are those who come. */
  @AfterEach
  void servesOn() {
    try (Venue open = venue;
        Visitor one = bystander;
        Visitor other = neighbour) {
      one.good("sendtoroom", "\"room_steady\",\"still here\"");
      assertThat(other.text()).isEqualTo("still here");
      try (Visitor late = open.v1("user7")) {
        late.good("sendtoroom", "\"room_steady\",\"me too\"");
      }
      assertThat(other.text()).isEqualTo("me too");
      assertThat(open.chat().counters().refused()).doesNotContainKey(ErrorCode.INTERNAL);
      one.cut();
      other.cut();
      open.awaitEmpty();
    }
  }

  @Test
  void what_is_no_frame_is_answered_bad_frame() {
    List<String> frames = List.of(
        "hello",
        "[]",
        "\"text\"",
        "null",
        "17",
        "{",
        "{}",
        "{\"op\":",
        "{\"op\":\"ping\"} {\"op\":\"ping\"}",
        "{\"op\":5}",
        "{\"op\":null}",
        "{\"op\":\"ping\"",
        "{'op':'ping'}",
        "{\"op\":\"ping\",}",
        "{op:\"ping\"}",
        "{\"op\":\"publish\",\"args\":[\"room_1\",NaN]}",
        "{\"op\":\"publish\",\"args\":[\"room_1\",01]}",
        "{\"op\":\"publish\",\"args\":[\"room_1\",{\"a\":1,\"a\":2}]}",
        "{\"op\":\"publish\",\"args\":[\"room_1\",\"\\ud800\"]}",
        "{\"op\":\"publish\",\"args\":[\"room_1\",\"\\udc00\\ud800\"]}",
        "{\"op\":\"publish\",\"args\":[\"room_1\",{\"\\ud800\":1}]}",
        "{\"op\":\"publish\",\"args\":[\"room_1\",\"a\u0000b\"]}",
        "{\"op\":\"publish\",\"args\":[\"room_1\",\"a\u0001b\"]}",
        "{\"op\":\"publish\",\"args\":[\"room_1\",\"\\x41\"]}",
        "/* no */ {\"op\":\"ping\"}",
        "<script>alert(1)</script>");
    try (Visitor plain = venue.plain("user1");
        Visitor v1 = venue.v1("user2")) {
      for (String frame : frames) {
        for (Visitor visitor : List.of(plain, v1)) {
          visitor.say(frame);
          JsonNode reply = visitor.next();
          assertThat(reply.path("code").asText()).as("%s: %s", frame, reply).isEqualTo("bad_frame");
          visitor.good("sendtoroom", "\"room_1\",\"unharmed\"");
        }
      }
    }
  }

  @Test
  void depth_and_length_of_numbers_have_a_bound() {
    try (Visitor visitor = venue.plain("user1")) {
      for (int depth : new int[] {65, 1_000, 15_000}) {
        visitor.say(publish("[".repeat(depth) + "]".repeat(depth)));
        assertThat(visitor.next().path("code").asText()).isEqualTo("bad_frame");
        int objects = Math.min(depth, 10_000);
        visitor.say(publish("{\"a\":".repeat(objects) + "1" + "}".repeat(objects)));
        assertThat(visitor.next().path("code").asText()).isEqualTo("bad_frame");
        visitor.say("[".repeat(depth));
        assertThat(visitor.next().path("code").asText()).isEqualTo("bad_frame");
      }
      visitor.say(publish("1".repeat(101)));
      assertThat(visitor.next().path("code").asText()).isEqualTo("bad_frame");
      visitor.say(publish("\"" + "x".repeat(32 * 1024) + "\""));
      assertThat(visitor.next().path("code").asText()).isEqualTo("too_large");
    }
  }

  @ParameterizedTest
  @EnumSource
  void what_looks_odd_but_is_json_comes_back_character_for_character(Databases.Kind kind) {
    List<String> odd = List.of(
        "1e400",
        "-1E-400",
        "9".repeat(100),
        "0.1000000000000000055511151231257827021181583404541015625",
        "-0",
        "\"a\\u0000b\"",
        "\"\\ud83d\\ude00\"",
        "\"😀\"",
        "\"\\u2028\\u2029</script>\"",
        "\"<b>'&\\\"\"",
        "null",
        "false",
        "{}",
        "{\"b\":1,\"a\":{\"op\":\"logout\"}}",
        "[".repeat(60) + "]".repeat(60));
    try (Venue own = Venue.open(builder -> builder.store(Databases.store(kind, folder)));
        Visitor sender = own.plain("user1");
        Visitor reader = own.v1("user2").rememberingAll()) {
      reader.good("subscribe", "\"room_1\"");
      for (String data : odd) {
        sender.good("publish", "\"room_1\"," + data);
        JsonNode event = reader.next();
        String text = reader.heard().get(reader.heard().size() - 1);
        String came = text.substring(text.indexOf(",\"data\":") + 8, text.length() - 1);
        if (data.startsWith("\"")) {
          assertThat(event.path("data")).isEqualTo(Visitor.json(data));
        } else {
          assertThat(came).isEqualTo(data);
        }
      }
      // And from the log.
      JsonNode page = sender.good("history", "\"room_1\"");
      assertThat(page.path("messages").size()).isEqualTo(odd.size());
      assertThat(page.path("messages").path(5).path("data").asText()).isEqualTo("a\u0000b");
    }
  }

  @Test
  void wrong_types_and_unknown_options_are_answered_bad_args() {
    List<String> wrong = List.of(
        "subscribe|",
        "subscribe|5.5",
        "subscribe|-5",
        "subscribe|1e400",
        "subscribe|true",
        "subscribe|null",
        "subscribe|[]",
        "subscribe|{}",
        "subscribe|\"room_1\",{\"history\":\"3\"}",
        "subscribe|\"room_1\",{\"history\":101}",
        "subscribe|\"room_1\",{\"history\":1e400}",
        "subscribe|\"room_1\",{\"since\":5}",
        "subscribe|\"room_1\",{\"since\":{\"room_1\":5}}",
        "subscribe|\"room_1\",{\"since\":{\"room_1\":\"x\"}}",
        "subscribe|\"room_1\",{\"since\":{\"room_1\":\"0\"},\"history\":1}",
        "subscribe|\"room_1\",{\"presence\":1}",
        "subscribe|\"room_1\",{\"unknown\":1}",
        "unsubscribe|",
        "sendtoroom|",
        "sendtoroom|\"room_1\"",
        "sendtoroom|5,\"x\"",
        "sendtoroom|\"lobby\",\"x\"",
        "sendtoroom|\"room_1\",\"x\",\"y\"",
        "sendtoroom|\"room_1\",\"x\",{\"key\":5}",
        "sendtoroom|\"room_1\",\"x\",{\"key\":\"\"}",
        "sendtoroom|\"room_1\",\"x\",{\"key\":\"a b\"}",
        "sendtoroom|\"room_1\",\"x\",{\"key\":\"a\\u0000\"}",
        "sendtoroom|\"room_1\",\"x\",{\"key\":\"" + "k".repeat(65) + "\"}",
        "sendtoroom|\"room_1\",\"x\",{\"kind\":1}",
        "sendtouser|{},\"x\"",
        "sendbroadcast|",
        "signal|\"room_1\"",
        "history|",
        "history|\"room_1\",5",
        "history|\"room_1\",{\"limit\":\"5\"}",
        "history|\"room_1\",{\"limit\":1e400}",
        "history|\"room_1\",{\"before\":99999999999999999999}",
        "presence|",
        "presence|\"room_1\",{\"limit\":-1}",
        "auth|",
        "auth|\"user1\"",
        "auth|5,6",
        "auth|{}",
        "logout|1");
    try (Visitor visitor = venue.v1("user1")) {
      Map<String, String> answers = new TreeMap<>();
      for (String line : wrong) {
        String[] ask = line.split("\\|", 2);
        JsonNode reply = visitor.ask(ask[0], ask[1]);
        if (!reply.path("code").asText().equals("bad_args")) {
          answers.put(line, reply.toString());
        }
      }
      assertThat(answers).isEmpty();
      assertThat(visitor.refused("nosuchop", "")).isEqualTo("unknown_op");
      assertThat(visitor.refused("", "")).isEqualTo("unknown_op");
      assertThat(visitor.refused("sendtoroom", "\"room_1\",\"  \\n \"")).isEqualTo("empty_message");
    }
  }

  @Test
  void what_is_no_channel_name_is_answered_so() {
    List<String> names = List.of(
        "", " ", "a b", "a\\u0000", "a\\u0007", "e\\u0301", "a\\u00a0b", "a\\tb", "r".repeat(129));
    try (Visitor visitor = venue.plain("user1")) {
      for (String name : names) {
        for (String op : List.of("subscribe", "history", "presence")) {
          assertThat(visitor.refused(op, "\"" + name + "\"")).as(op).isEqualTo("channel_name");
        }
        assertThat(visitor.refused("publish", "\"" + name + "\",\"x\"")).isEqualTo("channel_name");
      }
    }
  }

  @Test
  void ids_that_are_none_are_refused() {
    try (Visitor visitor = venue.plain("user1")) {
      for (String id : List.of("1.5", "1e400", "true", "{}", "[]", "\"" + "i".repeat(65) + "\"")) {
        visitor.say("{\"op\":\"ping\",\"id\":" + id + "}");
        assertThat(visitor.next().path("code").asText()).as(id).isIn("bad_frame", "bad_args");
      }
      visitor.say("{\"op\":\"ping\",\"id\":null}");
      assertThat(visitor.next()).isEqualTo(Visitor.json("{\"op\":\"pong\"}"));
    }
  }

  @Test
  void pretty_printed_frames_of_plain_clients_are_read_and_their_data_minified() {
    String pretty = """
        {
          "op" : "publish",
          "args" : [ "room_1", {
            "text" : "two  spaces",\t
            "list" : [ 1, 2 ]
          } ],
          "id" : 1
        }
        """;
    try (Visitor sender = venue.plain("user1");
        Visitor v1 = venue.v1("user2");
        Visitor reader = venue.v1("user3").rememberingAll()) {
      reader.good("subscribe", "\"room_1\"");
      sender.say(pretty);
      assertThat(sender.next().path("success").asBoolean()).isTrue();
      reader.next();
      assertThat(reader.heard().get(reader.heard().size() - 1))
          .endsWith(",\"data\":{\"text\":\"two  spaces\",\"list\":[1,2]}}");
      // There a line is a request: each bad one is answered alone, a good one among them, too.
      v1.say("{\"op\":\n\n{\"op\":\"unsubscribe\",\"args\":[\"room_1\"]}\n}");
      assertThat(v1.next().path("code").asText()).isEqualTo("bad_frame");
      assertThat(v1.next().path("success").asBoolean()).isTrue();
      assertThat(v1.next().path("code").asText()).isEqualTo("bad_frame");
    }
  }

  @Test
  void a_frame_of_one_byte_too_many_is_closed_with_1009() {
    // Not of more: the server hangs up on the first byte too many, and what else is under way then
    // may take the close frame with it.
    String large =
        publish("\"" + "x".repeat(MAX_FRAME_BYTES + 1 - publish("\"\"").length()) + "\"");
    for (Consumer<Visitor> way : List.<Consumer<Visitor>>of(
        visitor -> visitor.say(large),
        visitor -> visitor.socket().sendFragmented(large, 1_000),
        visitor -> visitor.socket().sendBinary(new byte[MAX_FRAME_BYTES + 1]))) {
      try (Visitor plain = venue.plain("user1");
          Visitor v1 = venue.v1("user2");
          Visitor nobody = Visitor.plain(venue.uri())) {
        for (Visitor visitor : List.of(plain, v1, nobody)) {
          way.accept(visitor);
          assertThat(visitor.closeCode()).isEqualTo(1009);
        }
      }
    }
  }

  @Test
  void a_binary_frame_is_closed_with_1003() {
    try (Visitor plain = venue.plain("user1");
        Visitor v1 = venue.v1("user2");
        Visitor nobody = Visitor.v1(venue.uri())) {
      for (Visitor visitor : List.of(plain, v1, nobody)) {
        visitor.socket().sendBinary("{\"op\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
        assertThat(visitor.closeCode()).isEqualTo(1003);
      }
    }
  }

  @Test
  void a_thousand_frames_before_login_are_each_answered_in_order() {
    try (Visitor visitor = Visitor.plain(venue.uri());
        Visitor v1 = Visitor.v1(venue.uri())) {
      for (int number = 0; number < 1_000; number++) {
        visitor.say("{\"op\":\"sendtoroom\",\"args\":[\"room_1\",\"x\"],\"id\":" + number + "}");
      }
      v1.event("welcome");
      v1.say(String.join(
          "\n", Collections.nCopies(1_000, "{\"op\":\"subscribe\",\"args\":[\"room_1\"]}")));
      for (int number = 0; number < 1_000; number++) {
        JsonNode reply = visitor.next();
        assertThat(reply.path("code").asText()).isEqualTo("not_authenticated");
        assertThat(reply.path("id").asInt()).isEqualTo(number);
        assertThat(v1.next().path("code").asText()).isEqualTo("not_authenticated");
      }
      visitor.login("user1");
      v1.login("user2");
    }
  }

  @Test
  void half_a_frame_and_then_silence_is_closed_with_4102() {
    byte[] whole = RawWebSocket.frame(
        true, RawWebSocket.TEXT, "{\"op\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
    try (Visitor half = Visitor.plain(venue.uri());
        Visitor part = Visitor.plain(venue.uri())) {
      half.socket().sendRaw(Arrays.copyOf(whole, whole.length / 2));
      part.socket()
          .sendRaw(RawWebSocket.frame(
              false, RawWebSocket.TEXT, "{\"op\":".getBytes(StandardCharsets.UTF_8)));
      assertThat(half.closeCode()).isEqualTo(4102);
      assertThat(part.closeCode()).isEqualTo(4102);
    }
  }

  @Test
  void bad_utf_8_is_closed_with_1007() {
    for (byte[] bad : List.of(
        new byte[] {(byte) 0xc3, 0x28},
        new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
        new byte[] {(byte) 0xff})) {
      try (Visitor visitor = venue.plain("user1")) {
        visitor.socket().sendRaw(RawWebSocket.frame(true, RawWebSocket.TEXT, bad));
        assertThat(visitor.closeCode()).isEqualTo(1007);
      }
    }
  }

  @Test
  void frames_against_the_protocol_of_websockets_end_the_connection() {
    byte[] unmasked = "{\"op\":\"ping\"}".getBytes(StandardCharsets.UTF_8);
    byte[] frame = new byte[2 + unmasked.length];
    frame[0] = (byte) 0x81;
    frame[1] = (byte) unmasked.length;
    System.arraycopy(unmasked, 0, frame, 2, unmasked.length);
    byte[] reserved = RawWebSocket.frame(true, 3, new byte[0]);
    byte[] longPing = RawWebSocket.frame(true, RawWebSocket.PING, new byte[126]);
    byte[] orphan = RawWebSocket.frame(true, RawWebSocket.CONTINUATION, new byte[1]);
    for (byte[] bad : List.of(reserved, longPing, orphan)) {
      try (Visitor visitor = venue.plain("user1")) {
        visitor.socket().sendRaw(bad);
        assertThat(visitor.closeCode()).isEqualTo(1002);
      }
    }
    // A mask is there for proxies between browsers and servers; some containers insist on it, and
    // some do not.
    try (Visitor visitor = venue.plain("user1")) {
      visitor.socket().sendRaw(frame);
      try {
        assertThat(visitor.next()).isEqualTo(Visitor.json("{\"op\":\"pong\"}"));
      } catch (Visitor.ClosedException closed) {
        assertThat(closed.code()).isEqualTo(1002);
      }
    }
  }

  @Test
  void a_frame_that_comes_byte_by_byte_is_a_frame() {
    try (Visitor visitor = venue.plain("user1")) {
      String text = "{\"op\":\"ping\",\"id\":\"ä😀\"}";
      for (byte each :
          RawWebSocket.frame(true, RawWebSocket.TEXT, text.getBytes(StandardCharsets.UTF_8))) {
        visitor.socket().sendRaw(new byte[] {each});
      }
      assertThat(visitor.next()).isEqualTo(Visitor.json("{\"op\":\"pong\",\"id\":\"ä😀\"}"));
      visitor.socket().sendFragmented(text, 1);
      assertThat(visitor.next()).isEqualTo(Visitor.json("{\"op\":\"pong\",\"id\":\"ä😀\"}"));
    }
  }

  @Test
  void a_thousand_channels_in_one_frame_are_joined_or_refused_together() {
    try (Visitor visitor = venue.v1("user1")) {
      String names = String.join(
          ",",
          IntStream.range(0, 1_000).mapToObj(number -> "\"c" + number + "\"").toList());
      assertThat(visitor.refused("subscribe", names + ",\"one_more\""))
          .isEqualTo("too_many_channels");
      assertThat(visitor
              .good("subscribe", names + ",{\"history\":5}")
              .path("channels")
              .size())
          .isEqualTo(1_000);
      assertThat(visitor.refused("subscribe", "\"one_more\"")).isEqualTo("too_many_channels");
    }
  }

  private static String publish(String data) {
    return "{\"op\":\"publish\",\"args\":[\"room_1\"," + data + "]}";
  }
}
