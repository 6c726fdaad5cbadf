package dev.confab.chat.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.protocol.TrimmedRange;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Outcome;
import dev.confab.chat.spi.MessageStore.Page;
import dev.confab.chat.spi.MessageStore.Position;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What the store in memory does at its bounds. */
final class InMemoryMessageStoreLimitsTest {
  private static final Instant AT = Instant.parse("2026-03-01T12:00:00Z");
  private static final ChannelName ROOM = ChannelName.of("room_1");
  private static final long MIB = 1L << 20;

  private final RandomGenerator random = RandomGenerator.getDefault();

  @Test
  void channel_above_its_entries_loses_the_oldest_and_says_so() {
    MessageStore store = InMemoryMessageStore.builder().channelEntries(3).build();
    for (int i = 0; i < 5; i++) {
      say(store, ROOM, 10);
    }

    Page page = store.read(ROOM, new Position.AfterSeq(0), 10, 1000);
    assertThat(page.entries()).extracting(Entry::seq).containsExactly(3L, 4L, 5L);
    assertThat(page.trimmed()).contains(new TrimmedRange(1, 2));
  }

  @Test
  void batch_larger_than_a_channel_leaves_its_newest_entries() {
    MessageStore store = InMemoryMessageStore.builder().channelEntries(2).build();
    store.append(Append.of(
        List.of(Item.of(draft(ROOM, 10)), Item.of(draft(ROOM, 10)), Item.of(draft(ROOM, 10))), AT));

    assertThat(all(store, ROOM)).extracting(Entry::seq).containsExactly(2L, 3L);
  }

  @Test
  void store_above_its_bytes_loses_the_oldest_entries_of_whatever_channel() {
    MessageStore store = InMemoryMessageStore.builder().totalBytes(MIB).build();
    ChannelName quiet = ChannelName.of("room_quiet");
    ChannelName busy = ChannelName.of("room_busy");
    say(store, quiet, 1000);
    for (int i = 0; i < 5; i++) {
      say(store, busy, 200_000);
    }
    assertThat(all(store, quiet)).hasSize(1);
    assertThat(all(store, busy)).hasSize(5);

    say(store, busy, 200_000);
    assertThat(all(store, quiet)).isEmpty();
    assertThat(all(store, busy)).extracting(Entry::seq).containsExactly(2L, 3L, 4L, 5L, 6L);
    assertThat(store.heads(List.of(quiet)).get(quiet).seq()).isEqualTo(1);
  }

  @Test
  void redaction_gives_room() {
    MessageStore store = InMemoryMessageStore.builder().totalBytes(MIB).build();
    for (int i = 0; i < 5; i++) {
      say(store, ROOM, 200_000);
    }
    assertThat(store.redact(ROOM, 1, EntryId.random(random), AT)).isPresent();
    say(store, ROOM, 200_000);

    assertThat(all(store, ROOM)).hasSize(7);
  }

  @Test
  void append_that_weighs_more_than_half_of_the_store_is_refused() {
    MessageStore store = InMemoryMessageStore.builder().totalBytes(MIB).build();

    assertThatThrownBy(() -> say(store, ROOM, (int) MIB / 2))
        .isInstanceOf(StoreException.class)
        .isNotInstanceOf(StoreUnavailableException.class);
    assertThat(all(store, ROOM)).isEmpty();
  }

  @Test
  void channels_above_a_quarter_of_the_bytes_are_refused_and_the_others_go_on() {
    MessageStore store = InMemoryMessageStore.builder().totalBytes(MIB).build();
    int most = (int) (MIB / 4 / InMemoryMessageStore.CHANNEL_BYTES);
    for (int i = 0; i < most; i++) {
      say(store, ChannelName.of("room_" + i), 1);
    }

    assertThatThrownBy(() -> say(store, ChannelName.of("room_one_more"), 1))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("at most " + most + " channels");
    say(store, ROOM, 1);
    assertThat(all(store, ROOM)).hasSize(2);
  }

  @Test
  void key_of_a_removed_message_is_forgotten_once_it_is_seven_days_old() {
    MessageStore store = InMemoryMessageStore.builder().channelEntries(1).build();
    say(store, ROOM, AT, "k");
    say(store, ROOM, AT.plusSeconds(1), "next");
    Instant sevenDaysOld = AT.plus(Duration.ofDays(7));

    assertThat(say(store, ROOM, sevenDaysOld.minusMillis(1), "k"))
        .isInstanceOf(Outcome.Duplicate.class);
    assertThat(say(store, ROOM, sevenDaysOld, "k")).isInstanceOf(Outcome.Recorded.class);
  }

  @Test
  void keys_of_removed_messages_above_a_quarter_of_the_bytes_are_forgotten_oldest_first() {
    MessageStore store =
        InMemoryMessageStore.builder().channelEntries(1).totalBytes(MIB).build();
    int most = (int) (MIB / 4 / InMemoryMessageStore.KEY_BYTES);
    // The last one's message is still there, and the first one's key one too many.
    for (int i = 0; i < most + 2; i++) {
      say(store, ROOM, AT, "k" + i);
    }

    assertThat(say(store, ROOM, AT, "k1")).isInstanceOf(Outcome.Duplicate.class);
    assertThat(say(store, ROOM, AT, "k" + most)).isInstanceOf(Outcome.Duplicate.class);
    assertThat(say(store, ROOM, AT, "k" + (most + 1))).isInstanceOf(Outcome.Duplicate.class);
    assertThat(say(store, ROOM, AT, "k0")).isInstanceOf(Outcome.Recorded.class);
  }

  @Test
  void trim_of_what_is_not_there_does_nothing() {
    InMemoryMessageStore store = InMemoryMessageStore.create();
    store.trim(ROOM, 5);
    say(store, ROOM, 1);
    store.trim(ROOM, 0);
    assertThat(all(store, ROOM)).hasSize(1);

    store.trim(ROOM, Long.MAX_VALUE);
    store.trim(ROOM, Long.MAX_VALUE);
    assertThat(all(store, ROOM)).isEmpty();
  }

  @Test
  void closed_store_refuses_every_call() {
    MessageStore store = InMemoryMessageStore.create();
    store.close();
    store.close();

    assertThatThrownBy(() -> say(store, ROOM, 1)).isInstanceOf(StoreUnavailableException.class);
    assertThatThrownBy(() -> all(store, ROOM)).isInstanceOf(StoreUnavailableException.class);
    assertThatThrownBy(() -> store.heads(List.of(ROOM)))
        .isInstanceOf(StoreUnavailableException.class);
    assertThatThrownBy(() -> store.redact(ROOM, 1, EntryId.random(random), AT))
        .isInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void limits_outside_their_range_are_refused_where_they_are_given() {
    InMemoryMessageStore.Builder builder = InMemoryMessageStore.builder();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.channelEntries(0))
        .withMessage("channelEntries must be at least 1 and at most 10000000, got 0");
    assertThatIllegalArgumentException().isThrownBy(() -> builder.channelEntries(10_000_001));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.totalBytes(MIB - 1));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.totalBytes((1L << 40) + 1));
  }

  private Draft draft(ChannelName channel, int bytes) {
    return Draft.message(
        channel,
        EntryId.random(random),
        Optional.empty(),
        Optional.empty(),
        Json.string("x".repeat(bytes)));
  }

  private void say(MessageStore store, ChannelName channel, int bytes) {
    store.append(Append.of(List.of(Item.of(draft(channel, bytes))), AT));
  }

  private Outcome say(MessageStore store, ChannelName channel, Instant at, String key) {
    Draft draft = Draft.message(
        channel,
        EntryId.random(random),
        Optional.empty(),
        Optional.of(SendKey.of(key)),
        Json.string("said"));
    return store.append(Append.of(List.of(Item.of(draft)), at)).outcomes().get(0);
  }

  private static List<Entry> all(MessageStore store, ChannelName channel) {
    return store.read(channel, new Position.AfterSeq(0), 1000, 64 << 20).entries();
  }
}
