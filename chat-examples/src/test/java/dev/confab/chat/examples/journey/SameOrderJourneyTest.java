package dev.confab.chat.examples.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Everybody in a room sees the same, whatever client they use and whoever speaks at once. */
@ExtendWith(LeavesNoThread.class)
final class SameOrderJourneyTest {
  private static final int SENDERS = 4;
  private static final int EACH = 500;

  @TempDir
  Path folder;

  @ParameterizedTest
  @EnumSource
  void two_plain_and_two_v1_readers_see_four_pipelining_senders_in_one_order(Databases.Kind kind) {
    try (Venue venue = Venue.open(builder -> builder.store(Databases.store(kind, folder)));
        Crowd crowd = new Crowd();
        Visitor plain1 = venue.plain("user1");
        Visitor plain2 = venue.plain("user2");
        Visitor v1 = venue.v1("user3");
        Visitor v2 = venue.v1("user4")) {
      List<Future<List<Said>>> readers = new ArrayList<>();
      for (Visitor reader : List.of(plain1, plain2, v1, v2)) {
        reader.good("subscribe", "\"room_101\"");
        readers.add(crowd.begin(() -> read(reader)));
      }
      List<Future<List<Long>>> senders = IntStream.range(0, SENDERS)
          .mapToObj(sender -> crowd.begin(() -> send(venue, sender)))
          .toList();

      List<List<Long>> acked = Crowd.end(senders);
      List<List<Said>> seen = Crowd.end(readers);

      List<Said> first = seen.get(0);
      assertThat(seen).allSatisfy(other -> assertThat(other).isEqualTo(first));
      assertThat(first.stream().map(Said::seq))
          .containsExactlyElementsOf(
              LongStream.rangeClosed(1, (long) SENDERS * EACH).boxed().toList());
      for (int sender = 0; sender < SENDERS; sender++) {
        String name = sender + "-";
        List<Said> own =
            first.stream().filter(said -> said.data().startsWith(name)).toList();
        assertThat(own.stream().map(Said::data))
            .containsExactlyElementsOf(
                IntStream.range(0, EACH).mapToObj(number -> name + number).toList());
        assertThat(own.stream().map(Said::seq)).isEqualTo(acked.get(sender));
      }
    }
  }

  private static List<Said> read(Visitor reader) {
    List<Said> seen = new ArrayList<>();
    while (seen.size() < SENDERS * EACH) {
      JsonNode event = reader.next();
      assertThat(event.path("event").asText()).isEqualTo("subscribe");
      seen.add(new Said(event.path("seq").asLong(), event.path("data").asText()));
    }
    return seen;
  }

  /** The numbers that were acknowledged, in the order of the sends. */
  private static List<Long> send(Venue venue, int sender) {
    String user = "user" + (5 + sender);
    try (Visitor visitor = sender % 2 == 0 ? venue.plain(user) : venue.v1(user)) {
      for (int number = 0; number < EACH; number++) {
        visitor.say(
            "{\"op\":\"sendtoroom\",\"args\":[\"room_101\",\"" + sender + "-" + number + "\"]}");
      }
      List<Long> acked = new ArrayList<>();
      while (acked.size() < EACH) {
        JsonNode reply = visitor.next();
        assertThat(reply.path("success").asBoolean()).as("%s", reply).isTrue();
        acked.add(reply.path("data").path("seq").asLong());
      }
      return acked;
    }
  }

  private record Said(long seq, String data) {}
}
