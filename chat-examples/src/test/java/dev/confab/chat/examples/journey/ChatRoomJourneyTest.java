package dev.confab.chat.examples.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A whole conversation in a chat room, frame by frame, through a real socket. */
@ExtendWith(LeavesNoThread.class)
final class ChatRoomJourneyTest {
  /** In {@code user_10001} the user's own id; {@code data} is the bare text. */
  private static final String CONVERSATION = """
      → {"op":"ping"}
      ← {"op":"pong"}
      → {"op":"subscribe","args":["room_101"]}
      ← {"op":"subscribe","error":"No access"}
      → {"op":"auth","args":["user1","wrong"]}
      ← {"op":"auth","error":"Invalid name or password"}
      → {"op":"auth","args":["user1","123456"]}
      ← {"op":"auth","success":true}
      → {"op":"subscribe","args":["room_101"]}
      ← {"op":"subscribe","success":true}
      → {"op":"subscribe","args":["user_10001"]}
      ← {"op":"subscribe","success":true}
      → {"op":"subscribe","args":["broadcast"]}
      ← {"op":"subscribe","success":true}
      → {"op":"sendtoroom","args":["room_101","hello,world!"]}
      ← {"event":"subscribe","channel":"room_101","data":"hello,world!"}
      ← {"op":"sendtoroom","success":true}
      → {"op":"sendtouser","args":["user_10001","hello,world!"]}
      ← {"event":"subscribe","channel":"user_10001","data":"hello,world!"}
      ← {"op":"sendtouser","success":true}
      → {"op":"sendbroadcast","args":["hello,world!"]}
      ← {"event":"subscribe","channel":"broadcast","data":"hello,world!"}
      ← {"op":"sendbroadcast","success":true}
      → {"op":"unsubscribe","args":["room_101"]}
      ← {"op":"unsubscribe","success":true}
      """;

  private static final String NOT_LOGGED_IN = """
      → {"op":"sendtoroom","args":["room_101","x"]}
      ← {"op":"sendtoroom","error":"No access"}
      → {}
      ← {"error":"Json format error"}
      """;

  private static final String FOREIGN = """
      → {"op":"auth","args":["user2","123456"]}
      ← {"op":"auth","success":true}
      → {"op":"subscribe","args":["user_10001"]}
      ← {"op":"subscribe","error":"No access"}
      """;

  @Test
  void every_frame_of_the_conversation_is_answered_as_written() {
    try (Venue venue = Venue.open();
        Visitor visitor = Visitor.plain(venue.uri())) {
      hold(visitor, CONVERSATION);
    }
  }

  /** Then an event may come earlier, because sends run side by side, but no answer out of its turn. */
  @Test
  void the_same_conversation_is_held_when_all_of_it_is_sent_at_once() {
    try (Venue venue = Venue.open();
        Visitor visitor = Visitor.plain(venue.uri())) {
      List<String> lines = CONVERSATION.lines().toList();
      lines.stream().filter(line -> line.startsWith("→")).forEach(line -> visitor.say(said(line)));
      List<JsonNode> expected = lines.stream()
          .filter(line -> line.startsWith("←"))
          .map(line -> Visitor.json(said(line)))
          .toList();
      List<JsonNode> heard = new ArrayList<>();
      while (heard.size() < expected.size()) {
        heard.add(visitor.next());
      }
      assertThat(answers(heard)).isEqualTo(answers(expected));
      Map.of("room_101", "sendtoroom", "user_10001", "sendtouser", "broadcast", "sendbroadcast")
          .forEach((channel, op) ->
              assertThat(place(heard, "channel", channel)).isLessThan(place(heard, "op", op)));
    }
  }

  private static List<String> answers(List<JsonNode> frames) {
    return frames.stream()
        .filter(frame -> frame.has("op"))
        .map(frame -> frame.path("op").asText() + " " + frame.path("success").asBoolean())
        .toList();
  }

  private static int place(List<JsonNode> frames, String field, String value) {
    for (int place = 0; place < frames.size(); place++) {
      if (frames.get(place).path(field).asText().equals(value)) {
        return place;
      }
    }
    throw new AssertionError("no " + field + " " + value + " among " + frames);
  }

  @Test
  void who_is_not_logged_in_or_sends_nothing_is_answered_as_there() {
    try (Venue venue = Venue.open();
        Visitor visitor = Visitor.plain(venue.uri())) {
      hold(visitor, NOT_LOGGED_IN);
    }
  }

  @Test
  void the_channel_of_another_user_is_refused() {
    try (Venue venue = Venue.open();
        Visitor visitor = Visitor.plain(venue.uri())) {
      hold(visitor, FOREIGN);
    }
  }

  private static void hold(Visitor visitor, String conversation) {
    conversation.lines().forEach(line -> {
      if (line.startsWith("→")) {
        visitor.say(said(line));
      } else {
        hears(visitor, line);
      }
    });
  }

  private static String said(String line) {
    return line.substring(1).strip();
  }

  /** Exactly these fields with these values; others beside them are the protocol's later additions. */
  private static void hears(Visitor visitor, String line) {
    JsonNode expected = Visitor.json(said(line));
    JsonNode heard = visitor.next();
    expected
        .properties()
        .forEach(field -> assertThat(heard.get(field.getKey()))
            .as("%s of %s", field.getKey(), heard)
            .isEqualTo(field.getValue()));
    assertThat(heard.has("op")).isEqualTo(expected.has("op"));
    assertThat(heard.has("event")).isEqualTo(expected.has("event"));
    assertThat(heard.has("success")).isEqualTo(expected.has("success"));
    assertThat(heard.has("error")).isEqualTo(expected.has("error"));
  }
}
