package dev.confab.chat.examples.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Limits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What people do in a chat: come and go, talk in private and to all, type, and read what was said before. */
@ExtendWith(LeavesNoThread.class)
final class PeopleJourneyTest {
  private static final ChannelName ROOM = ChannelName.of("room_101");

  private static final Duration GRACE = Duration.ofSeconds(2);

  @TempDir
  Path folder;

  @Test
  void who_comes_and_goes_is_told_and_a_reload_is_neither() {
    try (Venue venue = Venue.open(
            builder -> builder.limits(Limits.builder().presenceGrace(GRACE).build()));
        Visitor watcher = venue.v1("user1");
        Visitor plain = venue.plain("user2")) {
      JsonNode present = watcher
          .good("subscribe", "\"room_101\",{\"presence\":true}")
          .path("channels")
          .path("room_101")
          .path("presence");
      assertThat(present.path("count").asInt()).isEqualTo(1);
      assertThat(present.path("users").path(0).path("id").asText()).isEqualTo("10001");
      plain.good("subscribe", "\"room_101\",{\"presence\":true}");
      assertThat(watcher.next())
          .isEqualTo(Visitor.json("{\"event\":\"join\",\"channel\":\"room_101\","
              + "\"user\":{\"id\":\"10002\",\"name\":\"user2\"}}"));

      Visitor before = venue.v1("user3");
      before.good("subscribe", "\"room_101\"");
      assertThat(watcher.next().path("user").path("id").asText()).isEqualTo("10003");
      assertThat(plain.next().path("user").path("id").asText()).isEqualTo("10003");
      before.cut();
      long gone;
      try (Visitor reloaded = venue.v1("user3")) {
        reloaded.good("subscribe", "\"room_101\"");
        reloaded.good("sendtoroom", "\"room_101\",\"back\"");
        assertThat(watcher.next().path("data").asText()).isEqualTo("back");
        assertThat(plain.next().path("data").asText()).isEqualTo("back");

        JsonNode page = plain.good("presence", "\"room_101\",{\"limit\":2}");
        assertThat(page.path("count").asInt()).isEqualTo(3);
        assertThat(page.path("more").asBoolean()).isTrue();
        assertThat(texts(page.path("users"), "id")).containsExactly("10001", "10002");
        JsonNode rest = plain.good("presence", "\"room_101\",{\"after\":\"10002\",\"limit\":2}");
        assertThat(rest.path("more").asBoolean()).isFalse();
        assertThat(texts(rest.path("users"), "id")).containsExactly("10003");
        gone = System.nanoTime();
      }
      JsonNode leave = watcher.next();
      assertThat(Duration.ofNanos(System.nanoTime() - gone)).isGreaterThanOrEqualTo(GRACE);
      assertThat(leave.path("event").asText()).isEqualTo("leave");
      assertThat(leave.path("user").path("id").asText()).isEqualTo("10003");
      assertThat(plain.next()).isEqualTo(leave);
    }
  }

  @ParameterizedTest
  @EnumSource
  void what_was_said_before_is_read_page_by_page(Databases.Kind kind) {
    try (Venue venue = Venue.open(builder -> builder.store(Databases.store(kind, folder)));
        Visitor visitor = venue.plain("user1")) {
      for (int number = 1; number <= 120; number++) {
        venue.chat().publish(ROOM, "m" + number);
      }
      JsonNode newest = visitor.good("history", "\"room_101\"");
      assertThat(newest.path("channel").asText()).isEqualTo("room_101");
      assertThat(texts(newest.path("messages"), "data")).isEqualTo(said(71, 120));
      assertThat(newest.path("more").asBoolean()).isTrue();
      JsonNode older = visitor.good("history", "\"room_101\",{\"before\":71}");
      assertThat(texts(older.path("messages"), "data")).isEqualTo(said(21, 70));
      JsonNode first = older.path("messages").path(0);
      JsonNode oldest = visitor.good(
          "history", "\"room_101\",{\"before\":\"" + cursor(first) + "\",\"limit\":100}");
      assertThat(texts(oldest.path("messages"), "data")).isEqualTo(said(1, 20));
      assertThat(oldest.path("more").asBoolean()).isFalse();
      JsonNode up = visitor.good(
          "history", "\"room_101\",{\"after\":\"" + cursor(first) + "\",\"limit\":100}");
      assertThat(texts(up.path("messages"), "data")).isEqualTo(said(22, 120));
      assertThat(up.path("more").asBoolean()).isFalse();
      JsonNode misfit = visitor.good("history", "\"room_101\",{\"after\":\"20.AAAAAAAAAAAAAAAA\"}");
      assertThat(misfit.path("reset").asBoolean()).isTrue();
      assertThat(misfit.path("messages").size()).isZero();
      for (String wrong :
          List.of("\"limit\":0", "\"limit\":101", "\"before\":-1", "\"before\":1,\"after\":1")) {
        assertThat(visitor.refused("history", "\"room_101\",{" + wrong + "}"))
            .isEqualTo("bad_args");
      }

      JsonNode joined = visitor
          .good("subscribe", "\"room_101\",{\"history\":3}")
          .path("channels")
          .path("room_101");
      assertThat(joined.path("head").asLong()).isEqualTo(120);
      assertThat(texts(joined.path("messages"), "data")).isEqualTo(said(118, 120));
      assertThat(joined.path("more").asBoolean()).isTrue();
      venue.chat().publish(ROOM, "m121");
      assertThat(visitor.event("subscribe").path("seq").asLong()).isEqualTo(121);
    }
  }

  @Test
  void a_cursor_that_does_not_fit_is_told_as_reset() {
    try (Venue venue = Venue.open();
        Visitor visitor = venue.v1("user1")) {
      venue.chat().publish(ROOM, "m1");
      for (String cursor : List.of("1.AAAAAAAAAAAAAAAA", "9.AAAAAAAAAAAAAAAA")) {
        JsonNode channel = visitor
            .good("subscribe", "\"room_101\",{\"since\":{\"room_101\":\"" + cursor + "\"}}")
            .path("channels")
            .path("room_101");
        assertThat(channel.path("reset").asBoolean()).isTrue();
        assertThat(channel.path("head").asLong()).isEqualTo(1);
      }
      venue.chat().publish(ROOM, "m2");
      assertThat(visitor.text()).isEqualTo("m2");
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_direct_message_reaches_all_devices_of_both(Databases.Kind kind) {
    try (Venue venue = Venue.open(builder -> builder.store(Databases.store(kind, folder)));
        Visitor phone = venue.v1("user1");
        Visitor laptop = venue.v1("user1");
        Visitor old = venue.plain("user1");
        Visitor friend = venue.v1("user2");
        Visitor friendsOld = venue.plain("user2")) {
      for (Visitor each : List.of(phone, laptop, old, friend, friendsOld)) {
        each.good("subscribe", "\"@user\"");
      }
      JsonNode sent = phone.good("sendtouser", "\"10002\",\"hi\",{\"key\":\"dm-1\"}");
      JsonNode got = friend.event("subscribe");
      assertThat(got.path("channel").asText()).isEqualTo("user_10002");
      assertThat(got.path("from").path("id").asText()).isEqualTo("10001");
      assertThat(got.path("data").asText()).isEqualTo("hi");
      assertThat(got.path("id")).isEqualTo(sent.path("id"));
      assertThat(got.path("seq")).isEqualTo(sent.path("seq"));
      assertThat(friendsOld.text()).isEqualTo("hi");
      for (Visitor device : List.of(phone, laptop)) {
        JsonNode copy = device.event("subscribe");
        assertThat(copy.path("channel").asText()).isEqualTo("user_10001");
        assertThat(copy.path("to").path("id").asText()).isEqualTo("10002");
        assertThat(copy.path("id")).isEqualTo(sent.path("id"));
        assertThat(copy.path("key").asText()).isEqualTo("dm-1");
        assertThat(copy.path("data").asText()).isEqualTo("hi");
      }
      // A repeat is neither a message nor a copy, and an integer is an id by its digits.
      assertThat(phone
              .good("sendtouser", "10002,\"hi again\",{\"key\":\"dm-1\"}")
              .path("duplicate")
              .asBoolean())
          .isTrue();
      friend.good("sendtouser", "\"user_10001\",\"hello\"");
      assertThat(phone.text()).isEqualTo("hello");
      assertThat(laptop.text()).isEqualTo("hello");
      // Plain clients are shown no copies.
      assertThat(old.text()).isEqualTo("hello");
      assertThat(friend.event("subscribe").path("to").path("id").asText()).isEqualTo("10001");
      // To oneself there is no copy.
      phone.good("sendtouser", "\"@user\",\"note\"");
      assertThat(laptop.text()).isEqualTo("note");
      phone.good("sendtouser", "\"10001\",\"note 2\"");
      assertThat(laptop.text()).isEqualTo("note 2");
    }
  }

  @Test
  void a_broadcast_reaches_everybody_who_listens() {
    try (Venue venue = Venue.open();
        Visitor sender = venue.plain("user1");
        Visitor v1 = venue.v1("user2");
        Visitor plain = venue.plain("user3")) {
      v1.good("subscribe", "\"broadcast\"");
      plain.good("subscribe", "\"broadcast\",\"room_101\"");
      sender.good("sendbroadcast", "{\"text\":\"to all\"}");
      for (Visitor each : List.of(v1, plain)) {
        JsonNode event = each.event("subscribe");
        assertThat(event.path("channel").asText()).isEqualTo("broadcast");
        assertThat(event.path("data")).isEqualTo(Visitor.json("{\"text\":\"to all\"}"));
      }
    }
  }

  @Test
  void a_signal_reaches_the_others_in_the_channel_and_is_not_recorded() {
    try (Venue venue = Venue.open();
        Visitor typing = venue.v1("user1");
        Visitor other = venue.v1("user2");
        Visitor plain = venue.plain("user3");
        Visitor outside = venue.v1("user4")) {
      for (Visitor each : List.of(typing, other, plain)) {
        each.good("subscribe", "\"room_101\"");
      }
      venue.chat().publish(ROOM, "m1");
      for (Visitor each : List.of(typing, other, plain)) {
        assertThat(each.text()).isEqualTo("m1");
      }
      typing.good("signal", "\"room_101\",{\"typing\":true}");
      for (Visitor each : List.of(other, plain)) {
        assertThat(each.next())
            .isEqualTo(Visitor.json(
                "{\"event\":\"signal\",\"channel\":\"room_101\",\"from\":{\"id\":\"10001\",\"name\":\"user1\"},"
                    + "\"seq\":1,\"data\":{\"typing\":true}}"));
      }
      venue.chat().publish(ROOM, "m2");
      // Next, not later: there was no signal for the sender, nor for who is outside.
      assertThat(typing.next().path("data").asText()).isEqualTo("m2");
      outside.good("subscribe", "\"room_101\",{\"since\":{\"room_101\":\"0\"}}");
      assertThat(outside.text()).isEqualTo("m1");
      assertThat(outside.next().path("data").asText()).isEqualTo("m2");
    }
  }

  @Test
  void after_the_reply_to_unsubscribe_nothing_of_the_channel_comes() {
    try (Venue venue = Venue.open();
        Visitor visitor = venue.v1("user1")) {
      visitor.good("subscribe", "\"room_101\",\"room_102\"");
      visitor.good("unsubscribe", "\"room_101\"");
      visitor.good("unsubscribe", "\"room_101\",\"room_never\"");
      venue.chat().publish(ROOM, "unheard");
      venue.chat().publish(ChannelName.of("room_102"), "heard");
      assertThat(visitor.next().path("data").asText()).isEqualTo("heard");
    }
  }

  private static List<String> said(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(number -> "m" + number).toList();
  }

  private static List<String> texts(JsonNode array, String field) {
    List<String> texts = new ArrayList<>();
    StreamSupport.stream(array.spliterator(), false)
        .forEach(each -> texts.add(each.path(field).asText()));
    return texts;
  }

  private static String cursor(JsonNode event) {
    return event.path("seq").asText() + "." + event.path("id").asText();
  }
}
