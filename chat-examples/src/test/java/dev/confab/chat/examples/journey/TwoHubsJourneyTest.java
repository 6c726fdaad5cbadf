package dev.confab.chat.examples.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.confab.chat.ChatBuilder;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.testkit.StoreWrapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two servers that know nothing of each other but their database. */
@ExtendWith(LeavesNoThread.class)
final class TwoHubsJourneyTest {
  private static final int EACH = 250;

  @Test
  void what_is_sent_on_one_is_seen_on_the_other_within_two_looks_into_the_store() {
    String database = Databases.newDatabase();
    CountedLooks looks = new CountedLooks(Databases.postgresql(database));
    try (Venue one = Venue.open(builder -> here(builder, Databases.postgresql(database)));
        Venue other = Venue.open(builder -> here(builder, looks));
        Visitor sender = one.plain("user1");
        Visitor reader = other.v1("user2")) {
      reader.good("subscribe", "\"room_101\"");
      for (int round = 1; round <= 5; round++) {
        looks.stop();
        sender.good("sendtoroom", "\"room_101\",\"hello " + round + "\"");
        looks.allow(2);
        assertThat(reader.text()).isEqualTo("hello " + round);
      }
      looks.go();
    }
  }

  @Test
  void everybody_on_both_sees_the_same_order() {
    String database = Databases.newDatabase();
    try (Venue one = Venue.open(builder -> here(builder, Databases.postgresql(database)));
        Venue other = Venue.open(builder -> here(builder, Databases.postgresql(database)));
        Crowd crowd = new Crowd();
        Visitor here = one.v1("user1");
        Visitor there = other.plain("user2");
        Visitor sender1 = one.v1("user3");
        Visitor sender2 = other.v1("user4")) {
      List<Future<List<String>>> readers = new ArrayList<>();
      for (Visitor reader : List.of(here, there)) {
        reader.good("subscribe", "\"room_101\"");
        readers.add(crowd.begin(() -> read(reader)));
      }
      List<Future<Integer>> senders = List.of(
          crowd.begin(() -> send(sender1, "one")), crowd.begin(() -> send(sender2, "other")));
      Crowd.end(senders);
      List<List<String>> seen = Crowd.end(readers);
      assertThat(seen.get(0)).hasSize(2 * EACH).isEqualTo(seen.get(1));
      for (String name : List.of("one", "other")) {
        assertThat(seen.get(0).stream().filter(text -> text.startsWith(name + " ")))
            .containsExactlyElementsOf(LongStream.range(0, EACH)
                .mapToObj(number -> name + " " + number)
                .toList());
      }
    }
  }

  private static void here(ChatBuilder builder, MessageStore store) {
    builder
        .store(store)
        .limits(Limits.builder().watchPeriod(Duration.ofMillis(100)).build());
  }

  private static int send(Visitor sender, String name) {
    for (int number = 0; number < EACH; number++) {
      sender.say("{\"op\":\"sendtoroom\",\"args\":[\"room_101\",\"" + name + " " + number + "\"]}");
    }
    for (int number = 0; number < EACH; number++) {
      JsonNode reply = sender.next();
      assertThat(reply.path("success").asBoolean()).as("%s", reply).isTrue();
    }
    return EACH;
  }

  private static List<String> read(Visitor reader) {
    List<String> seen = new ArrayList<>();
    while (seen.size() < 2 * EACH) {
      JsonNode event = reader.event("subscribe");
      seen.add(event.path("data").asText());
      assertThat(event.path("seq").asLong()).isEqualTo(seen.size());
    }
    return seen;
  }

  /** A store in which each look for new heads needs a permit, while it is stopped. */
  private static final class CountedLooks extends StoreWrapper {
    private final Semaphore permits = new Semaphore(0);
    private volatile boolean stopped;

    CountedLooks(MessageStore inner) {
      super(inner);
    }

    void stop() {
      permits.drainPermits();
      stopped = true;
    }

    void allow(int looks) {
      permits.release(looks);
    }

    void go() {
      stopped = false;
      permits.release(1_000);
    }

    @Override
    public Map<ChannelName, Head> heads(Collection<ChannelName> channels) {
      if (stopped) {
        permits.acquireUninterruptibly();
      }
      return super.heads(channels);
    }
  }
}
