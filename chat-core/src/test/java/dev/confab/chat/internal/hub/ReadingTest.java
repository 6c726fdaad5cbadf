package dev.confab.chat.internal.hub;

import static dev.confab.chat.internal.hub.Logs.CHAT_V1;
import static dev.confab.chat.internal.hub.Logs.DIALECTS;
import static dev.confab.chat.internal.hub.Logs.ROOM;
import static dev.confab.chat.internal.hub.Logs.at;
import static dev.confab.chat.internal.hub.Logs.entries;
import static dev.confab.chat.internal.hub.Logs.entry;
import static dev.confab.chat.internal.hub.Logs.head;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.hub.Reading.Step;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.TrimmedRange;
import dev.confab.chat.spi.StoreUnavailableException;
import dev.confab.chat.testkit.QueueExecutor;
import dev.confab.chat.testkit.StoreWrapper;
import dev.confab.chat.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** How a position goes on: from memory, from the store, and where the two meet. */
final class ReadingTest {
  private static final int BYTES = 64 * 1024;

  private final VirtualTime time = new VirtualTime();
  private final QueueExecutor pumps = new QueueExecutor("pumps");
  private final QueueExecutor readers = new QueueExecutor("readers");
  private final Log store = new Log();
  private final Home home = new Home();

  private Limits limits = Limits.builder().pagesBytes(128 * 1024).build();
  private Reads reads = new Reads(store, readers, limits);
  private Channel channel = channel();

  private Channel channel() {
    return new Channel(
        ROOM,
        home,
        DIALECTS,
        limits.tailBytes(),
        pumps,
        new Presence(ROOM, DIALECTS, pumps, time, limits));
  }

  /** A store whose one log a test writes by hand. */
  private static final class Log extends StoreWrapper {
    final List<Entry> log = new ArrayList<>();
    Cursor floor = Cursor.START;
    boolean away;
    int reads;
    Runnable onRead = () -> {};
    Optional<Throwable> bug = Optional.empty();

    Log() {
      super(InMemoryMessageStore.create());
    }

    @Override
    public Page read(ChannelName name, Position position, int most, int bytes) {
      reads++;
      if (away) {
        throw new StoreUnavailableException("away");
      }
      if (bug.isPresent()) {
        throw new AssertionError("a bug of the store", bug.get());
      }
      Cursor from = ((Position.After) position).cursor();
      Cursor end = log.isEmpty() ? floor : log.get(log.size() - 1).cursor();
      Head head = new Head(end, end.seq());
      boolean fits = from.equals(Cursor.START)
          || from.equals(floor)
          || log.stream().anyMatch(entry -> entry.cursor().equals(from));
      List<Entry> found = log.stream()
          .filter(entry -> entry.seq() > from.seq())
          .limit(Math.min(most, 10))
          .toList();
      Optional<TrimmedRange> trimmed = from.seq() < floor.seq()
          ? Optional.of(new TrimmedRange(from.seq() + 1, floor.seq()))
          : Optional.empty();
      Page page = fits ? new Page(true, found, false, head, trimmed) : Page.misfit(head);
      onRead.run();
      return page;
    }
  }

  private static final class Home implements Channel.Home {
    int rechecks;
    int behind;

    @Override
    public void recheck(Channel rechecked) {
      rechecks++;
    }

    @Override
    public void behind(int more) {
      behind += more;
    }

    @Override
    public void followed(int more) {}
  }

  /** A reader that is woken and then pulls, as an outlet does. */
  private final class Reader {
    final List<String> heard = new ArrayList<>();
    final Reading reading;
    int woken;
    boolean encoded = true;

    Reader(Cursor start) {
      this(start, 0);
    }

    Reader(Cursor start, long trimmedTold) {
      reading = new Reading(channel, reads, time, start, trimmedTold, () -> woken++);
    }

    /** Takes all there is at hand; what it heard. */
    List<String> pull() {
      heard.clear();
      for (int i = 0; i < 100; i++) {
        Step step = reading.next(encoded ? CHAT_V1 : -1, BYTES);
        if (step instanceof Step.Encoded run) {
          heard.add("tail to " + run.run().to().seq());
          reading.moveTo(run.run().to());
        } else if (step instanceof Step.Entries page) {
          heard.add("page to " + page.entries().get(page.entries().size() - 1).seq());
          reading.moveTo(page.entries().get(page.entries().size() - 1).cursor());
        } else if (step instanceof Step.Reset reset) {
          heard.add("reset to " + reset.head().seq());
        } else if (step instanceof Step.Trimmed trimmed) {
          heard.add(
              "trimmed " + trimmed.range().from() + " to " + trimmed.range().to());
        } else {
          return heard;
        }
      }
      throw new AssertionError("never comes to an end: " + heard);
    }

    /** Lets the readers read and takes what comes, until nothing does. */
    List<String> readOn() {
      List<String> all = new ArrayList<>(pull());
      while (readers.runAll() > 0) {
        all.addAll(pull());
      }
      return all;
    }
  }

  @Test
  void pages_and_tail_meet_and_who_meets_the_tail_is_no_longer_behind() {
    store.log.addAll(entries('a', 1, 25));
    channel.open(head('a', 22));
    channel.committed(at('a', 22), entries('a', 23, 25));
    Reader reader = new Reader(Cursor.START);
    assertThat(reader.pull()).isEmpty();
    assertThat(reader.reading.behind()).isTrue();
    assertThat(home.behind).isEqualTo(1);
    assertThat(reader.readOn()).containsExactly("page to 10", "page to 20", "page to 25");
    assertThat(reader.reading.behind()).isFalse();
    assertThat(home.behind).isZero();
    assertThat(reads.isIdle()).isTrue();
    channel.committed(at('a', 25), entries('a', 26, 26));
    assertThat(reader.pull()).containsExactly("tail to 26");
    assertThat(store.reads).isEqualTo(3);
  }

  @Test
  void equal_questions_under_way_are_one_question() {
    store.log.addAll(entries('a', 1, 5));
    channel.open(head('a', 5));
    List<Reader> many = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      many.add(new Reader(Cursor.START));
    }
    many.forEach(Reader::pull);
    assertThat(readers.waiting()).isEqualTo(1);
    readers.runAll();
    assertThat(store.reads).isEqualTo(1);
    many.forEach(reader -> assertThat(reader.pull()).containsExactly("page to 5"));
    assertThat(reads.isIdle()).isTrue();
    assertThat(reads.questions()).isEqualTo(50);
    assertThat(reads.pages()).isEqualTo(1);
  }

  @Test
  void who_finds_the_pages_full_waits_in_line_and_is_served_in_order() {
    store.log.addAll(entries('a', 1, 8));
    channel.open(head('a', 8));
    List<Reader> many = new ArrayList<>();
    for (int seq = 0; seq < 6; seq++) {
      many.add(new Reader(at('a', seq)));
    }
    many.forEach(Reader::pull);
    assertThat(readers.waiting()).isEqualTo(2);
    assertThat(reads.inLine()).isEqualTo(4);
    assertThat(reads.pageBytes()).isEqualTo(128 * 1024);
    for (int i = 0; i < 6; i++) {
      readers.runAll();
      many.forEach(Reader::pull);
    }
    many.forEach(reader -> assertThat(reader.reading.position()).isEqualTo(at('a', 8)));
    assertThat(reads.isIdle()).isTrue();
  }

  @Test
  void what_pages_really_hold_is_counted_and_bounded() {
    // A page of a thousand small entries took four times what was set aside for it.
    limits = Limits.defaults();
    Reads bounded = new Reads(
        new StoreWrapper(InMemoryMessageStore.create()) {
          @Override
          public Page read(ChannelName name, Position position, int most, int bytes) {
            return new Page(true, entries('a', 1, most), true, head('a', 5_000), Optional.empty());
          }
        },
        readers,
        limits);
    channel.open(head('a', 5_000));
    new Reading(channel, bounded, time, Cursor.START, 0, () -> {}).next(CHAT_V1, BYTES);
    readers.runAll();
    assertThat(bounded.pageBytes()).isPositive().isLessThanOrEqualTo(2L * limits.pageBytes());
  }

  @Test
  void readers_go_on_by_themselves_when_the_store_is_back() {
    store.log.addAll(entries('a', 1, 5));
    store.away = true;
    channel.open(head('a', 5));
    Reader reader = new Reader(Cursor.START);
    reader.readOn();
    assertThat(reader.woken).isZero();
    time.advance(Duration.ofSeconds(1));
    assertThat(reader.woken).isEqualTo(1);
    reader.readOn();
    store.away = false;
    time.advance(Duration.ofSeconds(1));
    assertThat(reader.readOn()).containsExactly("page to 5");
    assertThat(reads.isIdle()).isTrue();
  }

  @Test
  void a_bug_in_the_store_takes_no_place_for_ever() {
    // Only exceptions were caught: after an error the place stayed taken and who had asked waited
    // for ever.
    store.bug = Optional.of(new StackOverflowError());
    channel.open(head('a', 5));
    Reader reader = new Reader(Cursor.START);
    reader.pull();
    readers.runAll();
    assertThat(reads.isIdle()).isTrue();
    store.bug = Optional.empty();
    store.log.addAll(entries('a', 1, 5));
    time.advance(Duration.ofSeconds(1));
    assertThat(reader.readOn()).containsExactly("page to 5");
    store.bug = Optional.of(new StackOverflowError());
    var failed =
        reads.read(ROOM, new dev.confab.chat.spi.MessageStore.Position.After(Cursor.START), 1, 1);
    readers.runAll();
    assertThat(failed).isCompletedExceptionally();
  }

  @Test
  void a_position_the_store_does_not_know_is_reset_to_the_new_head() {
    store.log.addAll(entries('b', 1, 3));
    channel.open(head('a', 5));
    Reader reader = new Reader(at('a', 2));
    assertThat(reader.readOn()).containsExactly("reset to 3");
    assertThat(reader.reading.position()).isEqualTo(at('b', 3));
    assertThat(channel.tail().end()).isEqualTo(at('b', 3));
    assertThat(reads.isIdle()).isTrue();
  }

  @Test
  void who_stands_ahead_after_a_rollback_is_told_even_if_the_store_fails_meanwhile() {
    // The suspicion was forgotten with the failed question, and from then on the reader waited for
    // a log that was far behind it.
    store.log.addAll(entries('b', 1, 3));
    channel.open(head('a', 5));
    Reader reader = new Reader(at('a', 5));
    assertThat(reader.readOn()).isEmpty();
    channel.storeSaid(at('b', 3), at('a', 5));
    store.away = true;
    reader.reading.suspect();
    reader.readOn();
    store.away = false;
    time.advance(Duration.ofSeconds(1));
    assertThat(reader.readOn()).containsExactly("reset to 3");
  }

  @Test
  void who_begins_ahead_of_a_log_that_went_back_is_told() {
    // The log went back between the look at a resumed position and the first step from there: the
    // reader waited until the new log had as many entries as the old one.
    store.log.addAll(entries('b', 1, 3));
    channel.open(head('b', 3));
    Reader reader = new Reader(at('a', 5));
    assertThat(reader.readOn()).containsExactly("reset to 3");
    assertThat(reader.pull()).isEmpty();
    assertThat(reads.isIdle()).isTrue();
  }

  @Test
  void who_stands_ahead_of_what_this_node_knows_stays_there() {
    store.log.addAll(entries('a', 1, 5));
    channel.open(head('a', 3));
    Reader reader = new Reader(at('a', 5));
    assertThat(reader.readOn()).isEmpty();
    assertThat(channel.tail().end()).isEqualTo(at('a', 5));
    assertThat(store.reads).isEqualTo(1);
  }

  @Test
  void a_page_of_before_the_log_went_back_is_not_read_on() {
    store.log.addAll(entries('a', 1, 25));
    channel.open(head('a', 25));
    Reader reader = new Reader(Cursor.START);
    reader.pull();
    readers.runAll();
    store.log.clear();
    store.log.addAll(entries('b', 1, 3));
    channel.storeSaid(at('b', 3), at('a', 25));
    assertThat(reader.readOn()).containsExactly("page to 3");
    assertThat(reader.reading.position()).isEqualTo(at('b', 3));
    assertThat(reads.isIdle()).isTrue();
  }

  @Test
  void a_question_of_before_the_log_went_back_answers_nobody_who_asks_after_it() {
    store.log.addAll(entries('a', 1, 5));
    channel.open(head('a', 5));
    Reader before = new Reader(at('a', 2));
    before.pull();
    channel.storeSaid(at('a', 3), at('a', 5));
    Reader after = new Reader(at('a', 2));
    after.pull();
    assertThat(readers.waiting()).isEqualTo(2);
    readers.runAll();
    after.pull();
    before.readOn();
    assertThat(reads.isIdle()).isTrue();
  }

  @Test
  void news_that_contradict_each_other_are_looked_up() {
    channel.open(head('a', 5));
    channel.committed(at('b', 1), entries('b', 2, 3));
    assertThat(home.rechecks).isEqualTo(1);
    channel.storeSaid(at('a', 5), at('a', 5));
    assertThat(home.rechecks).isEqualTo(1);
  }

  @Test
  void what_retention_removed_is_told_and_reading_goes_on_behind_it() {
    store.log.addAll(entries('a', 4, 6));
    store.floor = at('a', 3);
    channel.open(head('a', 6));
    assertThat(new Reader(Cursor.START).readOn()).containsExactly("trimmed 1 to 3", "page to 6");
    store.log.clear();
    store.floor = at('a', 6);
    reads.tick(Duration.ofSeconds(1).toNanos());
    Reader all = new Reader(Cursor.START);
    assertThat(all.readOn()).containsExactly("trimmed 1 to 6");
    assertThat(all.reading.position()).isEqualTo(at('a', 6));
  }

  @Test
  void who_was_told_what_is_gone_starts_again_where_a_rollback_ends_before_it_or_brings_it_back() {
    // The host was told that 3 to 5 are gone, then shown a 3 of another past.
    store.log.addAll(entries('a', 1, 8));
    store.floor = at('a', 5);
    channel.open(head('a', 8));
    Reader reader = new Reader(at('a', 2));
    reader.pull();
    readers.runAll();
    assertThat(reader.reading.next(-1, BYTES)).isInstanceOf(Step.Trimmed.class);
    store.floor = Cursor.START;
    store.log.subList(2, 8).clear();
    store.log.add(entry('b', 3));
    channel.storeSaid(at('b', 3), at('a', 8));
    assertThat(reader.readOn()).containsExactly("reset to 3");

    store.floor = at('b', 3);
    store.log.clear();
    Reader atTheEnd = new Reader(Cursor.START, 7);
    assertThat(atTheEnd.readOn()).containsExactly("reset to 3");
  }

  @Test
  void what_is_gone_and_still_lies_in_the_tail_or_in_a_page_is_neither_shown_nor_a_rollback() {
    // A reader behind what its reply said is gone was reset, because the tail still held it.
    channel.open(head('a', 0));
    channel.committed(Cursor.START, entries('a', 1, 3));
    store.log.addAll(entries('a', 1, 3));
    Reader before = new Reader(Cursor.START);
    before.reading.suspect();
    assertThat(before.readOn()).containsExactly("page to 3");
    store.log.remove(0);
    store.floor = at('a', 1);
    Reader told = new Reader(Cursor.START, 1);
    assertThat(told.readOn()).containsExactly("page to 3");
    assertThat(reads.isIdle()).isTrue();
  }

  @Test
  void what_is_gone_is_told_once_if_its_page_is_given_up() {
    store.log.addAll(entries('a', 4, 8));
    store.floor = at('a', 3);
    channel.open(head('a', 8));
    Reader reader = new Reader(Cursor.START);
    reader.pull();
    readers.runAll();
    assertThat(reader.reading.next(CHAT_V1, BYTES)).isInstanceOf(Step.Trimmed.class);
    reader.reading.shrink();
    store.log.remove(0);
    store.floor = at('a', 4);
    time.advance(Duration.ofSeconds(2));
    reads.tick(time.nanos());
    assertThat(reader.readOn()).containsExactly("trimmed 4 to 4", "page to 8");
  }

  @Test
  void what_is_committed_while_the_store_answers_is_asked_for_again() {
    // The empty answer was taken for one to a question asked after the commit: the message waited
    // until somebody said something else.
    channel.open(head('a', 5));
    store.log.addAll(entries('a', 1, 5));
    Reader reader = new Reader(at('a', 5));
    reader.reading.suspect();
    store.onRead = () -> {
      store.onRead = () -> {};
      store.log.add(entry('a', 6));
      channel.committed(at('a', 5), entries('a', 6, 6));
      channel.tail().shed(0);
    };
    assertThat(reader.readOn()).containsExactly("page to 6");
  }

  @Test
  void a_store_that_has_nothing_behind_a_position_is_not_asked_for_ever() {
    channel.open(head('a', 5));
    store.log.addAll(entries('a', 1, 5));
    Reader reader = new Reader(at('a', 4));
    channel.committed(at('a', 5), entries('a', 6, 6));
    channel.tail().shed(0);
    store.log.remove(4);
    reader.readOn();
    assertThat(store.reads).isLessThan(4);
    assertThat(reads.isIdle()).isTrue();
  }

  @Test
  void a_page_is_given_up_for_who_does_not_read_and_asked_for_again() {
    store.log.addAll(entries('a', 1, 5));
    channel.open(head('a', 5));
    Reader reader = new Reader(Cursor.START);
    reader.pull();
    readers.runAll();
    assertThat(reads.isIdle()).isFalse();
    reader.reading.shrink();
    assertThat(reads.isIdle()).isTrue();
    assertThat(reader.readOn()).containsExactly("page to 5");
    assertThat(store.reads).as("nobody needed its room").isEqualTo(1);
    assertThat(reads.isIdle()).isTrue();
  }

  @Test
  void readers_who_come_one_after_the_other_to_the_same_place_cost_the_reads_of_one() {
    // Only questions that were under way at the same moment were shared: a thousand clients that
    // reconnected within two seconds cost a thousand times the reads of one.
    store.log.addAll(entries('a', 1, 100));
    channel.open(head('a', 100));
    for (int i = 0; i < 1_000; i++) {
      assertThat(new Reader(Cursor.START).readOn()).hasSize(10).endsWith("page to 100");
    }
    assertThat(store.reads).isEqualTo(10);
    assertThat(reads.isIdle()).isTrue();
    assertThat(reads.shelvedBytes()).isPositive();
    reads.tick(Duration.ofSeconds(1).toNanos());
    assertThat(reads.shelvedBytes()).isZero();
    new Reader(Cursor.START).readOn();
    assertThat(store.reads).isEqualTo(20);
  }

  @Test
  void a_reader_goes_on_in_the_middle_of_a_page_another_has_read() {
    store.log.addAll(entries('a', 1, 10));
    channel.open(head('a', 10));
    new Reader(Cursor.START).readOn();
    assertThat(new Reader(at('a', 7)).readOn()).containsExactly("page to 10");
    assertThat(store.reads).isEqualTo(1);
    // The same number with another id is another log.
    assertThat(new Reader(at('b', 7)).readOn()).containsExactly("reset to 10");
    assertThat(store.reads).isEqualTo(2);
  }

  @Test
  void a_page_that_was_read_before_a_redaction_or_a_rollback_is_not_shown_after_it() {
    store.log.addAll(entries('a', 1, 5));
    channel.open(head('a', 5));
    new Reader(Cursor.START).readOn();
    store.log.add(Logs.redaction('a', 6, 2));
    channel.committed(at('a', 5), List.of(Logs.redaction('a', 6, 2)));
    new Reader(at('a', 1)).readOn();
    assertThat(store.reads).as("after a redaction").isEqualTo(2);
    new Reader(at('a', 1)).readOn();
    assertThat(store.reads).as("known again").isEqualTo(2);
    store.log.clear();
    store.log.addAll(entries('b', 1, 3));
    channel.storeSaid(at('b', 3), at('a', 6));
    assertThat(new Reader(at('a', 1)).readOn()).containsExactly("reset to 3");
    assertThat(store.reads).as("after a rollback").isEqualTo(3);
  }

  @Test
  void a_redaction_below_one_that_a_rollback_took_back_makes_older_pages_untrue() {
    // The newest redaction of the lost log counted on: those of the new one below it were no news.
    store.log.addAll(entries('a', 1, 5));
    channel.open(head('a', 5));
    channel.committed(at('a', 5), List.of(Logs.redaction('a', 6, 2)));
    store.log.clear();
    store.log.addAll(entries('b', 1, 3));
    channel.storeSaid(at('b', 3), at('a', 6));
    new Reader(Cursor.START).readOn();
    store.log.add(Logs.redaction('b', 4, 2));
    channel.committed(at('b', 3), List.of(Logs.redaction('b', 4, 2)));
    int before = store.reads;
    new Reader(at('b', 1)).readOn();
    assertThat(store.reads).isEqualTo(before + 1);
  }

  @Test
  void a_redaction_that_is_told_out_of_order_makes_older_pages_untrue() {
    // The watch had seen the log end behind it already: it was no news, and nobody looked what it
    // was.
    store.log.addAll(entries('a', 1, 5));
    channel.open(head('a', 5));
    new Reader(Cursor.START).readOn();
    channel.storeSaid(at('a', 7), at('a', 5));
    store.log.add(Logs.redaction('a', 6, 2));
    store.log.add(entry('a', 7));
    channel.committed(at('a', 5), List.of(Logs.redaction('a', 6, 2)));
    Reader reader = new Reader(at('a', 1));
    reader.pull();
    readers.runAll();
    assertThat(store.reads).isEqualTo(2);
    reader.readOn();
    store.log.add(entry('a', 8));
    store.log.add(Logs.redaction('a', 9, 3));
    channel.committed(at('a', 7), List.of(Logs.redaction('a', 9, 3)));
    int before = store.reads;
    reader = new Reader(at('a', 1));
    reader.pull();
    readers.runAll();
    assertThat(store.reads).as("with another's entry before it").isEqualTo(before + 1);
  }

  @Test
  void a_page_read_for_a_channel_that_has_retired_is_not_shown_to_who_opens_it_again() {
    // A channel that is opened again counts its rollbacks and redactions from the start.
    store.log.addAll(entries('a', 1, 5));
    channel.open(head('a', 5));
    new Reader(Cursor.START).readOn();
    store.log.clear();
    store.log.addAll(entries('b', 1, 3));
    channel.storeSaid(at('b', 3), at('a', 5));
    channel = channel();
    channel.open(head('b', 3));
    assertThat(new Reader(at('a', 1)).readOn()).containsExactly("reset to 3");
  }

  @Test
  void a_position_that_has_to_be_looked_up_is_asked_of_the_store_whatever_was_read_before() {
    store.log.addAll(entries('a', 1, 5));
    channel.open(head('a', 5));
    new Reader(Cursor.START).readOn();
    Reader suspicious = new Reader(at('a', 1));
    suspicious.reading.suspect();
    assertThat(suspicious.readOn()).containsExactly("page to 5");
    assertThat(store.reads).isEqualTo(2);
  }

  @Test
  void a_page_of_before_the_channel_was_closed_is_not_shown_after_it_was_opened_again() {
    // Nobody tells a channel that is not open of a redaction: what was read before it counted as
    // unchanged.
    store.log.addAll(entries('a', 1, 5));
    channel.open(head('a', 5));
    new Reader(Cursor.START).readOn();
    channel = channel();
    channel.open(head('a', 5));
    new Reader(Cursor.START).readOn();
    assertThat(store.reads).isEqualTo(2);
  }

  @Test
  void pages_go_even_if_the_clock_began_far_below_zero() {
    // They were taken for pages of the year nought, and such as had come later for older ones.
    store.log.addAll(entries('a', 1, 5));
    channel.open(head('a', 5));
    new Reader(Cursor.START).readOn();
    reads.tick(Long.MIN_VALUE / 2);
    assertThat(reads.shelvedBytes()).isZero();
  }

  @Test
  void a_long_line_ends_at_once_when_the_readers_are_gone() {
    // Each that failed began the next within its own call, until the stack was full.
    store.log.addAll(entries('a', 1, 5));
    channel.open(head('a', 5));
    List<Reader> many = new ArrayList<>();
    for (int seq = 6; seq < 20_006; seq++) {
      many.add(new Reader(at('a', seq)));
    }
    many.forEach(Reader::pull);
    assertThat(reads.inLine()).isEqualTo(19_998);
    readers.shutdown();
    readers.runAll();
    many.subList(0, 2).forEach(Reader::pull);
    assertThat(reads.isIdle()).isTrue();
  }

  @Test
  void who_waits_in_line_when_the_chat_closes_is_told_and_leaves_it() {
    // A page that a follower of the host held, and nobody ended, kept them there for ever.
    store.log.addAll(entries('a', 1, 8));
    channel.open(head('a', 8));
    new Reader(at('a', 0)).pull();
    new Reader(at('a', 1)).pull();
    Reader waits = new Reader(at('a', 5));
    waits.pull();
    assertThat(reads.inLine()).isEqualTo(1);
    reads.close();
    assertThat(reads.inLine()).isZero();
    time.advance(Duration.ofSeconds(1));
    assertThat(waits.woken).isEqualTo(1);
  }

  @Test
  void pages_that_nobody_holds_give_way_to_those_that_are_asked_for() {
    store.log.addAll(entries('a', 1, 100));
    channel.open(head('a', 100));
    new Reader(Cursor.START).readOn();
    long shelved = reads.shelvedBytes();
    assertThat(shelved).isPositive();
    List<Reader> two = List.of(new Reader(Cursor.START), new Reader(at('b', 1)));
    two.forEach(Reader::pull);
    readers.runAll();
    assertThat(reads.shelvedBytes()).isLessThan(shelved);
    assertThat(reads.pageBytes() + reads.shelvedBytes()).isLessThanOrEqualTo(limits.pagesBytes());
    two.forEach(Reader::readOn);
    assertThat(reads.isIdle()).isTrue();
    reads.close();
    assertThat(reads.shelvedBytes()).isZero();
  }

  @Test
  void who_has_ended_holds_nothing_and_is_behind_nothing() {
    // A pump that was still about to look counted the reader as behind, and nobody took it off.
    store.log.addAll(entries('a', 1, 5));
    channel.open(head('a', 5));
    Reader before = new Reader(Cursor.START);
    before.pull();
    before.reading.abandon();
    readers.runAll();
    Reader after = new Reader(Cursor.START);
    after.reading.abandon();
    after.pull();
    readers.runAll();
    assertThat(reads.isIdle()).isTrue();
    assertThat(home.behind).isZero();
    assertThat(before.woken + after.woken).isZero();
  }

  @Test
  void an_answer_that_comes_between_two_looks_is_not_asked_for_again() {
    // Who looked for a page before it came and for the question after it was answered asked twice;
    // the second page took the first one's place, and that one's bytes were never free again.
    store.log.addAll(entries('a', 1, 5));
    AtomicBoolean over = new AtomicBoolean();
    Thread other = new Thread(() -> {
      while (!over.get()) {
        readers.runAll();
      }
    });
    other.start();
    long until = System.nanoTime() + Duration.ofSeconds(1).toNanos();
    while (System.nanoTime() < until) {
      channel = channel();
      channel.open(head('a', 5));
      Reader reader = new Reader(Cursor.START);
      while (reader.reading.position().seq() < 5) {
        reader.pull();
      }
      reader.pull();
    }
    over.set(true);
    join(other);
    readers.runAll();
    assertThat(reads.pageBytes()).isZero();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void entries_that_are_not_encoded_come_from_the_same_places() {
    store.log.addAll(entries('a', 1, 12));
    channel.open(head('a', 11));
    channel.committed(at('a', 11), entries('a', 12, 12));
    Reader reader = new Reader(Cursor.START);
    reader.encoded = false;
    assertThat(reader.readOn()).containsExactly("page to 10", "page to 12");
    channel.committed(at('a', 12), entries('a', 13, 14));
    assertThat(reader.pull()).containsExactly("page to 14");
    assertThat(store.reads).isEqualTo(2);
  }

  @Test
  void readers_that_are_gone_fail_whoever_asks() {
    readers.shutdown();
    channel.open(head('a', 5));
    Supplier<Boolean> failed = () -> reads.heads(List.of(ROOM)).isCompletedExceptionally();
    assertThat(failed.get()).isTrue();
    Reader reader = new Reader(Cursor.START);
    reader.pull();
    assertThat(reads.isIdle()).isTrue();
  }
}
