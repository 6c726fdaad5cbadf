package dev.confab.chat.examples.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserId;
import dev.confab.chat.spi.AccessPolicy;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said to one user is read by no other, whatever the other sends. */
@ExtendWith(LeavesNoThread.class)
final class PrivacyJourneyTest {
  private static final String SECRET = "for user2 alone";

  /** user2 is 10002. Each has to be refused. */
  private static final List<String> REFUSED = List.of(
      "subscribe|\"user_10002\"",
      "subscribe|\"room_101\",\"user_10002\"",
      "subscribe|\"user_10002\",\"@user\"",
      "subscribe|[\"user_10002\"]",
      "subscribe|\"user_10002\",{\"history\":100}",
      "subscribe|\"user_10002\",{\"presence\":true}",
      "subscribe|\"user_10002\",{\"since\":{\"user_10002\":\"0\"}}",
      "subscribe|\"room_101\",{\"since\":{\"user_10002\":\"0\"}}",
      "subscribe|\"@user\",{\"since\":{\"user_10002\":\"0\"}}",
      "subscribe|\"room_101\",{\"as\":\"10002\"}",
      "subscribe|\"@user\",{\"as\":\"10002\"}",
      "subscribe|\"us\\u0065r_10002\"",
      "subscribe|\"user_10002 \"",
      "subscribe|\" user_10002\"",
      "subscribe|\"user_10002\\u0000\"",
      "subscribe|\"user_10002\\n\"",
      "subscribe|{\"user_10002\":\"0\"}",
      "history|\"user_10002\"",
      "history|\"user_10002\",{\"limit\":100}",
      "history|\"user_10002\",{\"after\":\"0\"}",
      "history|\"user_10002\",{\"before\":1000}",
      "history|\"us\\u0065r_10002\"",
      "history|\"@user\",{\"as\":\"10002\"}",
      "history|\"@user\",\"user_10002\"",
      "presence|\"user_10002\"",
      "presence|\"user_10002\",{\"limit\":100}",
      "presence|\"us\\u0065r_10002\"",
      "sendtoroom|\"user_10002\",\"x\"",
      "sendtouser|\"10002\",\"x\",{\"as\":\"10003\"}",
      "sendtouser|\"user_\",\"x\"",
      "sendtouser|\"\",\"x\"",
      "sendtouser|\"@user\",\"x\",{\"about\":1}",
      "publish|\"user_10002\",\"x\",{\"kind\":\"copy\"}",
      "publish|\"user_10002\",\"x\",{\"exclude\":[]}",
      "auth|\"user2\",\"wrong\"",
      "auth|\"user2\",\"123456\"",
      "auth|{\"token\":\"10002\"}",
      "redact|\"user_10002\",1",
      "read|\"user_10002\",1");

  /** Allowed, and still nothing of user2 comes back. */
  private static final List<String> HARMLESS = List.of(
      "subscribe|\"@user\"",
      "subscribe|\"@user\",{\"since\":{\"@user\":\"0\"},\"history\":0}",
      "subscribe|\"USER_10002\",{\"history\":100}",
      "subscribe|\"10002\",{\"history\":100}",
      "subscribe|10002",
      "subscribe|\"\\uff55ser_10002\",{\"history\":100}",
      "subscribe|\"user_010002\"",
      "history|\"@user\"",
      "history|10002",
      "presence|\"@user\"",
      "unsubscribe|\"user_10002\"",
      "sendtouser|\"10002\",\"x\"",
      "sendtouser|10002,\"x\"",
      "sendtouser|\"user_10002\",\"x\"",
      "sendtouser|\"10002\",\"x\",{\"key\":\"secret-key\"}",
      "publish|\"user_10002\",\"x\",{\"key\":\"another-key\"}",
      "publish|\"user_10002\",{\"op\":\"subscribe\",\"args\":[\"user_10002\"]}",
      "publish|\"user_10002\",\"x\"",
      "signal|\"user_10002\",\"x\"",
      "signal|\"@user\",\"x\"");

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void user1_reads_nothing_of_user2_whatever_user1_sends(boolean v1) {
    try (Venue venue = Venue.open();
        Visitor owner = venue.v1("user2");
        Visitor friend = venue.plain("user3");
        Visitor curious = (v1 ? venue.v1("user1") : venue.plain("user1")).rememberingAll()) {
      owner.good("subscribe", "\"@user\",{\"presence\":true}");
      friend.good("sendtouser", "\"10002\",\"" + SECRET + "\",{\"key\":\"secret-key\"}");
      venue.chat().publish(new UserId("10002"), Json.string(SECRET + " by the host"));
      for (String line : REFUSED) {
        String[] ask = line.split("\\|", 2);
        assertThat(curious.ask(ask[0], ask[1]).has("error")).as(line).isTrue();
        friend.good("sendtouser", "\"user_10002\",\"" + SECRET + "\"");
      }
      for (String line : HARMLESS) {
        String[] ask = line.split("\\|", 2);
        JsonNode reply = curious.ask(ask[0], ask[1]);
        assertThat(reply.path("data").path("duplicate").asBoolean())
            .as("%s", reply)
            .isFalse();
        friend.good("sendtouser", "\"user_10002\",\"" + SECRET + "\"");
      }
      friend.good("signal", "\"user_10002\",\"" + SECRET + "\"");
      // Whatever was to come has come once an answer to something later is here.
      curious.good("subscribe", "\"room_end\"");
      venue.chat().publish(ChannelName.of("room_end"), "end");
      curious.await(event -> event.path("channel").asText().equals("room_end"));
      assertThat(curious.heard())
          .isNotEmpty()
          .noneMatch(text -> text.contains(SECRET))
          .noneMatch(text -> text.contains("\"event\":\"subscribe\",\"channel\":\"user_10002\""));
      assertThat(venue
              .chat()
              .connections()
              .channels(
                  venue.chat().users().sessions(new UserId("10001")).get(0).connection(),
                  Optional.empty(),
                  100)
              .items())
          .doesNotContain(ChannelName.of("user_10002"), ChannelName.of("room_101"));
      // And user2 has them all.
      for (int number = 0; number < REFUSED.size() + HARMLESS.size() + 2; number++) {
        owner.await(event -> event.path("data").asText().startsWith(SECRET));
      }
    }
  }

  @Test
  void a_policy_that_allows_everything_still_lets_nobody_read_anothers_channel() {
    AccessPolicy everything = (who, what, where) -> {};
    try (Venue venue =
            Venue.open(builder -> builder.access(everything).access("user_", everything));
        Visitor owner = venue.plain("user2");
        Visitor curious = venue.v1("user1").rememberingAll()) {
      owner.good("sendtouser", "\"10002\",\"" + SECRET + "\"");
      assertThat(curious.refused("subscribe", "\"user_10002\"")).isEqualTo("denied");
      assertThat(curious.refused("history", "\"user_10002\"")).isEqualTo("denied");
      assertThat(curious.refused("subscribe", "\"user_10002\",{\"history\":1}"))
          .isEqualTo("denied");
      assertThat(curious.heard()).noneMatch(text -> text.contains(SECRET));
    }
  }

  @Test
  void an_answer_does_not_say_whether_another_users_channel_exists() {
    try (Venue venue = Venue.open();
        Visitor curious = venue.plain("user1")) {
      venue.chat().publish(new UserId("10002"), Json.string(SECRET));
      for (String op : List.of("subscribe", "history", "presence")) {
        String there = curious.ask(op, "\"user_10002\"").toString();
        String notThere = curious.ask(op, "\"user_77777\"").toString();
        assertThat(there.replace("10002", "77777").replaceAll("ask-\\d+", ""))
            .isEqualTo(notThere.replaceAll("ask-\\d+", ""));
      }
    }
  }

  @Test
  void after_logout_nothing_of_the_former_user_comes_to_the_next() {
    try (Venue venue = Venue.open();
        Visitor shared = venue.v1("user2");
        Visitor friend = venue.plain("user3")) {
      shared.good("subscribe", "\"@user\",\"room_101\"");
      shared.good("logout", "");
      shared.rememberingAll();
      shared.login("user1");
      shared.good("subscribe", "\"@user\"");
      friend.good("sendtouser", "\"10002\",\"" + SECRET + "\"");
      friend.good("sendtouser", "\"10001\",\"hello\"");
      assertThat(shared.text()).isEqualTo("hello");
      assertThat(shared.heard()).noneMatch(text -> text.contains(SECRET));
    }
  }
}
