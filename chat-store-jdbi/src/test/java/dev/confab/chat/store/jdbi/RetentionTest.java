package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.AT;
import static dev.confab.chat.store.jdbi.Said.all;
import static dev.confab.chat.store.jdbi.Said.item;
import static dev.confab.chat.store.jdbi.Said.keyed;
import static dev.confab.chat.store.jdbi.Said.recorded;
import static dev.confab.chat.store.jdbi.Said.room;
import static dev.confab.chat.store.jdbi.Said.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.TrimmedRange;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Appended;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Outcome;
import dev.confab.chat.spi.MessageStore.Page;
import dev.confab.chat.spi.MessageStore.Position;
import dev.confab.chat.store.jdbi.Retention.Keep;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What retention removes and what it leaves, on each database. */
class RetentionTest {
  private static final Duration DAY = Duration.ofDays(1);

  private static JdbiMessageStore keeping(SchemaTest.Place place, Retention retention) {
    return place.store().retention(retention).build();
  }

  private static Appended sayAt(JdbiMessageStore store, Instant at, Item... items) {
    return store.append(new Append(List.of(items), at, Duration.ofSeconds(10), Map.of()));
  }

  private static Page from(JdbiMessageStore store, ChannelName channel, Cursor cursor) {
    return store.read(channel, new Position.After(cursor), 10_000, 1 << 26);
  }

  @ParameterizedTest
  @EnumSource
  void too_old_entries_go_openly_and_only_where_the_longest_prefix_says_so(SchemaTest.Kind kind) {
    ChannelName room = room();
    ChannelName important = ChannelName.of("room_important_" + room.value());
    ChannelName own = ChannelName.user(UserId.of("ann"));
    Retention retention = Retention.everything()
        .with("room_", Keep.youngerThan(DAY.multipliedBy(30)))
        .with("room_important_", Keep.EVERYTHING);
    try (JdbiMessageStore store = keeping(kind.fresh(), retention)) {
      List<Entry> said = new ArrayList<>();
      for (int day = 0; day < 10; day++) {
        Appended appended =
            sayAt(store, AT.plus(DAY.multipliedBy(day)), item(room), item(important), item(own));
        said.add(recorded(appended, 0));
      }

      assertThat(store.trim(AT.plus(DAY.multipliedBy(30))))
          .as("an entry of exactly that age is kept")
          .isEqualTo(new Trimmed(0, 0, 0, 0, true));
      assertThat(store.trim(AT.plus(DAY.multipliedBy(33))))
          .isEqualTo(new Trimmed(3, 1, 0, 0, true));
      Page page = from(store, room, Cursor.START);
      assertThat(page.trimmed()).contains(new TrimmedRange(1, 3));
      assertThat(page.entries()).isEqualTo(said.subList(3, 10));
      assertThat(from(store, room, said.get(2).cursor()).entries())
          .as("the last one that is gone is still a place")
          .isEqualTo(said.subList(3, 10));
      assertThat(from(store, room, Cursor.of(3, said.get(4).id())).fits()).isFalse();
      assertThat(all(store, important)).hasSize(10);
      assertThat(all(store, own)).hasSize(10);

      assertThat(store.trim(AT.plus(DAY.multipliedBy(100))).entries()).isEqualTo(7);
      Page nothing = from(store, room, Cursor.START);
      assertThat(nothing.entries()).isEmpty();
      assertThat(nothing.trimmed()).contains(new TrimmedRange(1, 10));
      assertThat(recorded(say(store, item(room)), 0).seq()).isEqualTo(11);
    }
  }

  @ParameterizedTest
  @EnumSource
  void newest_entries_are_kept_and_the_rest_goes_in_bites(SchemaTest.Kind kind) {
    ChannelName room = room();
    try (JdbiMessageStore store =
        keeping(kind.fresh(), Retention.everything().with(Keep.newest(100)))) {
      for (int i = 0; i < 5; i++) {
        Item[] items = new Item[460];
        java.util.Arrays.setAll(items, n -> item(room));
        say(store, items);
      }
      assertThat(store.trim(AT.plus(DAY))).isEqualTo(new Trimmed(2_200, 1, 0, 0, true));

      Page page = from(store, room, Cursor.START);
      assertThat(page.trimmed()).contains(new TrimmedRange(1, 2_200));
      assertThat(page.entries()).hasSize(100).first().extracting(Entry::seq).isEqualTo(2_201L);
      assertThat(page.head().seq()).isEqualTo(2_300);
      assertThat(page.head().no()).isEqualTo(2_300);
      assertThat(store.trim(AT.plus(DAY))).isEqualTo(new Trimmed(0, 0, 0, 0, true));
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothing_younger_than_a_minute_and_nothing_behind_something_that_is_kept_goes(
      SchemaTest.Kind kind) {
    ChannelName room = room();
    ChannelName skewed = ChannelName.of("aged_" + room.value());
    Retention retention = Retention.everything()
        .with(Keep.newest(0))
        .with("aged_", Keep.youngerThan(Duration.ofDays(2)));
    try (JdbiMessageStore store = keeping(kind.fresh(), retention)) {
      say(store, item(room));
      assertThat(store.trim(AT.plusSeconds(60)).entries()).isZero();
      assertThat(store.trim(AT.plusSeconds(61)).entries()).isEqualTo(1);

      // As a node writes whose clock is behind.
      sayAt(store, AT.plus(DAY.multipliedBy(5)), item(skewed));
      sayAt(store, AT, item(skewed));
      assertThat(store.trim(AT.plus(DAY.multipliedBy(6))).entries()).isZero();
      assertThat(store.trim(AT.plus(DAY.multipliedBy(8))).entries()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void key_outlives_its_message_for_its_life_and_is_then_forgotten(SchemaTest.Kind kind) {
    ChannelName room = room();
    SchemaTest.Place place = kind.fresh();
    try (JdbiMessageStore store =
        keeping(place, Retention.everything().with(Keep.youngerThan(DAY)))) {
      Entry first = recorded(say(store, keyed(room, "k")), 0);
      assertThat(store.trim(AT.plus(DAY.multipliedBy(2))).entries()).isEqualTo(1);
      assertThat(all(store, room)).isEmpty();

      Instant late = AT.plus(DAY.multipliedBy(7)).minusMillis(1);
      Outcome again = sayAt(store, late, keyed(room, "k")).outcomes().get(0);
      assertThat(((Outcome.Duplicate) again).receipt().id()).isEqualTo(first.id());
      assertThat(store.trim(late)).isEqualTo(new Trimmed(0, 0, 0, 0, true));
      assertThat(store.trim(late.plusMillis(1)).keys()).isEqualTo(1);
      assertThat(place.lines("select count(*) from chat_key")).containsExactly("0");
      assertThat(recorded(sayAt(store, late.plusMillis(1), keyed(room, "k")), 0).seq())
          .isEqualTo(2);

      // A message that is older than its key has to live leaves none.
      assertThat(store.trim(AT.plus(DAY.multipliedBy(20))).entries()).isEqualTo(1);
      assertThat(place.lines("select count(*) from chat_key")).containsExactly("0");
    }
  }

  @ParameterizedTest
  @EnumSource
  void key_that_was_used_again_after_its_life_is_remembered_where_it_was_used_last(
      SchemaTest.Kind kind) {
    ChannelName room = room();
    SchemaTest.Place place = kind.fresh();
    Retention retention = Retention.everything().with(Keep.youngerThan(DAY));
    try (JdbiMessageStore store = place.store().retention(retention).build();
        JdbiMessageStore remembering =
            place.store().retention(retention).keyLife(DAY.multipliedBy(30)).build()) {
      say(store, keyed(room, "k"));
      assertThat(remembering.trim(AT.plus(DAY.multipliedBy(2))).entries()).isEqualTo(1);
      Instant later = AT.plus(DAY.multipliedBy(8));
      Entry second = recorded(sayAt(store, later, keyed(room, "k")), 0);

      assertThat(remembering.trim(later.plus(DAY.multipliedBy(2))).entries()).isEqualTo(1);
      Outcome again = sayAt(store, later.plus(DAY.multipliedBy(3)), keyed(room, "k"))
          .outcomes()
          .get(0);
      assertThat(((Outcome.Duplicate) again).receipt().id()).isEqualTo(second.id());
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SQLITE")
  void channel_that_is_held_is_left_for_the_next_run(SchemaTest.Kind kind) {
    ChannelName held = room();
    ChannelName free = room();
    SchemaTest.Place place = kind.fresh();
    try (JdbiMessageStore store =
        keeping(place, Retention.everything().with(Keep.youngerThan(DAY)))) {
      say(store, item(held), item(free));
      var hold = Holding.hold(place.source(), held);
      try {
        assertThat(store.trim(AT.plus(DAY.multipliedBy(2))))
            .isEqualTo(new Trimmed(1, 1, 0, 1, true));
      } finally {
        hold.close();
      }
      assertThat(all(store, held)).hasSize(1);
      assertThat(store.trim(AT.plus(DAY.multipliedBy(2)))).isEqualTo(new Trimmed(1, 1, 0, 0, true));
      var holdEmpty = Holding.hold(place.source(), held);
      try {
        assertThat(store.trim(AT.plus(DAY.multipliedBy(2))))
            .as("what holds nothing is not asked for again")
            .isEqualTo(new Trimmed(0, 0, 0, 0, true));
      } finally {
        holdEmpty.close();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void readers_see_no_hole_while_entries_come_and_go(SchemaTest.Kind kind) throws Exception {
    ChannelName room = room();
    SchemaTest.Place place = kind.fresh();
    Retention retention = Retention.everything().with(Keep.newest(5));
    try (JdbiMessageStore store = keeping(place, retention)) {
      say(store, item(room));
      CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
        for (int i = 0; i < 60; i++) {
          say(store, item(room), item(room), item(room));
        }
      });
      CompletableFuture<Void> trimming = CompletableFuture.runAsync(() -> {
        while (!writing.isDone()) {
          store.trim(AT.plus(DAY));
        }
      });
      Cursor behind = Cursor.START;
      while (!trimming.isDone()) {
        Page page = store.read(room, new Position.After(behind), 4, 1 << 20);
        assertThat(page.fits()).isTrue();
        long expected = page.trimmed().map(TrimmedRange::to).orElse(behind.seq());
        for (Entry entry : page.entries()) {
          assertThat(entry.seq()).isEqualTo(++expected);
          behind = entry.cursor();
        }
      }
      writing.get(60, TimeUnit.SECONDS);
      trimming.get(60, TimeUnit.SECONDS);
      store.trim(AT.plus(DAY));
      assertThat(all(store, room)).hasSize(5).last().extracting(Entry::seq).isEqualTo(181L);
    }
  }

  @Test
  void run_that_is_interrupted_or_whose_store_keeps_everything_removes_nothing() {
    ChannelName room = room();
    SchemaTest.Place place = SchemaTest.Kind.SQLITE.fresh();
    try (JdbiMessageStore store =
            keeping(place, Retention.everything().with(Keep.youngerThan(DAY)));
        JdbiMessageStore keeper = place.store().build()) {
      say(store, item(room));
      assertThat(keeper.trim(AT.plus(Duration.ofDays(30_000))))
          .isEqualTo(new Trimmed(0, 0, 0, 0, true));
      Thread.currentThread().interrupt();
      assertThat(store.trim(AT.plus(DAY.multipliedBy(2))))
          .isEqualTo(new Trimmed(0, 0, 0, 0, false));
      assertThat(Thread.interrupted()).isTrue();
      assertThat(all(store, room)).hasSize(1);
    }
  }

  @Test
  void settings_refuse_what_they_can_not_mean() {
    assertThatThrownBy(() -> Keep.youngerThan(Duration.ofSeconds(59)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("age must be 1 minute to 36500 days, got PT59S");
    assertThatThrownBy(() -> Keep.newest(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("entries must be at least 0, got -1");
    assertThatThrownBy(() -> Retention.everything().with("", Keep.EVERYTHING))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Retention.everything().of(room())).isEqualTo(Keep.EVERYTHING);
    assertThat(Keep.youngerThan(DAY).andNewest(3).age()).isEqualTo(Optional.of(DAY));
  }
}
