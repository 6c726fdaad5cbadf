package dev.confab.chat.store.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.confab.chat.Following;
import dev.confab.chat.LogConsumer;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Json;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Item;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A real database becomes what it was, under running nodes with real clients. Every room holds three messages; four more are
 * said and lost again, and what is there then is either nothing more or nine others under the same numbers. The quiet nodes
 * look at the store only if something makes them; the others do once in a while.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RollbackContract {
  private static final int COMMON = 3;
  private static final int LOST = 4;
  private static final int OTHERS = 9;
  private static final int HOPS = 200;
  private static final int ROOMS = 10;

  /** What the log has become. */
  enum Past {
    SHORTER(COMMON),
    LONGER(COMMON + OTHERS);

    final int head;

    Past(int head) {
      this.head = head;
    }
  }

  private Restorable database;
  private ChatNode quiet;
  private ChatNode otherQuiet;
  private ChatNode watching;
  private ChatNode otherWatching;
  private Past now = Past.SHORTER;
  private int rooms;

  /** A new, empty database. */
  abstract Restorable database();

  @BeforeAll
  void open() {
    database = database();
    MessageStore store = database.store();
    write(store, 1, COMMON, "common ");
    database.keep(Past.SHORTER.name());
    write(store, COMMON + 1, COMMON + OTHERS, "other ");
    database.keep(Past.LONGER.name());
    store.close();
    database.restore(Past.SHORTER.name());
    quiet = new ChatNode(database.store(), Duration.ofDays(1));
    otherQuiet = new ChatNode(database.store(), Duration.ofDays(1));
    watching = new ChatNode(database.store(), Duration.ofMillis(50));
    otherWatching = new ChatNode(database.store(), Duration.ofMillis(50));
  }

  @AfterAll
  void close() {
    quiet.close();
    otherQuiet.close();
    watching.close();
    otherWatching.close();
    database.close();
  }

  private static void write(MessageStore store, int from, int to, String text) {
    List<Item> items = new ArrayList<>();
    for (int room = 1; room <= ROOMS; room++) {
      for (int seq = from; seq <= to; seq++) {
        items.add(Item.of(Draft.message(
            ChannelName.of("room_" + room),
            EntryId.random(new SecureRandom()),
            Optional.empty(),
            Optional.empty(),
            Json.string(text + seq))));
      }
    }
    store.append(Append.of(items, Instant.ofEpochMilli(1_700_000_000_000L)));
  }

  /** A room in which nobody has said anything since the first three messages. */
  private String room() {
    if (now != Past.SHORTER) {
      restore(Past.SHORTER);
    }
    return "room_" + ++rooms;
  }

  private void restore(Past past) {
    database.restore(past.name());
    now = past;
  }

  /** Says what will be lost, seen by these; the cursors of what they saw. */
  private static List<String> lose(ChatClient sender, String room, ChatClient... seenBy) {
    List<String> cursors = new ArrayList<>();
    for (int seq = COMMON + 1; seq <= COMMON + LOST; seq++) {
      String text = "lost " + seq;
      assertThat(sender.say(room, text, room + "-" + seq).path("seq").asInt()).isEqualTo(seq);
      for (ChatClient reader : seenBy) {
        cursors.add(reader.message(seq, text));
      }
    }
    return cursors;
  }

  private static String text(int seq) {
    return seq <= COMMON ? "common " + seq : "other " + seq;
  }

  @ParameterizedTest
  @EnumSource
  void the_next_append_tells_who_follows(Past past) {
    String room = room();
    try (ChatClient sender = quiet.v1();
        ChatClient reader = quiet.v1();
        ChatClient plain = quiet.plain()) {
      reader.follow(room);
      plain.follow(room);
      lose(sender, room, reader, plain);
      restore(past);
      JsonNode first = sender.say(room, "new", room + "-new");
      assertThat(first.path("seq").asInt()).isEqualTo(past.head + 1);
      reader.reset(past.head + 1);
      assertThat(plain.closeCode()).isEqualTo(4300);
      sender.say(room, "newer", room + "-newer");
      reader.message(past.head + 2, "newer");
    }
  }

  @ParameterizedTest
  @EnumSource
  void the_next_read_tells_who_follows_and_spares_who_saw_nothing_that_was_lost(Past past) {
    String room = room();
    try (ChatClient sender = quiet.v1();
        ChatClient reader = quiet.v1();
        ChatClient plain = quiet.plain();
        ChatClient late = quiet.v1()) {
      reader.follow(room);
      plain.follow(room);
      lose(sender, room, reader, plain);
      restore(past);
      JsonNode reply = late.resume(room, "0");
      assertThat(reply.has("reset")).as("%s", reply).isFalse();
      for (int seq = 1; seq <= past.head; seq++) {
        late.message(seq, text(seq));
      }
      assertThat(late.event().path("event").asText()).isEqualTo("live");
      reader.reset(past.head);
      assertThat(plain.closeCode()).isEqualTo(4300);
      sender.say(room, "new", room + "-new");
      late.message(past.head + 1, "new");
      reader.message(past.head + 1, "new");
    }
  }

  @ParameterizedTest
  @EnumSource
  void the_watch_of_every_node_tells_who_follows_there(Past past) {
    String room = room();
    List<String> host = new CopyOnWriteArrayList<>();
    try (ChatClient sender = quiet.v1();
        ChatClient reader = watching.v1();
        ChatClient other = otherWatching.v1();
        ChatClient plain = otherWatching.plain();
        Following following =
            watching.chat().follow(ChannelName.of(room), Cursor.START, new Noting(host))) {
      reader.follow(room);
      other.follow(room);
      plain.follow(room);
      lose(sender, room, reader, other, plain);
      await().until(() -> host.size() == COMMON + LOST);
      restore(past);
      reader.reset(past.head);
      other.reset(past.head);
      assertThat(plain.closeCode()).isEqualTo(4300);
      await().until(() -> host.size() == COMMON + LOST + 1);
      sender.say(room, "new", room + "-new");
      reader.message(past.head + 1, "new");
      other.message(past.head + 1, "new");
      await().until(() -> host.size() == COMMON + LOST + 2);
      assertThat(host.subList(COMMON + LOST, COMMON + LOST + 2))
          .containsExactly("reset to " + past.head, "new");
      assertThat(following.position().seq()).isEqualTo(past.head + 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void who_resumes_with_what_was_lost_is_reset_and_who_does_not_misses_nothing(Past past) {
    String room = room();
    String common;
    List<String> lost;
    try (ChatClient sender = quiet.v1();
        ChatClient reader = quiet.v1()) {
      reader.resume(room, "0");
      reader.message(1, "common 1");
      common = reader.message(2, "common 2");
      reader.message(3, "common 3");
      assertThat(reader.event().path("event").asText()).isEqualTo("live");
      lost = lose(sender, room, reader);
    }
    await().until(() -> quiet.chat().counters().connections() == 0);
    restore(past);
    // One node has seen what was lost, the other has never heard of the room.
    for (ChatNode node : List.of(quiet, otherQuiet)) {
      for (String cursor : lost) {
        try (ChatClient back = node.v1()) {
          JsonNode reply = back.resume(room, cursor);
          assertThat(reply.path("reset").asBoolean()).as("%s", reply).isTrue();
          assertThat(reply.path("head").asInt()).as("%s", reply).isEqualTo(past.head);
          assertThat(back.event().path("event").asText()).isEqualTo("live");
        }
      }
      try (ChatClient back = node.v1()) {
        JsonNode reply = back.resume(room, common);
        assertThat(reply.has("reset")).as("%s", reply).isFalse();
        for (int seq = 3; seq <= past.head; seq++) {
          back.message(seq, text(seq));
        }
        assertThat(back.event().path("event").asText()).isEqualTo("live");
      }
    }
  }

  @Test
  void a_key_whose_message_was_lost_is_recorded_again_and_then_once() {
    String room = room();
    try (ChatClient sender = quiet.v1()) {
      lose(sender, room);
      restore(Past.SHORTER);
      JsonNode again = sender.say(room, "said again", room + "-" + (COMMON + LOST));
      assertThat(again.path("seq").asInt()).isEqualTo(COMMON + 1);
      assertThat(again.has("duplicate")).isFalse();
      JsonNode repeated = sender.say(room, "said again", room + "-" + (COMMON + LOST));
      assertThat(repeated.path("duplicate").asBoolean()).isTrue();
      assertThat(repeated.path("cursor")).isEqualTo(again.path("cursor"));
    }
  }

  @Test
  void nobody_is_reset_for_moving_between_nodes() throws Exception {
    String room = room();
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService talk = Executors.newFixedThreadPool(2);
    try (ChatClient stays = watching.v1();
        ChatClient staysThere = otherWatching.v1();
        ChatClient here = watching.v1();
        ChatClient there = otherWatching.v1()) {
      stays.follow(room);
      staysThere.follow(room);
      List<Future<Integer>> said = List.of(
          talk.submit(() -> talk(watching, room, over)),
          talk.submit(() -> talk(otherWatching, room, over)));
      String cursor = "0";
      long seen = 0;
      for (int hop = 0; hop < HOPS; hop++) {
        ChatClient client = hop % 2 == 0 ? here : there;
        JsonNode reply = client.resume(room, cursor);
        assertThat(reply.has("reset")).as("%s", reply).isFalse();
        List<JsonNode> heard = new ArrayList<>();
        while (heard.stream()
            .noneMatch(event -> event.path("event").asText().equals("subscribe"))) {
          heard.add(client.event());
        }
        client.good("unsubscribe", "\"" + room + "\"");
        for (Optional<JsonNode> more = client.eventHere();
            more.isPresent();
            more = client.eventHere()) {
          heard.add(more.get());
        }
        for (JsonNode event : heard) {
          if (event.path("event").asText().equals("subscribe")) {
            assertThat(event.path("seq").asLong()).as("%s", event).isEqualTo(++seen);
            cursor = seen + "." + event.path("id").asText();
          } else {
            assertThat(event.path("event").asText()).as("%s", event).isEqualTo("live");
          }
        }
      }
      over.set(true);
      int last =
          COMMON + said.get(0).get(30, TimeUnit.SECONDS) + said.get(1).get(30, TimeUnit.SECONDS);
      for (ChatClient reader : List.of(stays, staysThere)) {
        for (int seq = COMMON + 1; seq <= last; seq++) {
          JsonNode event = reader.event();
          assertThat(event.path("event").asText()).as("%s", event).isEqualTo("subscribe");
          assertThat(event.path("seq").asInt()).as("%s", event).isEqualTo(seq);
        }
      }
    } finally {
      over.set(true);
      talk.shutdown();
    }
  }

  /** Says one thing after the other; how many. */
  private static int talk(ChatNode node, String room, AtomicBoolean over) {
    int said = 0;
    try (ChatClient sender = node.v1()) {
      while (!over.get()) {
        sender.good("publish", "\"" + room + "\",\"" + said++ + "\"");
      }
    }
    return said;
  }

  /** Notes what the host is told. */
  private record Noting(List<String> told) implements LogConsumer {
    @Override
    public void recorded(Entry entry) {
      told.add(entry.data().asString().orElse("?"));
    }

    @Override
    public void reset(ChannelName channel, Head head) {
      told.add("reset to " + head.seq());
    }
  }
}
