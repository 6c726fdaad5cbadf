package dev.confab.chat.internal.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.journal.ScriptedStore.Fault;
import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.testkit.CapturedLog;
import dev.confab.chat.testkit.QueueExecutor;
import dev.confab.chat.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class JournalTest {
  private static final ChannelName HILL = ChannelName.of("room_hill");
  private static final ChannelName LAKE = ChannelName.of("room_lake");
  private static final ChannelName PARK = ChannelName.of("room_park");
  private static final UserRef ANN = new UserRef(UserId.of("ann"), "Ann");
  private static final UserRef BOB = new UserRef(UserId.of("bob"), "Bob");

  private final Random random = new Random(7);
  private final VirtualTime time = new VirtualTime();
  private final QueueExecutor main = new QueueExecutor("main");
  private final QueueExecutor pumps = new QueueExecutor("pumps");
  private final QueueExecutor waiting = new QueueExecutor("waiting");
  private final ScriptedStore store = new ScriptedStore();
  private final CapturedLog log = new CapturedLog(Journal.class);

  /** What the hub and the senders were told, in order. */
  private final List<String> woken = new ArrayList<>();

  private final List<String> told = new ArrayList<>();

  private Journal journal = journal(Limits.defaults());

  @AfterEach
  void nothing_is_left() {
    log.close();
    store.held.clear();
    store.faults.clear();
    boolean[] drained = {false};
    journal.close();
    journal.whenDrained(() -> drained[0] = true);
    run();
    time.advance(Duration.ofMinutes(1));
    run();
    assertThat(drained[0]).as("drained").isTrue();
    assertThat(journal.counters().drafts()).isZero();
    assertThat(journal.counters().bytes()).isZero();
    assertThat(journal.counters().lanes()).isZero();
    assertThat(time.alarms()).isZero();
  }

  @Test
  void message_is_told_to_the_hub_then_to_its_sender_and_then_followers_are_woken() {
    Outcomes sender = send("a", HILL);

    assertThat(told).isEmpty();
    main.runAll();

    assertThat(told).containsExactly("hub room_hill after 0: 1", "a recorded 1");
    assertThat(woken).containsExactly("room_hill quiet, behind a recorded 1");
    Entry entry = store.entries(HILL).get(0);
    assertThat(sender.receipt().id()).isEqualTo(entry.id());
    assertThat(sender.receipt().at()).isEqualTo(VirtualTime.START);
  }

  @Test
  void first_message_does_not_wait_for_a_second_and_later_ones_form_a_batch() {
    store.onAppend = () -> {
      if (store.appends.size() == 1) {
        send("b", HILL);
        send("c", LAKE);
        send("d", HILL);
      }
    };
    send("a", HILL);
    main.runAll();

    assertThat(sizesOfAppends()).containsExactly(1, 3);
    String before = store.entries(HILL).get(0).cursor().toString();
    assertThat(told)
        .containsExactly(
            "hub room_hill after 0: 1",
            "a recorded 1",
            "hub room_hill after " + before + ": 2 3",
            "hub room_lake after 0: 1",
            "b recorded 2",
            "c recorded 1",
            "d recorded 3");
    assertThat(woken)
        .containsExactly(
            "room_hill, behind a recorded 1",
            "room_hill quiet, behind d recorded 3",
            "room_lake quiet, behind d recorded 3");
    assertThat(journal.counters().appends()).isEqualTo(2);
    assertThat(journal.counters().recorded()).isEqualTo(4);
  }

  @Test
  void batch_holds_no_more_items_than_it_may() {
    journal = journal(Limits.builder().batchItems(4).build());
    sendMany(10, HILL);
    main.runAll();

    assertThat(sizesOfAppends()).containsExactly(4, 4, 2);
    assertThat(seqsInOrder(HILL)).isTrue();
  }

  @Test
  void batch_holds_no_more_bytes_than_it_may_but_at_least_one_item() {
    journal = journal(Limits.builder().batchBytes(1024).build());
    sendData("a", HILL, "x".repeat(5_000));
    sendData("b", HILL, "x".repeat(300));
    sendData("c", HILL, "x".repeat(100));
    sendData("d", HILL, "x".repeat(100));
    main.runAll();

    assertThat(sizesOfAppends()).containsExactly(1, 2, 1);
  }

  @Test
  void all_entries_of_a_batch_have_one_time_in_whole_milliseconds() {
    time.advance(Duration.ofNanos(1_234_567));
    send("a", HILL);
    send("b", LAKE);
    main.runAll();

    assertThat(store.appends)
        .singleElement()
        .satisfies(append -> assertThat(append.at()).isEqualTo(VirtualTime.START.plusMillis(1)));
  }

  @Test
  void what_is_above_the_number_of_drafts_is_refused_before_append_returns() {
    journal = journal(Limits.builder().journalDrafts(3).build());
    send("a", HILL);
    direct("b", ANN, BOB);
    Outcomes refused = send("c", HILL);

    assertThat(refused.told()).containsExactly("overloaded");
    assertThat(journal.counters().drafts()).isEqualTo(3);
    main.runAll();
    assertThat(send("d", HILL).told()).isEmpty();
    main.runAll();
    assertThat(store.entries(HILL)).hasSize(2);
    assertThat(journal.counters().overloaded()).isEqualTo(1);
  }

  @Test
  void what_is_above_the_bytes_is_refused_but_a_large_item_finds_an_empty_journal_open() {
    journal = journal(Limits.builder().journalBytes(2_048).build());
    Outcomes large = sendData("a", HILL, "x".repeat(10_000));
    Outcomes small = send("b", HILL);
    main.runAll();

    assertThat(large.told()).containsExactly("recorded 1");
    assertThat(small.told()).containsExactly("overloaded");
    assertThat(journal.counters().bytes()).isZero();
  }

  @Test
  void room_is_free_again_before_a_sender_is_told() {
    journal = journal(Limits.builder().journalDrafts(1).build());
    Outcomes second = new Outcomes("second", told);
    journal.append(item(HILL), new Journal.Settled() {
      @Override
      public Optional<Outlet> recorded(Receipt receipt) {
        journal.append(item(HILL), second);
        return Optional.empty();
      }

      @Override
      public void refused(Refusal refusal) {}
    });
    main.runAll();

    assertThat(second.told()).containsExactly("recorded 2");
  }

  @Test
  void repeat_under_the_same_key_gets_the_place_of_the_first_and_is_not_told_to_the_hub() {
    Outcomes first = sendKey("a", HILL, "k");
    main.runAll();
    told.clear();
    Outcomes repeat = sendKey("b", HILL, "k");
    main.runAll();

    assertThat(told).containsExactly("b duplicate 1");
    assertThat(repeat.receipt().id()).isEqualTo(first.receipt().id());
    assertThat(journal.counters().duplicates()).isEqualTo(1);
  }

  @Test
  void copy_is_told_to_the_hub_on_its_own_channel_before_the_sender() {
    direct("a", ANN, BOB);
    main.runAll();

    assertThat(told)
        .containsExactly("hub user_bob after 0: 1", "hub user_ann after 0: 1", "a recorded 1");
    assertThat(store.entries(ChannelName.user(ANN.id())).get(0).kind()).isEqualTo(EntryKind.COPY);
  }

  @Test
  void held_channel_delays_only_itself() {
    store.held.add(HILL);
    send("a", HILL);
    send("b", LAKE);
    main.runAll();
    send("c", HILL);
    send("d", LAKE);
    main.runAll();

    assertThat(told.stream().filter(line -> !line.startsWith("hub")))
        .containsExactly("b recorded 1", "d recorded 2");
    assertThat(waiting.waiting()).isEqualTo(1);

    store.held.remove(HILL);
    run();
    assertThat(told.stream().filter(line -> !line.startsWith("hub")))
        .containsExactly("b recorded 1", "d recorded 2", "a recorded 1", "c recorded 2");
    assertThat(store.appends)
        .extracting(Append::patience)
        .containsExactly(
            Duration.ZERO,
            Duration.ZERO,
            Limits.defaults().heldWait(),
            Limits.defaults().heldWait());
  }

  /** Once what waited for one held channel could fill the journal, and every other channel was refused. */
  @Test
  void held_channel_fills_a_quarter_of_the_journal_and_leaves_the_rest_to_the_others() {
    journal = journal(Limits.builder().journalDrafts(40).build());
    store.held.add(HILL);
    send("first", HILL);
    main.runAll();
    sendMany(30, HILL);
    List<Outcomes> others =
        IntStream.range(0, 25).mapToObj(i -> send("o" + i, LAKE)).toList();
    main.runAll();

    assertThat(told.stream().filter(line -> line.endsWith("overloaded"))).hasSize(21);
    assertThat(others).allSatisfy(other -> assertThat(other.told().get(0)).startsWith("recorded"));
    assertThat(journal.counters().drafts()).isEqualTo(10);
    assertThat(journal.counters().overloaded()).isEqualTo(21);

    store.held.remove(HILL);
    run();
    assertThat(store.entries(HILL)).hasSize(10);
    sendMany(1, HILL);
    run();
    assertThat(told).endsWith("m0 recorded 11");
  }

  @Test
  void bytes_that_wait_for_a_held_channel_are_bounded_too() {
    journal = journal(Limits.builder().journalBytes(8_000).build());
    store.held.add(HILL);
    Outcomes large = sendData("large", HILL, "x".repeat(1_200));
    main.runAll();
    Outcomes over = sendData("over", HILL, "x".repeat(1_200));
    Outcomes other = sendData("other", LAKE, "x".repeat(1_200));
    main.runAll();

    assertThat(large.told()).isEmpty();
    assertThat(over.told()).containsExactly("overloaded");
    assertThat(other.told()).containsExactly("recorded 1");
  }

  @Test
  void burst_that_came_before_anybody_knew_that_its_channel_is_held_keeps_to_the_same_share() {
    journal = journal(Limits.builder().journalDrafts(40).batchItems(4).build());
    store.held.add(HILL);
    sendMany(30, HILL);
    Outcomes other = send("other", LAKE);
    main.runAll();

    assertThat(other.told()).containsExactly("recorded 1");
    assertThat(journal.counters().drafts()).isEqualTo(10);
    store.held.remove(HILL);
    run();
    assertThat(store.entries(HILL)).hasSize(10);
    assertThat(told).contains("m9 recorded 10", "m10 overloaded", "m29 overloaded");
  }

  @Test
  void all_held_channels_together_fill_no_more_than_half_of_the_journal() {
    journal = journal(Limits.builder().journalDrafts(16).build());
    store.held.addAll(List.of(HILL, LAKE, PARK));
    for (ChannelName channel : List.of(HILL, LAKE, PARK)) {
      send("first", channel);
    }
    main.runAll();
    for (ChannelName channel : List.of(HILL, LAKE, PARK)) {
      sendMany(4, channel);
    }
    ChannelName free = ChannelName.of("room_free");
    List<Outcomes> others =
        IntStream.range(0, 8).mapToObj(i -> send("o" + i, free)).toList();

    assertThat(journal.counters().drafts()).isEqualTo(16);
    main.runAll();
    assertThat(others).allSatisfy(other -> assertThat(other.told().get(0)).startsWith("recorded"));
    assertThat(journal.counters().drafts()).isEqualTo(8);
  }

  @Test
  void message_with_its_copy_counts_in_the_lanes_of_both_and_leaves_both() {
    journal = journal(Limits.builder().journalDrafts(16).build());
    ChannelName ann = ChannelName.user(ANN.id());
    ChannelName bob = ChannelName.user(BOB.id());
    store.held.addAll(List.of(ann, bob));
    send("to ann", ann);
    send("to bob", bob);
    main.runAll();
    Outcomes both = direct("both", ANN, BOB);
    Outcomes over = direct("over", ANN, BOB);
    assertThat(over.told()).containsExactly("overloaded");

    store.held.clear();
    run();
    assertThat(both.told()).containsExactly("recorded 2");
    sendMany(8, bob);
    assertThat(told).doesNotContain("m7 overloaded");
    run();
    assertThat(store.entries(bob)).hasSize(10);
  }

  @Test
  void channel_that_is_free_again_takes_the_main_line_again() {
    store.held.add(HILL);
    send("a", HILL);
    main.runAll();
    store.held.remove(HILL);
    run();
    assertThat(journal.counters().lanes()).isZero();

    send("b", HILL);
    assertThat(main.waiting()).isEqualTo(1);
    main.runAll();
    assertThat(waiting.waiting()).isZero();
    assertThat(told).endsWith("b recorded 2");
  }

  @Test
  void what_arrives_while_a_lane_is_at_work_comes_behind_it() {
    store.held.add(HILL);
    send("a", HILL);
    main.runAll();
    store.held.remove(HILL);
    waiting.runAll();
    // The lane's batch is committed but not told yet.
    send("b", HILL);
    run();

    assertThat(told.stream().filter(line -> !line.startsWith("hub")))
        .containsExactly("a recorded 1", "b recorded 2");
  }

  @Test
  void channel_that_stays_held_is_store_unavailable() {
    store.held.add(HILL);
    Outcomes sender = send("a", HILL);
    run();

    assertThat(sender.told()).containsExactly("store_unavailable");
    assertThat(journal.counters().unavailable()).isEqualTo(1);
    assertThat(journal.counters().held()).isEqualTo(2);
  }

  @Test
  void no_more_than_two_channels_wait_at_once_and_the_third_has_its_turn() {
    store.held.addAll(List.of(HILL, LAKE, PARK));
    send("a", HILL);
    send("b", LAKE);
    Outcomes third = send("c", PARK);
    main.runAll();
    assertThat(waiting.waiting()).isEqualTo(2);

    store.held.remove(PARK);
    run();
    assertThat(third.told()).containsExactly("recorded 1");
    assertThat(told).contains("a store_unavailable", "b store_unavailable");
  }

  @Test
  void who_has_waited_for_a_turn_as_long_as_a_channel_may_be_held_only_asks_once() {
    store.held.addAll(List.of(HILL, LAKE, PARK));
    send("a", HILL);
    send("b", LAKE);
    Outcomes old = send("c", PARK);
    main.runAll();
    time.advance(Limits.defaults().heldWait());
    send("d", PARK);
    send("e", PARK);
    main.runAll();
    run();

    List<Append> asked = store.appends.stream()
        .filter(append -> append.items().get(0).draft().channel().equals(PARK))
        .toList();
    assertThat(asked)
        .extracting(Append::patience)
        .containsExactly(Duration.ZERO, Limits.defaults().heldWait());
    assertThat(old.told()).containsExactly("store_unavailable");
    assertThat(told).endsWith("c store_unavailable", "d store_unavailable", "e store_unavailable");
  }

  @Test
  void message_to_two_held_channels_has_its_turn_when_it_is_the_first_of_both() {
    ChannelName ann = ChannelName.user(ANN.id());
    ChannelName bob = ChannelName.user(BOB.id());
    store.held.addAll(List.of(ann, bob));
    send("to ann", ann);
    send("to bob", bob);
    main.runAll();
    direct("both", ANN, BOB);
    send("to ann later", ann);
    main.runAll();
    assertThat(journal.counters().lanes()).isEqualTo(2);

    store.held.clear();
    run();
    assertThat(told.stream().filter(line -> !line.startsWith("hub")))
        .containsExactly(
            "to ann recorded 1", "to bob recorded 1", "both recorded 2", "to ann later recorded 3");
    assertThat(store.entries(bob)).hasSize(2);
    assertThat(store.entries(ann)).hasSize(3);
  }

  @Test
  void message_whose_copy_has_to_wait_waits_while_its_recipient_hears_others() {
    ChannelName ann = ChannelName.user(ANN.id());
    store.held.add(ann);
    direct("from ann", ANN, BOB);
    main.runAll();
    direct("from host", Optional.empty(), BOB);
    main.runAll();

    assertThat(told).containsExactly("hub user_bob after 0: 1", "from host recorded 1");
    store.held.clear();
    run();
    assertThat(told).endsWith("from ann recorded 2");
  }

  @Test
  void unknown_outcome_that_was_committed_gets_the_first_place() {
    send("z", HILL);
    main.runAll();
    told.clear();
    store.faults.add(Fault.COMMITTED_UNKNOWN);
    Outcomes sender = send("a", HILL);
    direct("b", ANN, BOB);
    main.runAll();
    assertThat(told).isEmpty();
    time.advance(Duration.ofSeconds(1));
    main.runAll();

    assertThat(sender.told()).containsExactly("recorded 2");
    assertThat(store.entries(HILL)).hasSize(2);
    Append first = store.appends.get(1);
    Append repeat = store.appends.get(2);
    assertThat(repeat.items()).isEqualTo(first.items());
    assertThat(repeat.at()).isEqualTo(first.at());
    assertThat(repeat.seen().get(HILL)).isEqualTo(store.entries(HILL).get(0).cursor());
    assertThat(told)
        .hasSize(5)
        .startsWith("hub room_hill after " + store.entries(HILL).get(0).cursor() + ": 2");
    assertThat(journal.counters().lookups()).isEqualTo(1);
  }

  @Test
  void unknown_outcome_that_was_not_committed_is_recorded_once() {
    store.faults.add(Fault.LOST_UNKNOWN);
    Outcomes sender = send("a", HILL);
    main.runAll();
    time.advance(Duration.ofSeconds(1));
    main.runAll();

    assertThat(sender.told()).containsExactly("recorded 1");
    assertThat(store.entries(HILL)).hasSize(1);
  }

  @Test
  void unknown_outcome_that_is_never_answered_is_told_when_the_time_is_over() {
    store.faults.add(Fault.LOST_UNKNOWN);
    IntStream.range(0, 100).forEach(i -> store.faults.add(Fault.UNAVAILABLE));
    Outcomes sender = send("a", HILL);
    main.runAll();
    Outcomes behind = send("b", LAKE);
    Duration step = Duration.ofMillis(10);
    Duration passed = Duration.ZERO;
    while (sender.told().isEmpty()) {
      time.advance(step);
      passed = passed.plus(step);
      main.runOne();
      assertThat(behind.told()).isEmpty();
    }
    store.faults.clear();

    assertThat(sender.told()).containsExactly("outcome_unknown");
    assertThat(passed).isEqualTo(Limits.defaults().lookupWithin());
    assertThat(store.appends.size()).as("attempts").isBetween(10, 20);
    main.runAll();
    assertThat(behind.told()).containsExactly("recorded 1");
    assertThat(journal.counters().unknown()).isEqualTo(1);
  }

  @Test
  void every_lookup_starts_from_the_earliest_place_seen() {
    store.faults.addAll(List.of(Fault.LOST_UNKNOWN, Fault.COMMITTED_UNKNOWN));
    Outcomes sender = send("a", HILL);
    main.runAll();
    store.writeElsewhere(item(HILL).draft());
    for (int i = 0; i < 3; i++) {
      time.advance(Duration.ofSeconds(1));
      main.runAll();
    }

    assertThat(sender.told()).containsExactly("recorded 2");
    assertThat(store.appends)
        .extracting(Append::seen)
        .extracting(seen -> seen.get(HILL))
        .containsExactly(null, Cursor.START, Cursor.START);
  }

  @Test
  void attempt_that_lingers_and_holds_its_channel_is_looked_up_until_it_ends() {
    store.faults.add(Fault.LINGERING_UNKNOWN);
    Outcomes sender = send("a", HILL);
    main.runAll();
    time.advance(Duration.ofSeconds(2));
    main.runAll();
    assertThat(sender.told()).isEmpty();
    assertThat(waiting.waiting())
        .as("it must not be sent again as if it were new")
        .isZero();

    store.endLingering(true);
    time.advance(Duration.ofSeconds(2));
    main.runAll();
    assertThat(sender.told()).containsExactly("recorded 1");
    assertThat(store.entries(HILL)).hasSize(1);
  }

  @Test
  void entries_with_others_between_are_told_apart_after_a_lookup() {
    ChannelName ann = ChannelName.user(ANN.id());
    ChannelName bob = ChannelName.user(BOB.id());
    store.held.add(ann);
    store.faults.add(Fault.COMMITTED_UNKNOWN);
    send("a", bob);
    direct("b", ANN, BOB);
    main.runAll();
    store.held.clear();
    store.writeElsewhere(item(bob).draft());
    time.advance(Duration.ofSeconds(1));
    main.runAll();

    String first = store.entries(bob).get(0).cursor().toString();
    assertThat(told)
        .containsExactly(
            "hub user_bob after 0: 1",
            "hub user_bob after " + first + ": 3",
            "hub user_ann after 0: 1",
            "a recorded 1",
            "b recorded 3");
  }

  @Test
  void store_that_can_not_be_used_refuses_the_batch_and_serves_the_next() {
    store.faults.add(Fault.UNAVAILABLE);
    send("a", HILL);
    send("b", LAKE);
    main.runAll();
    assertThat(told).containsExactly("a store_unavailable", "b store_unavailable");

    Outcomes later = send("c", HILL);
    main.runAll();
    assertThat(later.told()).containsExactly("recorded 1");
  }

  @Test
  void poisoned_item_is_refused_alone_and_named_in_the_log() {
    send("a", HILL);
    Item poison = item(HILL);
    store.poisoned.add(poison.draft().id());
    Outcomes culprit = new Outcomes("culprit", told);
    journal.append(poison, culprit);
    send("c", HILL);
    main.runAll();

    assertThat(told.stream().filter(line -> !line.startsWith("hub")))
        .containsExactly("a recorded 1", "culprit internal", "c recorded 2");
    assertThat(culprit.refusal().trace()).contains(poison.draft().id().value());
    assertThat(log.records())
        .filteredOn(line -> line.getLevel().equals(Level.SEVERE))
        .singleElement()
        .satisfies(line -> {
          assertThat(line.getMessage()).contains(culprit.refusal().trace().orElseThrow());
          assertThat(line.getThrown()).hasMessage("this item can not be recorded");
        });
    assertThat(sizesOfAppends()).containsExactly(3, 1, 1, 1);
    assertThat(journal.counters().failed()).isEqualTo(1);
  }

  @Test
  void poisoned_item_in_a_lane_is_refused_alone() {
    store.held.add(HILL);
    send("a", HILL);
    main.runAll();
    Item poison = item(HILL);
    store.poisoned.add(poison.draft().id());
    Outcomes culprit = new Outcomes("culprit", told);
    journal.append(poison, culprit);
    send("c", HILL);
    main.runAll();
    store.held.clear();
    run();

    assertThat(told.stream().filter(line -> !line.startsWith("hub")))
        .containsExactly("a recorded 1", "culprit internal", "c recorded 2");
  }

  @Test
  void held_channel_met_one_by_one_keeps_its_order() {
    store.faults.add(Fault.BROKEN);
    store.held.add(HILL);
    send("a", HILL);
    send("b", LAKE);
    send("c", HILL);
    main.runAll();
    store.held.clear();
    run();

    assertThat(told.stream().filter(line -> !line.startsWith("hub")))
        .containsExactly("b recorded 1", "a recorded 1", "c recorded 2");
    assertThat(sizesOfAppends()).containsExactly(3, 1, 1, 2);
  }

  @Test
  void unknown_outcome_met_one_by_one_is_looked_up_before_the_next_is_tried() {
    store.faults.addAll(List.of(Fault.BROKEN, Fault.COMMITTED_UNKNOWN));
    send("a", HILL);
    send("b", HILL);
    main.runAll();
    assertThat(store.entries(HILL)).hasSize(1);
    time.advance(Duration.ofSeconds(1));
    main.runAll();

    assertThat(told.stream().filter(line -> !line.startsWith("hub")))
        .containsExactly("a recorded 1", "b recorded 2");
    assertThat(store.entries(HILL)).hasSize(2);
  }

  @Test
  void unknown_outcome_in_a_lane_is_looked_up_while_other_channels_go_on() {
    store.held.add(HILL);
    Outcomes sender = send("a", HILL);
    main.runAll();
    store.held.clear();
    store.faults.add(Fault.COMMITTED_UNKNOWN);
    run();
    Outcomes behind = send("b", HILL);
    Outcomes other = send("c", LAKE);
    run();
    assertThat(other.told()).containsExactly("recorded 1");
    assertThat(sender.told()).isEmpty();
    assertThat(behind.told()).isEmpty();

    time.advance(Duration.ofSeconds(1));
    run();
    assertThat(sender.told()).containsExactly("recorded 1");
    assertThat(behind.told()).containsExactly("recorded 2");
    assertThat(store.entries(HILL)).hasSize(2);
  }

  @Test
  void redaction_comes_behind_what_was_sent_before_it_and_ahead_of_what_was_sent_after() {
    send("a", HILL);
    Outcomes redaction = redact("r", HILL, 1);
    send("b", HILL);
    send("c", LAKE);
    run();

    assertThat(redaction.told()).containsExactly("recorded 2");
    assertThat(store.entries(HILL))
        .extracting(Entry::kind)
        .containsExactly(EntryKind.MESSAGE, EntryKind.REDACTION, EntryKind.MESSAGE);
    assertThat(told.indexOf("c recorded 1")).isLessThan(told.indexOf("b recorded 3"));
    assertThat(told)
        .contains("hub room_hill after " + store.entries(HILL).get(0).cursor() + ": 2");
  }

  @Test
  void redaction_of_nothing_is_told_as_absent() {
    Outcomes redaction = redact("r", HILL, 1);
    run();
    assertThat(redaction.told()).containsExactly("absent");
  }

  @Test
  void redaction_of_unknown_outcome_is_found_behind_what_it_saw() {
    send("a", HILL);
    run();
    store.faults.add(Fault.COMMITTED_UNKNOWN);
    Outcomes redaction = redact("r", HILL, 1);
    run();
    store.writeElsewhere(item(HILL).draft());
    time.advance(Duration.ofSeconds(1));
    run();

    assertThat(redaction.told()).containsExactly("recorded 2");
    assertThat(store.entries(HILL)).hasSize(3);
    assertThat(told)
        .contains("hub room_hill after " + store.entries(HILL).get(0).cursor() + ": 2");
  }

  /** A redaction once was told as absent when a lookup, and not the first attempt, had recorded it. */
  @Test
  void redaction_that_a_lookup_recorded_is_found_though_others_wrote_before_it() {
    send("a", HILL);
    run();
    store.faults.addAll(List.of(Fault.LOST_UNKNOWN, Fault.COMMITTED_UNKNOWN));
    Outcomes redaction = redact("r", HILL, 1);
    run();
    store.writeElsewhere(item(HILL).draft());
    for (int i = 0; i < 2; i++) {
      time.advance(Duration.ofSeconds(1));
      run();
    }

    assertThat(redaction.told()).containsExactly("recorded 3");
  }

  /** A lane that stood in line when its works were refused once stayed for ever. */
  @Test
  void lane_emptied_while_it_stands_in_line_is_no_more() {
    store.held.addAll(List.of(HILL, LAKE, PARK));
    send("a", HILL);
    send("b", LAKE);
    send("c", PARK);
    main.runAll();
    main.shutdown();
    send("d", HILL);
    run();

    assertThat(told).contains("c store_unavailable", "d store_unavailable");
    assertThat(journal.counters().lanes()).isZero();
  }

  @Test
  void redaction_that_fails_is_refused_with_the_reason() {
    send("a", HILL);
    run();
    store.faults.addAll(List.of(Fault.UNAVAILABLE, Fault.BROKEN));
    Outcomes away = redact("r", HILL, 1);
    run();
    Outcomes broken = redact("s", HILL, 1);
    run();

    assertThat(away.told()).containsExactly("store_unavailable");
    assertThat(broken.told()).containsExactly("internal");
  }

  @Test
  void closed_journal_takes_nothing_more_and_commits_what_it_took() {
    store.held.add(LAKE);
    send("a", HILL);
    send("b", LAKE);
    boolean[] drained = {false};
    journal.close();
    journal.whenDrained(() -> drained[0] = true);
    Outcomes late = send("c", HILL);
    assertThat(late.told()).containsExactly("overloaded");
    main.runAll();
    assertThat(drained[0]).isFalse();

    store.held.clear();
    run();
    assertThat(told).contains("a recorded 1", "b recorded 1");
    assertThat(drained[0]).isTrue();
  }

  @Test
  void drained_journal_says_so_at_once() {
    journal.close();
    boolean[] drained = {false};
    journal.whenDrained(() -> drained[0] = true);
    assertThat(drained[0]).isTrue();
  }

  @Test
  void hub_or_sender_that_fails_stops_nobody_else() {
    journal = new Journal(
        store,
        (previous, entries) -> {
          if (entries.get(0).seq() == 1) {
            throw new IllegalStateException("the hub failed on purpose");
          }
          return quiet -> {
            throw new IllegalStateException("waking failed on purpose");
          };
        },
        time,
        main,
        waiting,
        pumps,
        Limits.defaults());
    journal.append(item(HILL), new Journal.Settled() {
      @Override
      public Optional<Outlet> recorded(Receipt receipt) {
        throw new AssertionError("the sender failed on purpose");
      }

      @Override
      public void refused(Refusal refusal) {}
    });
    Outcomes other = send("b", HILL);
    main.runAll();
    Outcomes later = send("c", HILL);
    main.runAll();

    assertThat(other.told()).containsExactly("recorded 2");
    assertThat(later.told()).containsExactly("recorded 3");
  }

  @Test
  void error_inside_the_store_leaves_the_outcome_unknown_and_the_journal_alive() {
    store.onAppend = () -> {
      store.onAppend = () -> {};
      throw new StackOverflowError("planted");
    };
    Outcomes sender = send("a", HILL);
    main.runAll();
    Outcomes later = send("b", HILL);
    main.runAll();

    assertThat(sender.code()).contains(ErrorCode.OUTCOME_UNKNOWN);
    assertThat(sender.refusal().trace()).isPresent();
    assertThat(later.told()).containsExactly("recorded 1");
  }

  @Test
  void no_lock_is_held_while_the_store_the_hub_or_a_sender_is_called() {
    List<Boolean> free = new ArrayList<>();
    Runnable ask = () -> free.add(canBeAskedByAnotherThread());
    store.onAppend = ask;
    journal = new Journal(
        store,
        (previous, entries) -> {
          ask.run();
          return quiet -> ask.run();
        },
        time,
        main,
        waiting,
        pumps,
        Limits.builder().journalDrafts(2).build());
    Journal.Settled settled = new Journal.Settled() {
      @Override
      public Optional<Outlet> recorded(Receipt receipt) {
        ask.run();
        return Optional.empty();
      }

      @Override
      public void refused(Refusal refusal) {
        ask.run();
      }
    };
    store.held.add(HILL);
    journal.append(item(HILL), settled);
    journal.append(item(LAKE), settled);
    journal.append(item(PARK), settled);
    run();

    // Two appends, one commit and one waking, one sender recorded, one overloaded, one given up.
    assertThat(free).hasSize(7).doesNotContain(false);
  }

  @Test
  void main_line_that_takes_no_more_tasks_refuses_what_waits() {
    main.shutdown();
    Outcomes sender = send("a", HILL);
    assertThat(sender.told()).containsExactly("store_unavailable");
  }

  @Test
  void shutdown_in_the_middle_settles_everything_with_the_truth() {
    journal = journal(Limits.builder().batchItems(1).build());
    store.held.add(PARK);
    Outcomes lane = send("lane", PARK);
    Outcomes first = send("a", HILL);
    Outcomes second = send("b", HILL);
    // The held one, and the lane's task given; then the main line ends before "b" is taken.
    main.runOne();
    store.held.clear();
    main.runOne();
    main.shutdown();
    waiting.shutdown();
    Outcomes behind = send("behind", PARK);
    run();

    assertThat(first.told()).containsExactly("recorded 1");
    assertThat(lane.told()).containsExactly("recorded 1");
    assertThat(second.told()).containsExactly("recorded 2");
    assertThat(behind.told()).containsExactly("store_unavailable");
  }

  @Test
  void lookup_that_is_cut_off_by_shutdown_is_told_as_unknown() {
    store.faults.add(Fault.COMMITTED_UNKNOWN);
    Outcomes sender = send("a", HILL);
    main.runAll();
    Outcomes behind = send("b", HILL);
    main.shutdown();
    time.advance(Duration.ofSeconds(1));

    assertThat(sender.told()).containsExactly("outcome_unknown");
    assertThat(behind.told()).containsExactly("store_unavailable");
  }

  @Test
  void waiting_executor_that_takes_no_task_refuses_only_what_waits_there() {
    waiting.shutdown();
    store.held.add(HILL);
    Outcomes held = send("a", HILL);
    Outcomes other = send("b", LAKE);
    main.runAll();

    assertThat(held.told()).containsExactly("store_unavailable");
    assertThat(other.told()).containsExactly("recorded 1");
  }

  private boolean canBeAskedByAnotherThread() {
    CompletableFuture<JournalCounters> asked = CompletableFuture.supplyAsync(journal::counters);
    try {
      asked.get(10, TimeUnit.SECONDS);
      return true;
    } catch (Exception e) {
      return false;
    }
  }

  private Journal journal(Limits limits) {
    return new Journal(store, this::committed, time, main, waiting, pumps, limits);
  }

  private Journal.Waking committed(Cursor previous, List<Entry> entries) {
    StringBuilder line = new StringBuilder("hub ")
        .append(entries.get(0).channel())
        .append(" after ")
        .append(previous)
        .append(':');
    entries.forEach(entry -> line.append(' ').append(entry.seq()));
    told.add(line.toString());
    return quiet -> woken.add(entries.get(0).channel() + (quiet ? " quiet" : "") + ", behind "
        + told.get(told.size() - 1));
  }

  private void run() {
    QueueExecutor.runAll(main, waiting);
  }

  private Outcomes send(String name, ChannelName channel) {
    return append(name, item(channel));
  }

  private Outcomes sendData(String name, ChannelName channel, String data) {
    return append(
        name,
        Item.of(Draft.message(
            channel,
            EntryId.random(random),
            Optional.of(ANN),
            Optional.empty(),
            Json.string(data))));
  }

  private Outcomes sendKey(String name, ChannelName channel, String key) {
    return append(
        name,
        Item.of(Draft.message(
            channel,
            EntryId.random(random),
            Optional.of(ANN),
            Optional.of(SendKey.of(key)),
            Json.string("hello"))));
  }

  private Outcomes direct(String name, UserRef from, UserRef to) {
    return direct(name, Optional.of(from), to);
  }

  private Outcomes direct(String name, Optional<UserRef> from, UserRef to) {
    Draft draft = Draft.message(
        ChannelName.user(to.id()),
        EntryId.random(random),
        from,
        Optional.empty(),
        Json.string("psst"));
    return append(name, new Item(draft, from.map(sender -> draft.copyFor(sender, to.id()))));
  }

  private Outcomes append(String name, Item item) {
    Outcomes outcomes = new Outcomes(name, told);
    journal.append(item, outcomes);
    return outcomes;
  }

  private Outcomes redact(String name, ChannelName channel, long seq) {
    Outcomes outcomes = new Outcomes(name, told);
    journal.redact(channel, seq, EntryId.random(random), outcomes);
    return outcomes;
  }

  private void sendMany(int count, ChannelName channel) {
    IntStream.range(0, count).forEach(i -> send("m" + i, channel));
  }

  private Item item(ChannelName channel) {
    return Item.of(Draft.message(
        channel, EntryId.random(random), Optional.of(ANN), Optional.empty(), Json.string("hello")));
  }

  private List<Integer> sizesOfAppends() {
    return store.appends.stream().map(append -> append.items().size()).toList();
  }

  private boolean seqsInOrder(ChannelName channel) {
    List<String> expected = IntStream.range(0, store.entries(channel).size())
        .mapToObj(i -> "m" + i + " recorded " + (i + 1))
        .toList();
    return told.stream().filter(line -> !line.startsWith("hub")).toList().equals(expected);
  }
}
