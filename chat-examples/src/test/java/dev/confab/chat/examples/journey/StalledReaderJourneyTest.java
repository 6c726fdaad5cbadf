package dev.confab.chat.examples.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.ChatListener.Happening;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A client that stops reading costs a position, whatever flows through its room. */
@ExtendWith(LeavesNoThread.class)
final class StalledReaderJourneyTest {
  private static final int TAILS_BYTES = 4 << 20;
  private static final int DATA_BYTES = 30 * 1024;
  private static final int SENDERS = 4;

  /** 50 MB in all. */
  private static final int EACH = 50_000_000 / DATA_BYTES / SENDERS + 1;

  /** How many messages a sender has on their way at once. */
  private static final int WINDOW = 8;

  private static final String PADDING = "x".repeat(DATA_BYTES - 16);

  @TempDir
  Path folder;

  @Test
  void fifty_megabytes_pass_it_by_and_then_it_gets_them_all_in_order() {
    try (ServerProcess server =
        ServerProcess.start(folder.resolve("chat.db"), TAILS_BYTES, "-Xmx96m")) {
      try (Visitor stalled = server.v1("user1");
          Visitor v1 = server.v1("user2");
          Visitor plain = server.plain("user3")) {
        int tenth = EACH / 10;
        Duration withoutIt = flow(server, List.of(v1, plain), "room_before", tenth);
        stalled.good("subscribe", "\"room_101\"");
        Duration withIt = flow(server, List.of(v1, plain), "room_101", EACH);
        // Loosely: it is to notice that the others wait for it, which they would for 30 s a write.
        assertThat(withIt).isLessThan(withoutIt.multipliedBy(10 * 5).plusSeconds(10));

        List<String> late = read(stalled, SENDERS * EACH);
        assertInOrder(late, EACH);
      }
      assertThat(server.stop()).isZero();
    }
  }

  @Test
  void who_does_not_take_a_write_in_time_is_closed_with_4004_and_comes_back_to_the_rest() {
    Queue<Integer> ends = new ConcurrentLinkedQueue<>();
    ChannelName room = ChannelName.of("room_101");
    Json kilobyte = Json.string("x".repeat(1_000));
    try (Venue venue = Venue.open(builder -> builder
            .limits(Limits.builder()
                .writeBytes(1_024)
                .stallAfter(Duration.ofMillis(200))
                .build())
            .listener(happening -> {
              if (happening instanceof Happening.Disconnected gone) {
                ends.add(gone.code());
              }
            }));
        Visitor stalled = venue.v1("user1");
        Visitor other = venue.plain("user2")) {
      stalled.good("subscribe", "\"room_101\"");
      long head = 0;
      // More than any socket buffers.
      while (head < 10_000) {
        head = venue.chat().publish(room, kilobyte).seq();
      }
      await().atMost(Visitor.PATIENCE).until(() -> !ends.isEmpty());
      assertThat(ends).containsExactly(4004);
      other.good("sendtoroom", "\"room_101\",\"still here\"");

      // What it was sent before it was given up still arrives, and it comes back behind that.
      List<JsonNode> seen = new ArrayList<>();
      try {
        while (true) {
          seen.add(stalled.event("subscribe"));
        }
      } catch (Visitor.ClosedException closed) {
        assertThat(closed.code()).isIn(4004, 1006);
      }
      JsonNode last = seen.get(seen.size() - 1);
      assertThat(last.path("seq").asLong()).isEqualTo(seen.size()).isLessThan(head);
      try (Visitor back = venue.v1("user1")) {
        back.good(
            "subscribe",
            "\"room_101\",{\"since\":{\"room_101\":\"" + last.path("seq").asText() + "."
                + last.path("id").asText() + "\"}}");
        for (long seq = seen.size() + 1L; seq <= head + 1; seq++) {
          assertThat(back.event("subscribe").path("seq").asLong()).isEqualTo(seq);
        }
      }
    }
  }

  /** How long it takes until all readers have everything. */
  private static Duration flow(ServerProcess server, List<Visitor> readers, String room, int each) {
    long start = System.nanoTime();
    try (Crowd crowd = new Crowd()) {
      List<Future<List<String>>> reading = new ArrayList<>();
      for (Visitor reader : readers) {
        reader.good("subscribe", "\"" + room + "\"");
        reading.add(crowd.begin(() -> read(reader, SENDERS * each)));
      }
      List<Future<Integer>> sending = IntStream.range(0, SENDERS)
          .mapToObj(sender -> crowd.begin(() -> send(server, room, sender, each)))
          .toList();
      Crowd.end(sending);
      List<List<String>> seen = Crowd.end(reading);
      assertThat(seen.get(1)).isEqualTo(seen.get(0));
      assertInOrder(seen.get(0), each);
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static int send(ServerProcess server, String room, int sender, int each) {
    try (Visitor visitor = server.v1("user" + (4 + sender))) {
      int acked = 0;
      for (int sent = 0; acked < each; ) {
        if (sent < each && sent < acked + WINDOW) {
          visitor.say("{\"op\":\"sendtoroom\",\"args\":[\"" + room + "\",\"" + sender + " " + sent++
              + " " + PADDING + "\"]}");
        } else {
          JsonNode reply = visitor.next();
          assertThat(reply.path("success").asBoolean()).as("%s", reply).isTrue();
          acked++;
        }
      }
      return acked;
    }
  }

  /** Sender and number of each message; the numbers of the log are without gap. */
  private static List<String> read(Visitor reader, int messages) {
    List<String> seen = new ArrayList<>();
    while (seen.size() < messages) {
      JsonNode event = reader.event("subscribe");
      String data = event.path("data").asText();
      assertThat(data.length()).isGreaterThan(PADDING.length());
      seen.add(data.substring(0, data.lastIndexOf(' ')));
      assertThat(event.path("seq").asLong()).isEqualTo(seen.size());
    }
    return seen;
  }

  private static void assertInOrder(List<String> seen, int each) {
    for (int sender = 0; sender < SENDERS; sender++) {
      String name = sender + " ";
      assertThat(seen.stream().filter(text -> text.startsWith(name)))
          .containsExactlyElementsOf(
              IntStream.range(0, each).mapToObj(number -> name + number).toList());
    }
  }
}
