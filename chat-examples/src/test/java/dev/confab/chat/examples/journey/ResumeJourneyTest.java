package dev.confab.chat.examples.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.testkit.StoreWrapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who was away gets exactly what was missed, whoever's fault it was. */
@ExtendWith(LeavesNoThread.class)
final class ResumeJourneyTest {
  private static final int MESSAGES = 1_000;

  @TempDir
  Path folder;

  @ParameterizedTest
  @EnumSource
  void who_is_cut_off_in_mid_stream_gets_exactly_what_was_missed(Databases.Kind kind) {
    try (Venue venue = Venue.open(builder -> builder.store(Databases.store(kind, folder)));
        Crowd crowd = new Crowd();
        Visitor sender = venue.plain("user1");
        Visitor before = venue.v1("user2")) {
      before.good("subscribe", "\"room_101\"");
      Future<?> sending = crowd.begin(() -> {
        for (int number = 1; number <= MESSAGES; number++) {
          sender.say("{\"op\":\"sendtoroom\",\"args\":[\"room_101\",\"m" + number + "\"]}");
        }
        for (int number = 1; number <= MESSAGES; number++) {
          assertThat(sender.next().path("success").asBoolean()).isTrue();
        }
        return null;
      });
      List<JsonNode> seen = new ArrayList<>();
      while (seen.size() < MESSAGES / 3) {
        seen.add(before.event("subscribe"));
      }
      before.cut();
      JsonNode last = seen.get(seen.size() - 1);

      try (Visitor after = venue.v1("user2")) {
        JsonNode reply = after.good("subscribe", "\"room_101\"," + since("room_101", cursor(last)));
        long head = reply.path("channels").path("room_101").path("head").asLong();
        boolean live = false;
        while (seen.size() < MESSAGES || !live) {
          JsonNode event = after.next();
          if (event.path("event").asText().equals("live")) {
            live = true;
            assertThat(event.path("seq").asLong()).isEqualTo(head);
            assertThat(seen.get(seen.size() - 1).path("seq").asLong()).isGreaterThanOrEqualTo(head);
          } else {
            seen.add(event);
          }
        }
      }
      Crowd.end(sending);
      assertThat(seen.stream().map(event -> event.path("data").asText()))
          .containsExactlyElementsOf(IntStream.rangeClosed(1, MESSAGES)
              .mapToObj(number -> "m" + number)
              .toList());
      assertDense(seen);
    }
  }

  @Test
  void nothing_is_lost_or_doubled_when_the_server_is_killed_and_started_again() {
    Path file = folder.resolve("chat.db");
    List<JsonNode> seen = new ArrayList<>();
    Map<String, JsonNode> acked = new HashMap<>();
    JsonNode last;
    try (ServerProcess server = ServerProcess.start(file, 4 << 20);
        Visitor sender = server.v1("user1");
        Visitor reader = server.v1("user2")) {
      reader.good("subscribe", "\"room_101\"");
      IntStream.range(0, MESSAGES).forEach(number -> sendWithKey(sender, number));
      // Not all of them: it is killed in the middle.
      while (acked.size() < MESSAGES / 4) {
        note(sender.next(), acked);
      }
      while (seen.size() < MESSAGES / 5) {
        seen.add(reader.event("subscribe"));
      }
      server.kill();
      // What was on its way still counts as told.
      try {
        while (true) {
          note(sender.next(), acked);
        }
      } catch (Visitor.ClosedException gone) {
        last = seen.get(seen.size() - 1);
      }
    }

    try (ServerProcess server = ServerProcess.start(file, 4 << 20)) {
      try (Visitor sender = server.v1("user1");
          Visitor reader = server.v1("user2")) {
        reader.good("subscribe", "\"room_101\"," + since("room_101", cursor(last)));
        // Whoever got no answer asks again with the same key, and so does one who got one.
        Map<String, JsonNode> again = new HashMap<>();
        IntStream.range(0, MESSAGES)
            .filter(number -> number == 0 || !acked.containsKey("k" + number))
            .forEach(number -> sendWithKey(sender, number));
        int asked = MESSAGES - acked.size() + 1;
        while (again.size() < asked) {
          note(sender.next(), again);
        }
        JsonNode repeated = again.remove("k0");
        assertThat(repeated.path("duplicate").asBoolean()).isTrue();
        assertThat(repeated.path("seq")).isEqualTo(acked.get("k0").path("seq"));
        assertThat(repeated.path("cursor")).isEqualTo(acked.get("k0").path("cursor"));
        assertThat(repeated.path("at")).isEqualTo(acked.get("k0").path("at"));

        while (seen.size() < MESSAGES) {
          seen.add(reader.event("subscribe"));
        }
        assertDense(seen);
        Map<String, Long> places = seen.stream()
            .collect(Collectors.toMap(
                event -> event.path("key").asText(), event -> event.path("seq").asLong()));
        assertThat(places).hasSize(MESSAGES);
        acked.putAll(again);
        assertThat(acked)
            .hasSize(MESSAGES)
            .allSatisfy(
                (key, data) -> assertThat(data.path("seq").asLong()).isEqualTo(places.get(key)));
        assertThat(reader
                .good("history", "\"room_101\",{\"limit\":1}")
                .path("messages")
                .path(0)
                .path("seq")
                .asLong())
            .isEqualTo(MESSAGES);
      }
      assertThat(server.stop()).isZero();
    }
  }

  @Test
  void fifty_channels_are_resumed_in_one_frame_and_only_those_that_moved_are_read() {
    Path file = folder.resolve("chat.db");
    List<String> rooms =
        IntStream.range(0, 50).mapToObj(number -> "room_" + number).toList();
    Map<String, String> cursors = new HashMap<>();
    try (Venue venue = Venue.open(builder -> builder.store(Databases.sqlite(file)))) {
      for (String room : rooms) {
        for (int number = 1; number <= 3; number++) {
          Cursor cursor =
              venue.chat().publish(ChannelName.of(room), "old " + number).cursor();
          cursors.put(room, cursor.toString());
        }
      }
      for (int room = 0; room < 50; room += 2) {
        venue.chat().publish(ChannelName.of("room_" + room), "new 1");
        venue.chat().publish(ChannelName.of("room_" + room), "new 2");
      }
    }

    Queue<String> reads = new ConcurrentLinkedQueue<>();
    MessageStore counting = new StoreWrapper(Databases.sqlite(file)) {
      @Override
      public Page read(ChannelName channel, Position position, int entries, int bytes) {
        reads.add(channel.value());
        return super.read(channel, position, entries, bytes);
      }
    };
    try (Venue venue = Venue.open(builder -> builder
            .store(counting)
            .limits(Limits.builder().watchPeriod(Duration.ofMinutes(1)).build()));
        Visitor visitor = venue.v1("user1")) {
      JsonNode channels =
          visitor.good("subscribe", quoted(rooms) + "," + since(cursors)).path("channels");
      Map<String, List<JsonNode>> events = new HashMap<>();
      int lives = 0;
      int messages = 0;
      while (lives < 50 || messages < 50) {
        JsonNode event = visitor.next();
        if (event.path("event").asText().equals("live")) {
          lives++;
        } else {
          messages++;
          events
              .computeIfAbsent(event.path("channel").asText(), any -> new ArrayList<>())
              .add(event);
        }
      }
      for (int room = 0; room < 50; room++) {
        String name = "room_" + room;
        boolean moved = room % 2 == 0;
        assertThat(channels.path(name).path("missed").asLong()).isEqualTo(moved ? 2 : 0);
        assertThat(events.getOrDefault(name, List.of()).stream()
                .map(event -> event.path("data").asText()))
            .isEqualTo(moved ? List.of("new 1", "new 2") : List.of());
      }
      // Once to see whether the cursor fits, once to read on.
      assertThat(reads).hasSizeLessThanOrEqualTo(2 * 25);
      assertThat(Set.copyOf(reads))
          .isEqualTo(
              rooms.stream().filter(name -> events.containsKey(name)).collect(Collectors.toSet()));
    }
  }

  private static void sendWithKey(Visitor sender, int number) {
    sender.say("{\"op\":\"publish\",\"args\":[\"room_101\",\"m" + number + "\",{\"key\":\"k"
        + number + "\"}],\"id\":\"k" + number + "\"}");
  }

  private static void note(JsonNode reply, Map<String, JsonNode> acked) {
    assertThat(reply.path("success").asBoolean()).as("%s", reply).isTrue();
    acked.put(reply.path("id").asText(), reply.path("data"));
  }

  private static void assertDense(List<JsonNode> events) {
    assertThat(events.stream().map(event -> event.path("seq").asLong()))
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, events.size()).boxed().toList());
  }

  private static String cursor(JsonNode event) {
    return event.path("seq").asText() + "." + event.path("id").asText();
  }

  private static String since(String channel, String cursor) {
    return since(Map.of(channel, cursor));
  }

  private static String since(Map<String, String> cursors) {
    return cursors.entrySet().stream()
        .map(entry -> "\"" + entry.getKey() + "\":\"" + entry.getValue() + "\"")
        .collect(Collectors.joining(",", "{\"since\":{", "}}"));
  }

  private static String quoted(List<String> names) {
    return names.stream().map(name -> "\"" + name + "\"").collect(Collectors.joining(","));
  }
}
