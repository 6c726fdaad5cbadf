package dev.confab.chat.examples.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.confab.chat.Chat;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.Authenticator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The application may take its time, and may use the chat while it does. */
@ExtendWith(LeavesNoThread.class)
final class SlowDoorsJourneyTest {
  /** As many as there are door threads by default. */
  private static final int DOORS = 64;

  private static final int LOGINS = 200;

  @TempDir
  Path folder;

  @ParameterizedTest
  @EnumSource
  void ops_that_publish_and_wait_on_every_door_thread_at_once_all_end(Databases.Kind kind) {
    CyclicBarrier allDoorsAreTaken = new CyclicBarrier(DOORS);
    AtomicReference<Chat> chat = new AtomicReference<>();
    try (Venue venue =
        Venue.open(builder -> builder.store(Databases.store(kind, folder)).on("say", call -> {
          meet(allDoorsAreTaken);
          return Json.string(chat.get()
              .publish(ChannelName.of("room_101"), call.args().get(0))
              .cursor()
              .toString());
        }))) {
      chat.set(venue.chat());
      List<Visitor> visitors = new ArrayList<>();
      try (Visitor reader = venue.v1("user1")) {
        reader.good("subscribe", "\"room_101\"");
        for (int number = 0; number < DOORS; number++) {
          visitors.add(venue.plain("user" + (2 + number)));
        }
        visitors.forEach(visitor -> visitor.say("{\"op\":\"say\",\"args\":[\"now\"]}"));
        for (Visitor visitor : visitors) {
          JsonNode reply = visitor.next();
          assertThat(reply.path("success").asBoolean()).as("%s", reply).isTrue();
        }
        List<Long> seqs = new ArrayList<>();
        while (seqs.size() < DOORS) {
          seqs.add(reader.event("subscribe").path("seq").asLong());
        }
        assertThat(seqs)
            .containsExactlyElementsOf(LongStream.rangeClosed(1, DOORS).boxed().toList());
      } finally {
        visitors.forEach(Visitor::close);
      }
    }
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(9, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void who_asks_faster_than_it_can_be_refused_is_closed_with_4103() {
    CountDownLatch busy = new CountDownLatch(1);
    try (Venue venue = Venue.open(builder -> builder.on("work", call -> {
          try {
            busy.await(9, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return Json.NULL;
        }));
        Visitor patient = venue.v1("user1");
        Visitor flooding = venue.v1("user2");
        Visitor other = venue.plain("user3")) {
      String request = "{\"op\":\"work\"}";
      // At most one at work, 1,024 that wait, and at least one that is told no.
      String some = String.join("\n", Collections.nCopies(1 + 1_024 + 1, request));
      patient.say(some);
      for (int frame = 0; frame < 6; frame++) {
        flooding.say(some);
      }
      assertThat(flooding.event("bye").path("code").asInt()).isEqualTo(4103);
      assertThat(flooding.closeCode()).isEqualTo(4103);
      other.good("sendtoroom", "\"room_101\",\"still here\"");
      busy.countDown();
      for (int number = 1; number <= 1_024; number++) {
        assertThat(patient.next().path("success").asBoolean()).isTrue();
      }
      // One more if it was at work already when the last ones came.
      assertThat(patient.next().path("code").asText()).isIn("", "overloaded");
      assertThat(patient.next().path("code").asText()).isEqualTo("overloaded");
    }
  }

  @Test
  void two_hundred_logins_that_take_five_seconds_delay_nobody_elses_messages() {
    SlowForNewcomers users = new SlowForNewcomers();
    try (Venue venue = Venue.open(builder -> builder
            .authenticator(users)
            .limits(Limits.builder().anonymousPerAddress(LOGINS + 8).build()));
        Visitor sender = venue.v1("user1");
        Visitor reader = venue.plain("user2")) {
      reader.good("subscribe", "\"room_101\"");
      List<Visitor> newcomers = IntStream.range(0, LOGINS)
          .mapToObj(number -> Visitor.plain(venue.uri()))
          .toList();
      try {
        for (int number = 0; number < LOGINS; number++) {
          newcomers
              .get(number)
              .say("{\"op\":\"auth\",\"args\":[\"user" + (100 + number) + "\",\"" + Users.PASSWORD
                  + "\"]}");
        }
        await().atMost(Visitor.PATIENCE).until(() -> users.slow.get() > 0);
        // As long as the first of them takes, the others talk, one word after the other.
        int words = 0;
        while (users.done.get() == 0) {
          sender.good("sendtoroom", "\"room_101\",\"word " + words + "\"");
          assertThat(reader.text()).isEqualTo("word " + words);
          words++;
        }
        assertThat(words).isGreaterThan(100);
        users.patience.countDown();
        for (Visitor newcomer : newcomers) {
          JsonNode reply = newcomer.next();
          assertThat(reply.path("success").asBoolean()).as("%s", reply).isTrue();
        }
      } finally {
        newcomers.forEach(Visitor::close);
      }
    }
  }

  /** Takes 5 s for everybody from user100 on, unless told that it is enough. */
  private static final class SlowForNewcomers implements Authenticator {
    private final AtomicInteger slow = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final CountDownLatch patience = new CountDownLatch(1);
    private final Authenticator users = Users.authenticator();

    @Override
    public Identity authenticate(Credentials credentials) {
      Identity identity = users.authenticate(credentials);
      if (identity.name().length() > 5) {
        slow.incrementAndGet();
        try {
          patience.await(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        done.incrementAndGet();
      }
      return identity;
    }
  }
}
