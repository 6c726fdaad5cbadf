package dev.confab.chat.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.dialect.ChatV1Dialect;
import dev.confab.chat.internal.session.Audiences;
import dev.confab.chat.internal.session.Happenings;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.StoreUnavailableException;
import dev.confab.chat.testkit.QueueExecutor;
import dev.confab.chat.testkit.StoreWrapper;
import dev.confab.chat.testkit.VirtualTime;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Where what lies in memory and what the store says meet. All of this was found by simulation. */
final class TailAndStoreTest {
  private static final ChannelName ROOM = ChannelName.of("room_hill");
  private static final List<Dialect> DIALECTS = List.of(new ChatV1Dialect());

  private final SplittableRandom random = new SplittableRandom(1);
  private final Tail tail = new Tail(DIALECTS, 1 << 20);
  private final Entry one = entry(1);
  private final Entry two = entry(2);
  private final Entry three = entry(3);

  /**
   * The tail held 20, the watch had seen 21 in the store: a reader that was shown 20 was told that there was no more, and as
   * nobody had anything new for it, it stood there for ever.
   */
  @Test
  void who_stands_in_what_does_not_reach_the_end_of_the_log_is_sent_to_the_store() {
    tail.open(Head.EMPTY);
    tail.committed(Cursor.START, List.of(one));
    assertThat(tail.head(two.cursor(), one.cursor())).isEqualTo(Tail.News.AHEAD);

    assertThat(tail.look(Cursor.START, 0, 1_000)).isInstanceOf(Tail.Look.Elsewhere.class);
    tail.committed(one.cursor(), List.of(two));
    assertThat(tail.look(Cursor.START, 0, 1_000))
        .isInstanceOfSatisfying(Tail.Look.Here.class, here -> {
          assertThat(here.run().to()).isEqualTo(two.cursor());
          assertThat(here.run().more()).isFalse();
        });
  }

  /**
   * The watch saw a commit in the store before the journal told of it: then it was no news any more, its entries were not
   * kept, and every follower of the channel had to read from the store what had just been in memory.
   */
  @Test
  void entries_are_kept_although_their_head_was_seen_before() {
    tail.open(Head.EMPTY);
    tail.head(one.cursor(), Cursor.START);
    assertThat(tail.committed(Cursor.START, List.of(one))).isEqualTo(Tail.News.OLD);
    assertThat(tail.covers(Cursor.START)).isTrue();

    tail.head(two.cursor(), one.cursor());
    tail.committed(one.cursor(), List.of(two));
    assertThat(tail.covers(Cursor.START)).isTrue();
    assertThat(tail.covers(one.cursor())).isTrue();
    assertThat(tail.standing(two.cursor())).isEqualTo(new Tail.Look.Current());
  }

  @Test
  void entries_behind_a_gap_are_kept_although_their_head_was_seen_before() {
    tail.open(Head.EMPTY);
    tail.committed(Cursor.START, List.of(one));
    tail.head(three.cursor(), one.cursor());
    tail.committed(two.cursor(), List.of(three));

    assertThat(tail.covers(two.cursor())).isTrue();
    assertThat(tail.standing(one.cursor())).isEqualTo(new Tail.Look.Elsewhere());
  }

  @Test
  void entries_that_are_told_twice_are_kept_once() {
    tail.open(Head.EMPTY);
    tail.committed(Cursor.START, List.of(one));
    long bytes = tail.bytes();
    assertThat(tail.committed(Cursor.START, List.of(one))).isEqualTo(Tail.News.OLD);
    assertThat(tail.bytes()).isEqualTo(bytes);
  }

  /** What was committed while a channel was opening stayed counted, and held, when it could not be opened. */
  @Test
  void a_channel_that_could_not_be_opened_leaves_nothing_in_memory() {
    QueueExecutor readers = new QueueExecutor("readers");
    QueueExecutor pumps = new QueueExecutor("pumps");
    StoreWrapper away = new StoreWrapper(InMemoryMessageStore.create()) {
      @Override
      public Map<ChannelName, Head> heads(Collection<ChannelName> channels) {
        throw new StoreUnavailableException("the database is gone");
      }
    };
    Limits limits = Limits.defaults();
    Hub hub = new Hub(
        new Reads(away, readers, limits),
        DIALECTS,
        new Audiences(new Happenings(List.of(), pumps, 1), Optional.empty()),
        pumps,
        new VirtualTime(),
        limits);
    var pinned = hub.pin(List.of(ROOM));
    hub.committed(Cursor.START, List.of(one), true);
    assertThat(hub.counters().tailBytes()).isPositive();

    readers.runAll();

    assertThat(pinned).isCompletedExceptionally();
    assertThat(hub.counters().channels()).isZero();
    assertThat(hub.counters().tailBytes()).isZero();
  }

  private Entry entry(long seq) {
    Draft draft = Draft.message(
        ROOM, EntryId.random(random), Optional.empty(), Optional.empty(), Json.string("hello"));
    return Entry.of(draft, seq, seq, VirtualTime.START);
  }
}
