package dev.confab.chat.examples.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.confab.chat.ChatBuilder;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.CloseReason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How connections begin, live and end. */
@ExtendWith(LeavesNoThread.class)
final class SessionJourneyTest {
  @Test
  void five_hundred_who_come_and_go_are_all_welcomed() {
    try (Venue venue = Venue.open(limits(some -> some.anonymousPerAddress(500)))) {
      for (int number = 0; number < 500; number++) {
        try (Visitor visitor = Visitor.v1(venue.uri())) {
          assertThat(visitor.next().path("event").asText()).isEqualTo("welcome");
        }
      }
      venue.awaitEmpty();
    }
  }

  @Test
  void the_welcome_tells_what_a_client_has_to_know() {
    try (Venue venue = Venue.open();
        Visitor v1 = Visitor.v1(venue.uri());
        Visitor plain = Visitor.plain(venue.uri())) {
      assertThat(v1.socket().subprotocol()).contains("chat.v1");
      assertThat(plain.socket().subprotocol()).isEmpty();
      JsonNode welcome = v1.next();
      assertThat(welcome.path("event").asText()).isEqualTo("welcome");
      assertThat(welcome.path("version").asInt()).isEqualTo(1);
      assertThat(welcome.path("connection").asText()).isNotEmpty();
      assertThat(welcome.path("time").asLong()).isPositive();
      assertThat(welcome.path("heartbeat_ms").asLong()).isEqualTo(25_000);
      assertThat(welcome.path("max_frame_bytes").asLong()).isEqualTo(65_536);
      assertThat(welcome.path("max_data_bytes").asLong()).isEqualTo(32_768);
      assertThat(welcome.path("login_within_ms").asLong()).isEqualTo(10_000);
      assertThat(welcome.path("features").isArray()).isTrue();
      assertThat(welcome.has("user")).isFalse();
      // A plain client hears nothing unasked.
      plain.say("{\"op\":\"ping\",\"id\":7}");
      assertThat(plain.next()).isEqualTo(Visitor.json("{\"op\":\"pong\",\"id\":7}"));
    }
  }

  @Test
  void who_answers_heartbeats_stays_and_who_does_not_is_closed_with_4003() {
    try (Venue venue = Venue.open(limits(
            some -> some.heartbeat(Duration.ofMillis(300)).plainSilence(Duration.ofMillis(900))));
        Crowd crowd = new Crowd();
        Visitor lively = venue.v1("user1");
        Visitor livelyPlain = venue.plain("user2");
        Visitor silent = venue.v1("user3").ignoringHeartbeats();
        Visitor silentPlain = venue.plain("user4").ignoringHeartbeats()) {
      List<Future<Visitor>> staying = List.of(
          crowd.begin(() -> untilPinged(lively)), crowd.begin(() -> untilPinged(livelyPlain)));
      assertThat(silent.event("bye").path("code").asInt()).isEqualTo(4003);
      assertThat(silent.closeCode()).isEqualTo(4003);
      assertThat(silentPlain.closeCode()).isEqualTo(4003);
      assertThat(silent.pings()).isPositive();
      assertThat(silentPlain.pings()).isPositive();
      for (Visitor visitor : Crowd.end(staying)) {
        visitor.good("sendtoroom", "\"room_101\",\"still here\"");
      }
    }
  }

  /** Listens for several times the silence that would have been too long. */
  private static Visitor untilPinged(Visitor visitor) {
    while (visitor.pings() < 8) {
      visitor.listen();
    }
    return visitor;
  }

  @Test
  void an_unasked_pong_is_a_sign_of_life_and_is_not_answered() {
    try (Venue venue = Venue.open();
        Visitor visitor = venue.v1("user1")) {
      visitor.say("{\"op\":\"pong\"}");
      visitor.say("{\"op\":\"ping\",\"id\":1}");
      assertThat(visitor.next()).isEqualTo(Visitor.json("{\"op\":\"pong\",\"id\":1}"));
    }
  }

  @Test
  void who_does_not_log_in_is_closed_with_4102_and_so_is_who_logged_out() {
    try (Venue venue = Venue.open(limits(some -> some.loginWithin(Duration.ofMillis(500))));
        Visitor never = Visitor.v1(venue.uri());
        Visitor plain = Visitor.plain(venue.uri());
        Visitor once = venue.plain("user1");
        Visitor stays = venue.v1("user2")) {
      once.good("subscribe", "\"room_101\"");
      assertThat(never.event("bye").path("code").asInt()).isEqualTo(4102);
      assertThat(never.closeCode()).isEqualTo(4102);
      assertThat(plain.closeCode()).isEqualTo(4102);
      once.good("logout", "");
      assertThat(once.refused("sendtoroom", "\"room_101\",\"x\"")).isEqualTo("not_authenticated");
      stays.good("sendtoroom", "\"room_101\",\"for who is there\"");
      assertThat(once.closeCode()).isEqualTo(4102);
      stays.good("sendtoroom", "\"room_101\",\"still here\"");
    }
  }

  @Test
  void after_logout_another_may_log_in_on_the_same_connection() {
    try (Venue venue = Venue.open();
        Visitor visitor = venue.plain("user1")) {
      assertThat(visitor.refused("auth", "\"user2\",\"123456\""))
          .isEqualTo("already_authenticated");
      assertThat(visitor.refused("auth", "\"user1\",\"wrong\"")).isEqualTo("bad_credentials");
      visitor.good("sendtoroom", "\"room_101\",\"still user1\"");
      visitor.good("subscribe", "\"room_101\"");
      visitor.good("logout", "");
      JsonNode data = visitor.good("auth", "\"user2\",\"123456\"");
      assertThat(data.path("user").path("id").asText()).isEqualTo("10002");
      assertThat(venue.chat().users().sessions(new UserId("10001"))).isEmpty();
      assertThat(venue.chat().users().sessions(new UserId("10002")).get(0).channels())
          .isZero();
    }
  }

  @Test
  void a_server_that_stops_says_bye_and_closes_with_4000() {
    try (Venue venue = Venue.open();
        Visitor v1 = venue.v1("user1");
        Visitor plain = venue.plain("user2")) {
      v1.good("subscribe", "\"room_101\"");
      plain.good("sendtoroom", "\"room_101\",\"last words\"");
      venue.stop();
      assertThat(v1.text()).isEqualTo("last words");
      JsonNode bye = v1.event("bye");
      assertThat(bye.path("code").asInt()).isEqualTo(4000);
      assertThat(bye.path("after_ms").asLong()).isEqualTo(3_000);
      assertThat(v1.closeCode()).isEqualTo(4000);
      assertThat(plain.closeCode()).isEqualTo(4000);
    }
  }

  @Test
  void who_is_sent_away_is_told_why() {
    try (Venue venue = Venue.open();
        Visitor first = venue.v1("user1");
        Visitor second = venue.plain("user1");
        Visitor other = venue.plain("user2")) {
      assertThat(venue.chat().disconnect(Recipients.user(new UserId("10001")), CloseReason.KICKED))
          .isEqualTo(2);
      assertThat(first.event("bye").path("code").asInt()).isEqualTo(4403);
      assertThat(first.closeCode()).isEqualTo(4403);
      assertThat(second.closeCode()).isEqualTo(4403);
      other.good("sendtoroom", "\"room_101\",\"still here\"");
    }
  }

  @Test
  void a_login_that_expires_is_announced_and_ends_with_4200_unless_it_is_refreshed() {
    AtomicInteger logins = new AtomicInteger();
    // The second login of user1 lasts.
    Consumer<ChatBuilder> expiring = builder -> builder.authenticator(credentials -> {
      var identity = Users.authenticator().authenticate(credentials);
      boolean lasts = identity.name().equals("user1") && logins.incrementAndGet() > 1;
      return identity.expiringAt(Instant.now().plusMillis(lasts ? 3_600_000 : 1_500));
    });
    try (Venue venue = Venue.open(expiring);
        Visitor refreshed = Visitor.v1(venue.uri());
        Visitor expires = Visitor.v1(venue.uri());
        Visitor plain = Visitor.plain(venue.uri())) {
      long until =
          refreshed.good("auth", "\"user1\",\"123456\"").path("expires_at").asLong();
      expires.login("user2");
      plain.login("user3");
      assertThat(refreshed.event("expiring").path("expires_at").asLong()).isEqualTo(until);
      assertThat(
              refreshed.good("auth", "\"user1\",\"123456\"").path("expires_at").asLong())
          .isGreaterThan(until);
      expires.event("expiring");
      assertThat(expires.event("bye").path("code").asInt()).isEqualTo(4200);
      assertThat(expires.closeCode()).isEqualTo(4200);
      assertThat(plain.closeCode()).isEqualTo(4200);
      refreshed.good("sendtoroom", "\"room_101\",\"still here\"");
    }
  }

  @Test
  void a_client_that_closes_or_vanishes_is_gone_at_once() {
    try (Venue venue = Venue.open();
        Visitor closes = venue.v1("user1");
        Visitor vanishes = venue.plain("user2")) {
      closes.good("subscribe", "\"room_101\"");
      vanishes.good("subscribe", "\"room_101\"");
      closes.socket().close(1000, "bye");
      assertThat(closes.closeCode()).isEqualTo(1000);
      vanishes.cut();
      venue.awaitEmpty();
      assertThat(venue.chat().counters().users()).isZero();
    }
  }

  @Test
  void nobody_is_taken_after_the_end() {
    Venue venue = Venue.open();
    var uri = venue.uri();
    venue.close();
    assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> Visitor.plain(uri));
  }

  private static Consumer<ChatBuilder> limits(UnaryOperator<Limits.Builder> change) {
    return builder -> builder.limits(change.apply(Limits.builder()).build());
  }
}
