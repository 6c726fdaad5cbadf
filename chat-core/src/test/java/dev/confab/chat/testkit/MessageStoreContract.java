package dev.confab.chat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.TrimmedRange;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Appended;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Outcome;
import dev.confab.chat.spi.MessageStore.Page;
import dev.confab.chat.spi.MessageStore.Position;
import dev.confab.chat.spi.OutcomeUnknownException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/**
 * What every {@link MessageStore} must do, rule by rule. Extend it, say what your store {@link #abilities() can show}, and
 * give it a way to {@link #open} stores on one log. The log may be the same for all tests: each uses channels of its own.
 *
 * <p>What a store can not show is skipped, but never silently: a test that ends itself for any other reason than an ability
 * that was not declared fails, and so does a store that has an ability and does not declare it.
 */
@ExtendWith(MessageStoreContract.NothingIsSkippedSilently.class)
public abstract class MessageStoreContract {
  /** What not every store, or not every test of one, can show. */
  public enum Ability {
    /** {@link #open} gives a store of its own each time, as on several nodes. */
    SEVERAL_INSTANCES,
    /** {@link #hold} has another transaction hold a channel. */
    HOLD,
    /** {@link #trim} removes entries as retention does. */
    TRIM,
    /** {@link #openLosing} gives a store that does not hear whether its next commit happened. */
    LOSE_ANSWER,
    /** {@link #takeAway} makes the database unreachable for a while. */
    TAKE_AWAY,
    /** {@link #poison} makes a draft the store can not record. */
    POISON,
    /** {@link #exists} says whether the store holds anything for a channel. */
    SEE_CHANNELS
  }

  /** The ability a test needs. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.METHOD)
  protected @interface Needs {
    /** Which. */
    Ability value();
  }

  /** What became of a commit whose answer is lost. */
  public enum Loss {
    /** It happened. */
    COMMITTED,
    /** It did not. */
    NOT_COMMITTED
  }

  /** Something that is so until it is closed. */
  @FunctionalInterface
  public interface UntilClosed {
    /** Ends it. */
    void close();
  }

  private static final Instant AT = Instant.parse("2026-03-01T12:00:00.123Z");
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration DEADLINE = Duration.ofSeconds(40);
  private static final int PLENTY = 10_000;
  private static final int PLENTY_OF_BYTES = 64 << 20;
  private static final UserRef ANN = user("ann");
  private static final UserRef BOB = user("bob");

  /** Texts that some database takes for the same. Each is a valid channel name, user id and user name. */
  private static final List<String> LOOK_ALIKES = lookAlikes(
      "a A \u00e1 \u00e0 \u00e4 \u00e5 \u00c4 \u0101 \u0430 \uff41 \ud835\udc1a a. a- a_ % a% _",
      "a\u200b a\u200d a\u00ad a\ufe0f a\u3164 q q\u0308 \u3042 \u30a2 \uff71",
      "ss \u00df SS fi \ufb01 i I \u0131 \u0130 1 \u00b9 \u0661 \ud83d\ude00 \ud83d\ude01",
      "'' ' \" \\ \\\\");

  private final RandomGenerator random = RandomGenerator.getDefault();
  private final Set<MessageStore> opened = Collections.newSetFromMap(new IdentityHashMap<>());

  // What an implementation gives.

  /** What this store can show; all tests that need anything else are skipped. */
  protected abstract Set<Ability> abilities();

  /** A store on the log of this test; the suite closes it. The same one again without {@link Ability#SEVERAL_INSTANCES}. */
  protected abstract MessageStore open();

  /** Has another transaction hold this channel, in which something was said, until closed. */
  protected UntilClosed hold(ChannelName channel) {
    throw new UnsupportedOperationException("HOLD");
  }

  /** Removes the channel's entries up to this number as retention does, floor and keys with it. */
  protected void trim(ChannelName channel, long upTo) {
    throw new UnsupportedOperationException("TRIM");
  }

  /** A store on the log of this test whose next append throws {@link OutcomeUnknownException}; the suite closes it. */
  protected MessageStore openLosing(Loss loss) {
    throw new UnsupportedOperationException("LOSE_ANSWER");
  }

  /** Makes the database unreachable for all stores until closed; stores that are open must work again afterwards. */
  protected UntilClosed takeAway() {
    throw new UnsupportedOperationException("TAKE_AWAY");
  }

  /** A message for this channel that the store can not record, through no fault of the database. */
  protected Draft poison(ChannelName channel) {
    throw new UnsupportedOperationException("POISON");
  }

  /** Whether the store holds anything for this channel. */
  protected boolean exists(ChannelName channel) {
    throw new UnsupportedOperationException("SEE_CHANNELS");
  }

  // The frame of every test.

  @BeforeEach
  void assume_the_abilities_the_test_needs(TestInfo test) {
    neededBy(test.getTestMethod().orElseThrow())
        .ifPresent(ability -> assumeTrue(abilities().contains(ability), "needs " + ability));
  }

  @AfterEach
  void close_the_stores() {
    opened.forEach(MessageStore::close);
  }

  @Test
  void abilities_that_are_not_declared_are_lacking() {
    ChannelName channel = channel();
    Map<Ability, Runnable> hooks = Map.of(
        Ability.HOLD, () -> hold(channel).close(),
        Ability.TRIM, () -> trim(channel, 1),
        Ability.LOSE_ANSWER, () -> opened.add(openLosing(Loss.NOT_COMMITTED)),
        Ability.TAKE_AWAY, () -> takeAway().close(),
        Ability.POISON, () -> poison(channel),
        Ability.SEE_CHANNELS, () -> exists(channel));
    for (Ability ability : Ability.values()) {
      if (ability == Ability.SEVERAL_INSTANCES) {
        assertThat(store() != store())
            .as("stores are several")
            .isEqualTo(abilities().contains(ability));
      } else if (!abilities().contains(ability)) {
        assertThatThrownBy(() -> hooks.get(ability).run())
            .as("%s is not declared", ability)
            .isInstanceOf(UnsupportedOperationException.class);
      }
    }
  }

  // STORE-1: 1, 2, 3 …

  @Rule("STORE-1")
  @Test
  void entries_are_numbered_from_one_in_the_order_of_their_items() {
    MessageStore store = store();
    ChannelName channel = channel();
    ChannelName other = channel();
    List<EntryId> said = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      Item first = Item.of(message(channel));
      Item second = Item.of(message(channel));
      append(store, first, Item.of(message(other)), second);
      said.add(first.draft().id());
      said.add(second.draft().id());
    }

    List<Entry> entries = all(store, channel);
    assertThat(entries).extracting(Entry::id).containsExactlyElementsOf(said);
    assertNumberedFromOne(entries);
    assertNumberedFromOne(all(store, other));
  }

  @Rule("STORE-1")
  @Test
  void numbers_are_dense_and_unique_when_several_stores_append_at_once() {
    ChannelName one = channel();
    ChannelName two = channel();
    int writers = 6;
    int appends = 10;
    List<Callable<List<Entry>>> tasks = new ArrayList<>();
    for (int writer = 0; writer < writers; writer++) {
      MessageStore store = store();
      tasks.add(() -> {
        List<Entry> mine = new ArrayList<>();
        for (int i = 0; i < appends; i++) {
          Appended appended =
              append(store, Item.of(message(one)), Item.of(message(two)), Item.of(message(one)));
          appended.outcomes().forEach(outcome -> mine.add(recorded(outcome)));
        }
        return mine;
      });
    }
    List<Entry> told = together(tasks).stream().flatMap(List::stream).toList();

    MessageStore reader = store();
    List<Entry> kept = new ArrayList<>(all(reader, one));
    assertNumberedFromOne(kept);
    assertThat(kept).hasSize(writers * appends * 2);
    List<Entry> others = all(reader, two);
    assertNumberedFromOne(others);
    assertThat(others).hasSize(writers * appends);
    kept.addAll(others);
    assertThat(told).as("what the appends returned").containsExactlyInAnyOrderElementsOf(kept);
  }

  @Rule("STORE-1")
  @Test
  void numbers_are_dense_after_a_channel_was_made_by_several_stores_at_once() {
    for (int round = 0; round < 5; round++) {
      ChannelName channel = channel();
      together(Collections.nCopies(4, () -> append(store(), Item.of(message(channel)))));
      assertNumberedFromOne(all(store(), channel));
      assertThat(all(store(), channel)).hasSize(4);
    }
  }

  @Rule("STORE-1")
  @Test
  void only_messages_are_counted() {
    MessageStore store = store();
    ChannelName own = ChannelName.user(user("ann" + unique()).id());
    UserRef sender = new UserRef(own.owner().orElseThrow(), "Ann");
    ChannelName room = channel();

    append(store, Item.of(message(own)));
    append(store, withCopy(message(room, sender, Optional.empty()), sender, BOB));
    append(store, Item.of(message(own)));
    assertThat(redact(store, own, 1)).isPresent();
    append(store, Item.of(message(own)));

    List<Entry> entries = all(store, own);
    assertThat(entries)
        .extracting(Entry::kind)
        .containsExactly(
            EntryKind.MESSAGE,
            EntryKind.COPY,
            EntryKind.MESSAGE,
            EntryKind.REDACTION,
            EntryKind.MESSAGE);
    assertThat(entries).extracting(Entry::no).containsExactly(1L, 1L, 2L, 2L, 3L);
    assertThat(newest(store, own).head().no()).isEqualTo(3);
  }

  // STORE-2: what an append returned stays, and is seen

  @Rule("STORE-2")
  @Test
  void read_and_heads_that_begin_after_an_append_returned_see_it_through_any_store() {
    MessageStore writer = store();
    MessageStore reader = store();
    ChannelName channel = channel();
    heads(reader, List.of(channel));
    for (int round = 1; round <= 20; round++) {
      Entry entry =
          recorded(append(writer, Item.of(message(channel))).outcomes().get(0));

      assertThat(heads(reader, List.of(channel)).get(channel).cursor()).isEqualTo(entry.cursor());
      assertThat(newest(reader, channel).head().cursor()).isEqualTo(entry.cursor());
      assertThat(newest(reader, channel).entries()).containsExactly(entry);
    }
  }

  @Rule("STORE-2")
  @Test
  void what_was_recorded_is_seen_through_a_store_that_is_opened_later() {
    ChannelName channel = channel();
    Entry entry = recorded(append(store(), Item.of(message(channel))).outcomes().get(0));

    assertThat(all(store(), channel)).containsExactly(entry);
  }

  // STORE-3: the same channel, sender and key once

  @Rule("STORE-3")
  @Test
  void key_that_comes_twice_in_one_append_is_recorded_once() {
    MessageStore store = store();
    ChannelName channel = channel();
    Appended appended = append(
        store,
        Item.of(message(channel, ANN, key("k"))),
        Item.of(message(channel)),
        Item.of(message(channel, ANN, key("k"))));

    assertRepeats(appended.outcomes().get(2), recorded(appended.outcomes().get(0)));
    assertThat(all(store, channel)).hasSize(2);
  }

  @Rule("STORE-3")
  @Test
  void key_that_comes_again_gets_the_first_ones_place_and_time_whatever_its_data() {
    MessageStore store = store();
    ChannelName channel = channel();
    Entry first = recorded(
        append(store, Item.of(message(channel, ANN, key("k")))).outcomes().get(0));
    append(store, Item.of(message(channel)));
    Draft again = message(channel, ANN, key("k")).withData(Json.string("something else"));
    Appended appended = append(store(), AT.plusSeconds(60), Item.of(again));

    assertRepeats(appended.outcomes().get(0), first);
    assertThat(all(store, channel)).hasSize(2).startsWith(first);
  }

  @Rule("STORE-3")
  @Test
  void key_is_known_as_long_as_the_message_is_kept() {
    MessageStore store = store();
    ChannelName channel = channel();
    Item item = Item.of(message(channel, ANN, key("k")));
    Entry first = recorded(append(store, item).outcomes().get(0));

    Instant muchLater = AT.plus(Duration.ofDays(400));
    Item again = Item.of(message(channel, ANN, key("k")));
    assertRepeats(append(store, muchLater, again).outcomes().get(0), first);
  }

  @Needs(Ability.TRIM)
  @Rule("STORE-3")
  @Test
  void key_of_a_message_that_retention_removed_is_known_for_seven_days() {
    MessageStore store = store();
    ChannelName channel = channel();
    Item item = Item.of(message(channel, ANN, key("k")));
    Entry first = recorded(append(store, item).outcomes().get(0));
    append(store, Item.of(message(channel)));
    trim(channel, 1);

    Instant later = AT.plus(Duration.ofDays(7)).minusSeconds(1);
    append(store, later, Item.of(message(channel)));
    Item again = Item.of(message(channel, ANN, key("k")));
    assertRepeats(append(store, later, again).outcomes().get(0), first);
  }

  @Rule("STORE-3")
  @Test
  void key_that_several_stores_record_at_once_is_recorded_once() {
    for (int round = 0; round < 5; round++) {
      ChannelName channel = channel();
      List<Callable<Outcome>> tasks = new ArrayList<>();
      for (int writer = 0; writer < 4; writer++) {
        MessageStore store = store();
        Item item = Item.of(message(channel, ANN, key("k")));
        tasks.add(() -> append(store, item).outcomes().get(0));
      }
      List<Outcome> outcomes = together(tasks);

      List<Entry> entries = all(store(), channel);
      assertThat(entries).hasSize(1);
      assertThat(outcomes).filteredOn(Outcome.Recorded.class::isInstance).hasSize(1);
      assertThat(outcomes)
          .extracting(MessageStoreContract::placeOf)
          .containsOnly(entries.get(0).cursor());
    }
  }

  @Rule("STORE-3")
  @Test
  void key_of_another_sender_or_channel_is_another_message() {
    MessageStore store = store();
    ChannelName channel = channel();
    ChannelName other = channel();
    Draft byTheHost = Draft.message(channel, id(), Optional.empty(), key("k"), data());
    Appended appended = append(
        store,
        Item.of(message(channel, ANN, key("k"))),
        Item.of(message(channel, BOB, key("k"))),
        Item.of(message(other, ANN, key("k"))),
        Item.of(byTheHost),
        Item.of(message(channel, ANN, key("other"))));

    appended.outcomes().forEach(MessageStoreContract::recorded);
    Draft repeat = Draft.message(channel, id(), Optional.empty(), key("k"), data());
    assertRepeats(
        append(store, Item.of(repeat)).outcomes().get(0),
        recorded(appended.outcomes().get(3)));
  }

  @Rule("STORE-3")
  @Test
  void sender_who_has_another_name_by_now_is_the_same_sender() {
    MessageStore store = store();
    ChannelName channel = channel();
    Item item = Item.of(message(channel, ANN, key("k")));
    Entry first = recorded(append(store, item).outcomes().get(0));

    UserRef renamed = new UserRef(ANN.id(), "Ann Again");
    Item again = Item.of(message(channel, renamed, key("k")));
    assertRepeats(append(store, again).outcomes().get(0), first);
  }

  @Rule("STORE-3")
  @Test
  void messages_without_key_are_never_taken_for_repeats() {
    MessageStore store = store();
    ChannelName channel = channel();
    Appended appended = append(
        store,
        Item.of(message(channel, ANN, Optional.empty())),
        Item.of(message(channel, ANN, Optional.empty())));

    appended.outcomes().forEach(MessageStoreContract::recorded);
    assertThat(all(store, channel)).hasSize(2);
  }

  // STORE-4: what fails recorded nothing

  @Needs(Ability.POISON)
  @Rule("STORE-4")
  @Test
  void append_that_fails_by_one_of_its_items_recorded_none_and_the_others_can_be_recorded() {
    MessageStore store = store();
    ChannelName channel = channel();
    Item good = Item.of(message(channel, ANN, key("k")));
    Item poisoned = Item.of(poison(channel));
    Item alsoGood = Item.of(message(channel));

    assertThatThrownBy(() -> append(store, good, poisoned, alsoGood))
        .as("not the database's fault")
        .isInstanceOf(RuntimeException.class)
        .isNotInstanceOfAny(StoreUnavailableException.class, OutcomeUnknownException.class);
    assertThat(all(store, channel)).isEmpty();

    recorded(append(store, good).outcomes().get(0));
    assertThatThrownBy(() -> append(store, poisoned))
        .isInstanceOf(RuntimeException.class)
        .isNotInstanceOfAny(StoreUnavailableException.class, OutcomeUnknownException.class);
    recorded(append(store, alsoGood).outcomes().get(0));
    assertThat(all(store, channel)).hasSize(2);
  }

  @Needs(Ability.TAKE_AWAY)
  @Rule("STORE-4")
  @Test
  void append_without_database_says_so_and_recorded_nothing() {
    MessageStore store = store();
    ChannelName channel = channel();
    append(store, Item.of(message(channel)));
    Item item = Item.of(message(channel));
    during(takeAway(), () -> {
      assertThatThrownBy(() -> append(store, item)).isInstanceOf(StoreUnavailableException.class);
      assertThatThrownBy(() -> all(store, channel)).isInstanceOf(StoreUnavailableException.class);
      assertThatThrownBy(() -> heads(store, List.of(channel)))
          .isInstanceOf(StoreUnavailableException.class);
      assertThatThrownBy(() -> redact(store, channel, 1))
          .isInstanceOf(StoreUnavailableException.class);
    });

    assertThat(all(store, channel)).hasSize(1);
    recorded(append(store, item).outcomes().get(0));
    assertThat(all(store, channel)).hasSize(2);
  }

  // STORE-5: an item whole or not at all

  @Rule("STORE-5")
  @Test
  void message_and_its_copy_are_recorded_together_under_one_id() {
    MessageStore store = store();
    UserRef sender = user("ann" + unique());
    UserRef recipient = user("bob" + unique());
    Item item = direct(sender, recipient, key("k"));
    Outcome.Recorded outcome = (Outcome.Recorded) append(store, item).outcomes().get(0);

    Entry copy = outcome.copy().orElseThrow();
    assertThat(all(store, ChannelName.user(recipient.id()))).containsExactly(outcome.entry());
    assertThat(all(store, ChannelName.user(sender.id()))).containsExactly(copy);
    assertThat(copy.id()).isEqualTo(item.draft().id());
    assertThat(copy.kind()).isEqualTo(EntryKind.COPY);
    assertThat(copy.about()).isEqualTo(recipient.id().value());
    assertThat(copy.data()).isEqualTo(item.draft().data());
  }

  @Rule("STORE-5")
  @Test
  void repeat_of_a_message_leaves_no_second_copy() {
    MessageStore store = store();
    UserRef sender = user("ann" + unique());
    UserRef recipient = user("bob" + unique());
    append(store, direct(sender, recipient, key("k")));
    append(store, direct(sender, recipient, key("k")));
    append(
        store,
        Item.of(message(channel())),
        direct(sender, recipient, key("k")),
        direct(sender, recipient, key("k")));

    assertThat(all(store, ChannelName.user(recipient.id()))).hasSize(1);
    assertThat(all(store, ChannelName.user(sender.id()))).hasSize(1);
  }

  @Rule("STORE-5")
  @Test
  void repeat_that_several_stores_record_at_once_leaves_one_message_and_its_copy() {
    UserRef sender = user("ann" + unique());
    UserRef recipient = user("bob" + unique());
    for (int round = 1; round <= 5; round++) {
      List<Callable<Outcome>> tasks = new ArrayList<>();
      for (int writer = 0; writer < 4; writer++) {
        MessageStore store = store();
        Item item = direct(sender, recipient, key("k" + round));
        tasks.add(() -> append(store, item).outcomes().get(0));
      }
      together(tasks);
    }

    List<Entry> messages = all(store(), ChannelName.user(recipient.id()));
    List<Entry> copies = all(store(), ChannelName.user(sender.id()));
    assertThat(messages).hasSize(5);
    assertThat(copies)
        .extracting(Entry::id)
        .containsExactlyInAnyOrderElementsOf(messages.stream().map(Entry::id).toList());
  }

  @Rule("STORE-5")
  @Test
  void reader_never_sees_a_message_without_its_copy() {
    UserRef sender = user("ann" + unique());
    UserRef recipient = user("bob" + unique());
    MessageStore writer = store();
    MessageStore reader = store();
    AtomicBoolean done = new AtomicBoolean();
    together(List.of(
        () -> {
          try {
            for (int i = 0; i < 20; i++) {
              append(writer, direct(sender, recipient, Optional.empty()));
            }
          } finally {
            done.set(true);
          }
          return true;
        },
        () -> {
          while (!done.get()) {
            // Read second, the other half may only be ahead.
            int messages = all(reader, ChannelName.user(recipient.id())).size();
            int copies = all(reader, ChannelName.user(sender.id())).size();
            assertThat(copies).isGreaterThanOrEqualTo(messages);
            int messagesAfter = all(reader, ChannelName.user(recipient.id())).size();
            assertThat(messagesAfter).isGreaterThanOrEqualTo(copies);
          }
          return true;
        }));
  }

  @Needs(Ability.HOLD)
  @Rule("STORE-5")
  @Test
  void message_is_not_recorded_while_the_channel_of_its_copy_is_held() {
    MessageStore store = store();
    UserRef sender = user("ann" + unique());
    UserRef recipient = user("bob" + unique());
    ChannelName own = ChannelName.user(sender.id());
    append(store, Item.of(message(own)));
    Item item = direct(sender, recipient, key("k"));
    during(hold(own), () -> {
      Outcome outcome = store.append(Append.of(List.of(item), AT)).outcomes().get(0);
      assertThat(outcome).isEqualTo(new Outcome.Held(own));
      assertThat(all(store, ChannelName.user(recipient.id()))).isEmpty();
    });

    recorded(append(store, item).outcomes().get(0));
    assertThat(all(store, own)).hasSize(2);
  }

  // STORE-6: the place before the first new entry

  @Rule("STORE-6")
  @Test
  void place_before_the_first_new_entry_is_told_for_each_channel_and_channel_of_copies() {
    MessageStore store = store();
    UserRef sender = user("ann" + unique());
    UserRef recipient = user("bob" + unique());
    ChannelName own = ChannelName.user(sender.id());
    ChannelName theirs = ChannelName.user(recipient.id());
    ChannelName room = channel();
    Entry inRoom = recorded(append(store, Item.of(message(room))).outcomes().get(0));
    Entry inOwn = recorded(append(store, Item.of(message(own))).outcomes().get(0));

    Appended appended = append(
        store,
        Item.of(message(room)),
        direct(sender, recipient, Optional.empty()),
        Item.of(message(room)),
        direct(sender, recipient, Optional.empty()));

    assertThat(appended.previous())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(room, inRoom.cursor(), own, inOwn.cursor(), theirs, Cursor.START));
  }

  @Rule("STORE-6")
  @Test
  void no_place_is_told_for_a_channel_without_new_entries() {
    MessageStore store = store();
    ChannelName quiet = channel();
    ChannelName busy = channel();
    append(store, Item.of(message(quiet, ANN, key("k"))));

    Appended appended =
        append(store, Item.of(message(quiet, ANN, key("k"))), Item.of(message(busy)));
    assertThat(appended.previous()).containsExactlyEntriesOf(Map.of(busy, Cursor.START));
  }

  @Rule("STORE-6")
  @Test
  void place_that_is_told_is_that_of_the_entry_before_when_several_stores_append_at_once() {
    ChannelName channel = channel();
    List<Callable<Map<Long, Cursor>>> tasks = new ArrayList<>();
    for (int writer = 0; writer < 4; writer++) {
      MessageStore store = store();
      tasks.add(() -> {
        Map<Long, Cursor> told = new HashMap<>();
        for (int i = 0; i < 3; i++) {
          Appended appended = append(store, Item.of(message(channel)), Item.of(message(channel)));
          told.put(
              recorded(appended.outcomes().get(0)).seq(), appended.previous().get(channel));
        }
        return told;
      });
    }
    List<Map<Long, Cursor>> told = together(tasks);

    List<Cursor> places = new ArrayList<>(List.of(Cursor.START));
    all(store(), channel).forEach(entry -> places.add(entry.cursor()));
    told.forEach(each -> each.forEach(
        (seq, previous) -> assertThat(previous).isEqualTo(places.get((int) (seq - 1)))));
  }

  // STORE-7: after an unknown outcome

  @Rule("STORE-7")
  @Test
  void items_that_were_recorded_after_all_get_their_first_place_when_repeated() {
    MessageStore store = store();
    UserRef sender = user("ann" + unique());
    UserRef recipient = user("bob" + unique());
    ChannelName room = channel();
    append(store, Item.of(message(room)));
    List<Item> items = List.of(
        Item.of(message(room)),
        Item.of(message(room, ANN, key("k"))),
        direct(sender, recipient, Optional.empty()),
        Item.of(message(room)));
    Map<ChannelName, Cursor> seen = new HashMap<>();
    for (ChannelName channel : channelsOf(items)) {
      seen.put(channel, newest(store, channel).head().cursor());
    }
    Appended first = append(store, items.toArray(Item[]::new));
    append(store(), Item.of(message(room)));

    Appended second = append(store(), AT.plusSeconds(5), seen, items);
    assertThat(second.outcomes())
        .extracting(MessageStoreContract::placeOf)
        .containsExactlyElementsOf(
            first.outcomes().stream().map(MessageStoreContract::placeOf).toList());
    assertThat(all(store, room)).hasSize(5);
    assertThat(all(store, ChannelName.user(sender.id()))).hasSize(1);
    assertThat(all(store, ChannelName.user(recipient.id()))).hasSize(1);
  }

  @Rule("STORE-7")
  @Test
  void items_that_were_not_recorded_are_recorded_once_when_repeated() {
    MessageStore store = store();
    ChannelName room = channel();
    Entry before = recorded(append(store, Item.of(message(room))).outcomes().get(0));
    Item item = Item.of(message(room));
    append(store(), Item.of(message(room)));

    Map<ChannelName, Cursor> seen = Map.of(room, before.cursor());
    Appended appended = append(store, AT, seen, List.of(item));
    assertThat(placeOf(appended.outcomes().get(0)).seq()).isEqualTo(3);
    assertThat(all(store, room)).hasSize(3);
    Appended again = append(store, AT, seen, List.of(item));
    assertThat(placeOf(again.outcomes().get(0)).seq()).isEqualTo(3);
    assertThat(all(store, room)).hasSize(3);
  }

  @Needs(Ability.LOSE_ANSWER)
  @Rule("STORE-7")
  @Test
  void commit_that_happened_without_answer_is_found_with_what_was_seen() {
    assertRecordedOnceAfter(Loss.COMMITTED);
  }

  @Needs(Ability.LOSE_ANSWER)
  @Rule("STORE-7")
  @Test
  void commit_that_did_not_happen_is_made_good_with_what_was_seen() {
    assertRecordedOnceAfter(Loss.NOT_COMMITTED);
  }

  private void assertRecordedOnceAfter(Loss loss) {
    UserRef sender = user("ann" + unique());
    UserRef recipient = user("bob" + unique());
    ChannelName room = channel();
    MessageStore other = store();
    append(other, Item.of(message(room)));
    MessageStore losing = openLosing(loss);
    opened.add(losing);
    List<Item> items = List.of(
        Item.of(message(room)),
        direct(sender, recipient, Optional.empty()),
        Item.of(message(room, ANN, key("k"))));

    OutcomeUnknownException unknown = null;
    try {
      losing.append(new Append(items, AT, PATIENCE, Map.of()));
    } catch (OutcomeUnknownException e) {
      unknown = e;
    }
    assertThat(unknown).as("the answer is lost").isNotNull();
    assertThat(unknown.seen().keySet()).isEqualTo(channelsOf(items));
    append(other, Item.of(message(room)));

    Appended appended = append(other, AT, unknown.seen(), items);
    assertThat(all(other, room)).hasSize(4);
    assertThat(all(other, ChannelName.user(sender.id()))).hasSize(1);
    List<Entry> direct = all(other, ChannelName.user(recipient.id()));
    assertThat(direct).hasSize(1);
    assertThat(placeOf(appended.outcomes().get(1))).isEqualTo(direct.get(0).cursor());
    long expected = loss == Loss.COMMITTED ? 2 : 3;
    assertThat(placeOf(appended.outcomes().get(0)).seq()).isEqualTo(expected);
    assertThat(placeOf(appended.outcomes().get(2)).seq()).isEqualTo(expected + 1);
  }

  // STORE-8: nobody waits for another's channel

  @Needs(Ability.HOLD)
  @Rule("STORE-8")
  @Test
  void items_of_a_held_channel_are_held_and_all_others_are_recorded() {
    MessageStore store = store();
    ChannelName held = channel();
    ChannelName free = channel();
    append(store, Item.of(message(held)));
    Item waiting = Item.of(message(held));
    during(hold(held), () -> {
      Appended appended = within(
          Duration.ofSeconds(5),
          () -> store.append(
              Append.of(List.of(Item.of(message(free)), waiting, Item.of(message(free))), AT)));
      recorded(appended.outcomes().get(0));
      assertThat(appended.outcomes().get(1)).isEqualTo(new Outcome.Held(held));
      recorded(appended.outcomes().get(2));
      assertThat(appended.previous()).containsOnlyKeys(free);
      assertThat(all(store, held)).hasSize(1);
    });

    recorded(append(store, waiting).outcomes().get(0));
    assertThat(all(store, held)).hasSize(2);
  }

  @Needs(Ability.HOLD)
  @Rule("STORE-8")
  @Test
  void channels_whose_names_sort_beside_a_held_one_are_recorded_also_if_they_are_new() {
    MessageStore store = store();
    String name = channel().value();
    ChannelName held = new ChannelName(name + "m");
    ChannelName before = new ChannelName(name + "k");
    ChannelName after = new ChannelName(name + "o");
    append(store, Item.of(message(held)), Item.of(message(before)), Item.of(message(after)));
    List<ChannelName> beside =
        List.of(before, after, new ChannelName(name + "l"), new ChannelName(name + "n"));
    during(hold(held), () -> {
      for (ChannelName free : beside) {
        List<Item> items = List.of(Item.of(message(free)), Item.of(message(held)));
        Appended appended = within(Duration.ofSeconds(5), () -> store.append(Append.of(items, AT)));
        recorded(appended.outcomes().get(0));
        assertThat(appended.outcomes().get(1)).isEqualTo(new Outcome.Held(held));
      }
    });
  }

  @Needs(Ability.HOLD)
  @Rule("STORE-8")
  @Test
  void held_channel_is_waited_for_as_long_as_there_is_patience() {
    MessageStore store = store();
    ChannelName held = channel();
    append(store, Item.of(message(held)));
    Duration patience = Duration.ofMillis(150);
    during(hold(held), () -> {
      long start = System.nanoTime();
      Appended appended = within(
          Duration.ofSeconds(5),
          () -> store.append(new Append(List.of(Item.of(message(held))), AT, patience, Map.of())));
      assertThat(appended.outcomes()).containsExactly(new Outcome.Held(held));
      // Databases count such times in whole milliseconds or coarser.
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isGreaterThan(patience.minusMillis(50));
    });
  }

  @Needs(Ability.HOLD)
  @Rule("STORE-8")
  @Test
  void item_whose_channel_is_let_go_within_its_patience_is_recorded() {
    MessageStore store = store();
    ChannelName held = channel();
    append(store, Item.of(message(held)));
    UntilClosed hold = hold(held);
    List<Object> results = together(List.of(() -> append(store, Item.of(message(held))), () -> {
      hold.close();
      return true;
    }));
    recorded(((Appended) results.get(0)).outcomes().get(0));
  }

  @Rule("STORE-8")
  @Test
  void appends_do_not_block_each_other_whatever_order_their_channels_come_in() {
    for (int round = 0; round < 10; round++) {
      ChannelName one = channel();
      ChannelName two = channel();
      ChannelName three = channel();
      if (round % 2 == 0) {
        append(store(), Item.of(message(two)));
      }
      List<List<ChannelName>> orders = List.of(
          List.of(one, two, three),
          List.of(three, two, one),
          List.of(two, one, three),
          List.of(three, one, two));
      List<Callable<Appended>> tasks = new ArrayList<>();
      for (List<ChannelName> order : orders) {
        MessageStore store = store();
        Item[] items = order.stream().map(each -> Item.of(message(each))).toArray(Item[]::new);
        tasks.add(() -> append(store, items));
      }
      together(tasks)
          .forEach(appended -> appended.outcomes().forEach(MessageStoreContract::recorded));
    }
  }

  // STORE-9: cursors that do not fit

  @Rule("STORE-9")
  @Test
  void cursor_that_is_not_in_the_log_does_not_fit() {
    MessageStore store = store();
    ChannelName channel = channel();
    ChannelName unknown = channel();
    List<Entry> entries = fill(store, channel, 3);
    Entry second = entries.get(1);
    Head head = new Head(entries.get(2).cursor(), 3);

    List<Cursor> wrong = List.of(
        Cursor.of(second.seq(), id()),
        Cursor.of(second.seq(), entries.get(0).id()),
        Cursor.of(3, id()),
        Cursor.of(4, id()),
        Cursor.of(4, entries.get(2).id()),
        Cursor.of(Long.MAX_VALUE, id()));
    for (Cursor cursor : wrong) {
      assertThat(read(store, channel, new Position.After(cursor)))
          .as("after %s", cursor)
          .isEqualTo(Page.misfit(head));
      assertThat(read(store, channel, new Position.Before(cursor)))
          .as("before %s", cursor)
          .isEqualTo(Page.misfit(head));
    }
    assertThat(read(store, unknown, new Position.After(second.cursor())))
        .isEqualTo(Page.misfit(Head.EMPTY));
    assertThat(read(store, unknown, new Position.Before(second.cursor())))
        .isEqualTo(Page.misfit(Head.EMPTY));
  }

  @Rule("STORE-9")
  @Test
  void cursor_that_is_in_the_log_fits() {
    MessageStore store = store();
    ChannelName channel = channel();
    List<Entry> entries = fill(store, channel, 3);

    assertThat(read(store, channel, new Position.After(Cursor.START)).fits()).isTrue();
    assertThat(read(store, channel, new Position.Before(Cursor.START)).fits()).isTrue();
    for (Entry entry : entries) {
      assertThat(read(store, channel, new Position.After(entry.cursor())).fits())
          .isTrue();
      assertThat(read(store, channel, new Position.Before(entry.cursor())).fits())
          .isTrue();
    }
    assertThat(read(store, channel, new Position.AfterSeq(99)).fits()).isTrue();
    assertThat(read(store, channel(), new Position.After(Cursor.START)).fits()).isTrue();
  }

  @Needs(Ability.TRIM)
  @Rule("STORE-9")
  @Test
  void cursor_with_another_id_than_the_last_entry_that_retention_removed_does_not_fit() {
    MessageStore store = store();
    ChannelName channel = channel();
    fill(store, channel, 5);
    trim(channel, 3);

    Cursor cursor = Cursor.of(3, id());
    assertThat(read(store, channel, new Position.After(cursor)).fits()).isFalse();
    assertThat(read(store, channel, new Position.After(cursor)).entries()).isEmpty();
    assertThat(read(store, channel, new Position.Before(cursor)).fits()).isFalse();
  }

  // STORE-10: pages

  @Rule("STORE-10")
  @Test
  void page_forward_begins_behind_the_position_and_says_whether_there_is_more() {
    MessageStore store = store();
    ChannelName channel = channel();
    List<Entry> entries = fill(store, channel, 10);
    Head head = new Head(entries.get(9).cursor(), 10);

    for (int from = 0; from <= 10; from++) {
      Cursor cursor = from == 0 ? Cursor.START : entries.get(from - 1).cursor();
      for (Position position : List.of(new Position.After(cursor), new Position.AfterSeq(from))) {
        int to = Math.min(from + 4, 10);
        assertThat(store.read(channel, position, 4, PLENTY_OF_BYTES))
            .as("after %s", position)
            .isEqualTo(new Page(true, entries.subList(from, to), to < 10, head, Optional.empty()));
      }
    }
  }

  @Rule("STORE-10")
  @Test
  void page_backward_ends_before_the_position_ascends_and_says_whether_there_is_more() {
    MessageStore store = store();
    ChannelName channel = channel();
    List<Entry> entries = fill(store, channel, 10);
    Head head = new Head(entries.get(9).cursor(), 10);

    for (int before = 1; before <= 11; before++) {
      int from = Math.max(before - 1 - 4, 0);
      Page expected =
          new Page(true, entries.subList(from, before - 1), from > 0, head, Optional.empty());
      assertThat(store.read(channel, new Position.BeforeSeq(before), 4, PLENTY_OF_BYTES))
          .as("before %s", before)
          .isEqualTo(expected);
      if (before <= 10) {
        Position cursor = new Position.Before(entries.get(before - 1).cursor());
        assertThat(store.read(channel, cursor, 4, PLENTY_OF_BYTES)).isEqualTo(expected);
      }
    }
    assertThat(store.read(channel, new Position.BeforeSeq(Long.MAX_VALUE), 4, PLENTY_OF_BYTES))
        .isEqualTo(new Page(true, entries.subList(6, 10), true, head, Optional.empty()));
    assertThat(store.read(channel, new Position.Before(Cursor.START), 4, PLENTY_OF_BYTES))
        .isEqualTo(new Page(true, List.of(), false, head, Optional.empty()));
  }

  @Rule("STORE-10")
  @Test
  void page_holds_what_fits_the_bytes_but_at_least_one_entry() {
    MessageStore store = store();
    ChannelName channel = channel();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      // 100 bytes of UTF-8 each, in fewer characters.
      Json data = Json.string("\u00e9".repeat(49));
      entries.add(recorded(
          append(store, Item.of(message(channel).withData(data))).outcomes().get(0)));
    }

    Map<Integer, Integer> fitting = Map.of(1, 1, 99, 1, 100, 1, 199, 1, 200, 2, 350, 3, 600, 6);
    fitting.forEach((bytes, count) -> {
      Page forward = store.read(channel, new Position.AfterSeq(0), PLENTY, bytes);
      assertThat(forward.entries()).as("%s bytes", bytes).isEqualTo(entries.subList(0, count));
      assertThat(forward.more()).isEqualTo(count < 6);
      Page backward = store.read(channel, new Position.BeforeSeq(7), PLENTY, bytes);
      assertThat(backward.entries())
          .as("%s bytes backward", bytes)
          .isEqualTo(entries.subList(6 - count, 6));
      assertThat(backward.more()).isEqualTo(count < 6);
    });
  }

  // STORE-11: what retention removed

  @Needs(Ability.TRIM)
  @Rule("STORE-11")
  @Test
  void what_retention_removed_behind_the_position_is_told() {
    MessageStore store = store();
    ChannelName channel = channel();
    List<Entry> entries = fill(store, channel, 6);
    trim(channel, 3);
    Head head = new Head(entries.get(5).cursor(), 6);
    List<Entry> kept = entries.subList(3, 6);

    assertThat(read(store, channel, new Position.After(Cursor.START)))
        .isEqualTo(new Page(true, kept, false, head, Optional.of(new TrimmedRange(1, 3))));
    assertThat(read(store, channel, new Position.AfterSeq(1)))
        .isEqualTo(new Page(true, kept, false, head, Optional.of(new TrimmedRange(2, 3))));
    assertThat(read(store, channel, new Position.AfterSeq(3)).trimmed()).isEmpty();
    assertThat(read(store, channel, new Position.After(entries.get(3).cursor())))
        .isEqualTo(new Page(true, entries.subList(4, 6), false, head, Optional.empty()));
    assertThat(read(store, channel, new Position.BeforeSeq(Long.MAX_VALUE)))
        .isEqualTo(new Page(true, kept, false, head, Optional.empty()));
  }

  @Needs(Ability.TRIM)
  @Rule("STORE-11")
  @Test
  void position_that_retention_removed_reads_on_behind_what_is_gone() {
    MessageStore store = store();
    ChannelName channel = channel();
    List<Entry> entries = fill(store, channel, 6);
    trim(channel, 3);
    Head head = new Head(entries.get(5).cursor(), 6);

    assertThat(read(store, channel, new Position.After(entries.get(0).cursor())))
        .isEqualTo(new Page(
            true, entries.subList(3, 6), false, head, Optional.of(new TrimmedRange(2, 3))));
    assertThat(read(store, channel, new Position.After(entries.get(1).cursor())))
        .isEqualTo(new Page(
            true, entries.subList(3, 6), false, head, Optional.of(new TrimmedRange(3, 3))));
    assertThat(store.read(channel, new Position.After(entries.get(0).cursor()), 2, PLENTY_OF_BYTES))
        .isEqualTo(
            new Page(true, entries.subList(3, 5), true, head, Optional.of(new TrimmedRange(2, 3))));
    assertThat(read(store, channel, new Position.Before(entries.get(1).cursor())))
        .isEqualTo(new Page(true, List.of(), false, head, Optional.empty()));
  }

  @Needs(Ability.TRIM)
  @Rule("STORE-11")
  @Test
  void last_entry_that_retention_removed_is_still_a_position() {
    MessageStore store = store();
    ChannelName channel = channel();
    List<Entry> entries = fill(store, channel, 6);
    trim(channel, 3);
    Head head = new Head(entries.get(5).cursor(), 6);

    assertThat(read(store, channel, new Position.After(entries.get(2).cursor())))
        .isEqualTo(new Page(true, entries.subList(3, 6), false, head, Optional.empty()));
    assertThat(read(store, channel, new Position.Before(entries.get(2).cursor())))
        .isEqualTo(new Page(true, List.of(), false, head, Optional.empty()));
  }

  @Needs(Ability.TRIM)
  @Rule("STORE-11")
  @Test
  void numbers_go_on_after_retention_removed_everything() {
    MessageStore store = store();
    ChannelName channel = channel();
    List<Entry> entries = fill(store, channel, 3);
    trim(channel, 3);
    Head head = new Head(entries.get(2).cursor(), 3);
    assertThat(read(store, channel, new Position.After(Cursor.START)))
        .isEqualTo(new Page(true, List.of(), false, head, Optional.of(new TrimmedRange(1, 3))));

    Appended appended = append(store, Item.of(message(channel)));
    Entry next = recorded(appended.outcomes().get(0));
    assertThat(next.seq()).isEqualTo(4);
    assertThat(next.no()).isEqualTo(4);
    assertThat(appended.previous()).containsEntry(channel, entries.get(2).cursor());
    assertThat(read(store, channel, new Position.After(entries.get(2).cursor())).entries())
        .containsExactly(next);
  }

  // STORE-12: byte for byte, character for character

  @Rule("STORE-12")
  @Test
  void channels_whose_names_look_alike_stay_apart() {
    MessageStore store = store();
    String prefix = "room_" + unique();
    List<ChannelName> channels = new ArrayList<>();
    LOOK_ALIKES.forEach(text -> channels.add(ChannelName.of(prefix + text)));
    Appended appended =
        append(store, channels.stream().map(each -> Item.of(message(each))).toArray(Item[]::new));

    for (int i = 0; i < channels.size(); i++) {
      Entry entry = recorded(appended.outcomes().get(i));
      assertThat(entry.seq()).as("%s", channels.get(i)).isEqualTo(1);
      assertThat(all(store, channels.get(i))).containsExactly(entry);
    }
    assertThat(heads(store, channels).keySet()).isEqualTo(new HashSet<>(channels));
  }

  @Rule("STORE-12")
  @Test
  void senders_whose_ids_look_alike_stay_apart() {
    MessageStore store = store();
    ChannelName channel = channel();
    List<Item> items = new ArrayList<>();
    LOOK_ALIKES.forEach(text ->
        items.add(Item.of(message(channel, new UserRef(UserId.of(text), text), key("k")))));
    Appended appended = append(store, items.toArray(Item[]::new));

    appended.outcomes().forEach(MessageStoreContract::recorded);
    assertThat(all(store, channel))
        .extracting(entry -> entry.from().orElseThrow().id().value())
        .containsExactlyElementsOf(LOOK_ALIKES);
    assertThat(all(store, channel))
        .extracting(entry -> entry.from().orElseThrow().name())
        .containsExactlyElementsOf(LOOK_ALIKES);
  }

  @Rule("STORE-12")
  @Test
  void keys_that_look_alike_stay_apart() {
    MessageStore store = store();
    ChannelName channel = channel();
    List<String> keys = List.of("key", "Key", "KEY", "key-", "key.", "k_y", "key_", "-key", "k-ey");
    List<Item> items = new ArrayList<>();
    keys.forEach(text -> items.add(Item.of(message(channel, ANN, key(text)))));
    Appended appended = append(store, items.toArray(Item[]::new));

    appended.outcomes().forEach(MessageStoreContract::recorded);
    assertThat(all(store, channel))
        .extracting(entry -> entry.key().orElseThrow().value())
        .containsExactlyElementsOf(keys);
  }

  @Rule("STORE-12")
  @Test
  void copies_for_recipients_who_look_alike_stay_apart() {
    MessageStore store = store();
    UserRef sender = user("ann" + unique());
    ChannelName room = channel();
    List<Item> items = new ArrayList<>();
    for (String text : LOOK_ALIKES) {
      UserRef recipient = user("bob" + room.value().substring(5, 15) + text);
      items.add(direct(sender, recipient, key("k")));
    }
    Appended appended = append(store, items.toArray(Item[]::new));

    appended.outcomes().forEach(MessageStoreContract::recorded);
    assertThat(all(store, ChannelName.user(sender.id()))).hasSize(LOOK_ALIKES.size());
  }

  @Rule("STORE-12")
  @Test
  void ids_that_differ_only_in_case_stay_apart() {
    MessageStore store = store();
    ChannelName channel = channel();
    EntryId lower = new EntryId("abcdefghijklmnop");
    EntryId upper = new EntryId("ABCDEFGHIJKLMNOP");
    Draft draft = Draft.message(channel, lower, Optional.of(ANN), Optional.empty(), data());
    append(store, Item.of(draft));

    assertThat(read(store, channel, new Position.After(Cursor.of(1, upper))).fits())
        .isFalse();
    assertThat(read(store, channel, new Position.After(Cursor.of(1, lower))).fits())
        .isTrue();
  }

  @Rule("STORE-12")
  @Test
  void data_comes_back_character_for_character() {
    MessageStore store = store();
    ChannelName channel = channel();
    List<Json> said = List.of(
        Json.string(""),
        Json.string(" "),
        Json.string(" leading and trailing "),
        Json.string(
            "\ud83d\ude00 \ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67 \ud83c\uddee\ud83c\uddf8"),
        Json.string("\u05e9\u05dc\u05d5\u05dd \u202e\u0645\u0631\u062d\u0628\u0627\u202c"),
        Json.string(
            "\u0000 nul, \u0001, \u007f, \t\r\n, \u2028\u2029, \ufeff, \uffff, \ud83f\udfff"),
        Json.parse("\"\\u0000\""),
        Json.string("e\u0301 is not \u00e9, \u212b is not \u00c5"),
        Json.string("'; DROP TABLE chat_entry; -- :name ? ${x} {0} %s \\ \\\\ \" ''"),
        Json.parse("{\"b\":1,\"a\":2,\"B\":3,\"\":4}"),
        Json.parse("[1.0,1.10,1e400,-0,-0.0,0.1e-7,1E5,123456789012345678901234567890.5]"),
        Json.parse("[true,false,{},[],[[]],\"\"]"),
        Json.string("x".repeat(32 * 1024 - 2)),
        Json.string("\ud83d\ude00".repeat(8 * 1024)),
        Json.string("\u20ac".repeat(100_000)));
    Appended appended = append(
        store,
        said.stream().map(data -> Item.of(message(channel).withData(data))).toArray(Item[]::new));

    assertThat(all(store, channel)).extracting(Entry::data).containsExactlyElementsOf(said);
    assertThat(appended.outcomes())
        .extracting(outcome -> recorded(outcome).data())
        .containsExactlyElementsOf(said);
  }

  @Rule("STORE-12")
  @Test
  void names_keys_and_times_come_back_as_they_were_at_their_longest() {
    MessageStore store = store();
    String unique = unique();
    ChannelName channel = ChannelName.of(
        "room_" + unique + "\u20ac".repeat(ChannelName.MAX_CHARS - 5 - unique.length()));
    UserRef sender = new UserRef(
        UserId.of("\u20ac".repeat(UserId.MAX_CHARS)),
        "\ud83d\ude00 ".repeat(UserRef.MAX_NAME_CHARS / 3));
    Optional<SendKey> key = key("k".repeat(SendKey.MAX_CHARS));
    Draft draft = message(channel, sender, key);
    Instant at = Instant.parse("2026-12-31T23:59:59.999Z");
    append(store, at, Item.of(draft));

    assertThat(all(store, channel)).containsExactly(Entry.of(draft, 1, 1, at));
    Draft emojiOnly = message(
        ChannelName.of("room_" + unique + "\ud83d\ude00".repeat((128 - 5 - unique.length()) / 2)));
    append(store, Item.of(emojiOnly));
    assertThat(all(store, emojiOnly.channel())).containsExactly(Entry.of(emojiOnly, 1, 1, AT));
  }

  @Rule("STORE-12")
  @Test
  void what_the_host_says_has_no_sender() {
    MessageStore store = store();
    ChannelName channel = channel();
    Draft draft = Draft.message(channel, id(), Optional.empty(), Optional.empty(), data());
    append(store, Item.of(draft));

    assertThat(all(store, channel)).containsExactly(Entry.of(draft, 1, 1, AT));
  }

  // STORE-13: reading creates nothing

  @Rule("STORE-13")
  @Test
  void channel_in_which_nothing_was_said_is_empty_however_often_it_is_read() {
    MessageStore store = store();
    ChannelName channel = channel();
    Page nothing = new Page(true, List.of(), false, Head.EMPTY, Optional.empty());
    for (Position position : List.of(
        new Position.AfterSeq(0),
        new Position.After(Cursor.START),
        new Position.Before(Cursor.START),
        new Position.BeforeSeq(Long.MAX_VALUE))) {
      assertThat(read(store, channel, position)).as("%s", position).isEqualTo(nothing);
    }
    assertThat(heads(store, List.of(channel))).isEqualTo(Map.of(channel, Head.EMPTY));
    assertThat(redact(store, channel, 1)).isEmpty();
    assertThat(read(store, channel, new Position.AfterSeq(0))).isEqualTo(nothing);
  }

  @Needs(Ability.SEE_CHANNELS)
  @Rule("STORE-13")
  @Test
  void reading_leaves_nothing_behind() {
    MessageStore store = store();
    ChannelName channel = channel();
    read(store, channel, new Position.AfterSeq(0));
    read(store, channel, new Position.After(Cursor.of(3, id())));
    read(store, channel, new Position.BeforeSeq(Long.MAX_VALUE));
    heads(store, List.of(channel));
    redact(store, channel, 1);
    assertThat(exists(channel)).isFalse();

    append(store, Item.of(message(channel)));
    assertThat(exists(channel)).isTrue();
  }

  @Rule("STORE-13")
  @Test
  void heads_of_a_thousand_channels_are_told_for_each_of_them() {
    MessageStore store = store();
    List<ChannelName> channels = new ArrayList<>();
    Map<ChannelName, Head> expected = new HashMap<>();
    List<Item> items = new ArrayList<>();
    String prefix = "room_" + unique();
    for (int i = 0; i < 1_000; i++) {
      ChannelName channel = ChannelName.of(prefix + i);
      channels.add(channel);
      expected.put(channel, Head.EMPTY);
      if (i % 10 == 0) {
        items.add(Item.of(message(channel)));
      }
    }
    for (Outcome outcome : append(store, items.toArray(Item[]::new)).outcomes()) {
      Entry entry = recorded(outcome);
      expected.put(entry.channel(), new Head(entry.cursor(), 1));
    }

    assertThat(heads(store, channels)).isEqualTo(expected);
    assertThat(heads(store, List.of())).isEmpty();
  }

  // STORE-14: redaction

  @Rule("STORE-14")
  @Test
  void redaction_takes_the_data_away_and_is_recorded() {
    MessageStore store = store();
    ChannelName channel = channel();
    List<Entry> entries = fill(store, channel, 3);
    // Read once before, so that whatever remembers pages has a chance to be wrong.
    all(store, channel);
    EntryId id = id();
    Instant at = AT.plusSeconds(9);
    Appended appended = store.redact(channel, 2, id, at).orElseThrow();

    Draft draft = new Draft(
        channel, id, EntryKind.REDACTION, "2", Optional.empty(), Optional.empty(), Json.NULL);
    Entry redaction = Entry.of(draft, 4, 3, at);
    assertThat(appended)
        .isEqualTo(new Appended(
            List.of(new Outcome.Recorded(redaction, Optional.empty())),
            Map.of(channel, entries.get(2).cursor())));
    List<Entry> expected =
        List.of(entries.get(0), withoutData(entries.get(1)), entries.get(2), redaction);
    for (MessageStore reader : List.of(store, store())) {
      assertThat(all(reader, channel)).isEqualTo(expected);
      assertThat(read(reader, channel, new Position.BeforeSeq(Long.MAX_VALUE)).entries())
          .isEqualTo(expected);
      assertThat(
              read(reader, channel, new Position.After(entries.get(0).cursor())).entries())
          .isEqualTo(expected.subList(1, 4));
    }
  }

  @Rule("STORE-14")
  @Test
  void data_is_taken_away_only_once() {
    MessageStore store = store();
    ChannelName channel = channel();
    fill(store, channel, 2);
    assertThat(redact(store, channel, 1)).isPresent();
    assertThat(redact(store(), channel, 1)).isEmpty();
    assertThat(redact(store, channel, 3)).as("a redaction has no data").isEmpty();
    assertThat(all(store, channel)).hasSize(3);
  }

  /** Once it was so in memory only if the data was something else than null. */
  @Rule("STORE-14")
  @Test
  void data_that_is_null_is_taken_away_like_any_other_and_once() {
    MessageStore store = store();
    ChannelName channel = channel();
    store.append(Append.of(
        List.of(
            Item.of(Draft.message(channel, id(), Optional.of(ANN), Optional.empty(), Json.NULL))),
        AT));
    assertThat(redact(store, channel, 1)).isPresent();
    assertThat(redact(store(), channel, 1)).isEmpty();
    assertThat(all(store, channel)).hasSize(2);
  }

  @Rule("STORE-14")
  @Test
  void entry_that_is_not_there_is_not_redacted() {
    MessageStore store = store();
    ChannelName channel = channel();
    fill(store, channel, 2);
    assertThat(redact(store, channel, 3)).isEmpty();
    assertThat(redact(store, channel, 0)).isEmpty();
    assertThat(all(store, channel)).hasSize(2);
  }

  @Rule("STORE-14")
  @Test
  void redacted_message_still_answers_for_its_key() {
    MessageStore store = store();
    ChannelName channel = channel();
    append(store, Item.of(message(channel, ANN, key("k"))));
    assertThat(redact(store, channel, 1)).isPresent();

    append(store, Item.of(message(channel, ANN, key("k"))));
    assertThat(all(store, channel))
        .extracting(Entry::kind)
        .containsExactly(EntryKind.MESSAGE, EntryKind.REDACTION);
  }

  @Rule("STORE-14")
  @Test
  void entry_that_several_stores_redact_at_once_is_redacted_once() {
    for (int round = 0; round < 5; round++) {
      ChannelName channel = channel();
      fill(store(), channel, 1);
      List<Callable<Optional<Appended>>> tasks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        MessageStore store = store();
        tasks.add(() -> redact(store, channel, 1));
      }
      assertThat(together(tasks)).filteredOn(Optional::isPresent).hasSize(1);
      assertThat(all(store(), channel)).hasSize(2);
    }
  }

  // What the tests are made of.

  private MessageStore store() {
    MessageStore store = open();
    synchronized (opened) {
      opened.add(store);
    }
    return store;
  }

  private String unique() {
    return EntryId.random(random).value();
  }

  private ChannelName channel() {
    return ChannelName.of("room_" + unique());
  }

  private EntryId id() {
    return EntryId.random(random);
  }

  private Json data() {
    return Json.string("said " + unique());
  }

  private static List<String> lookAlikes(String... lines) {
    return Arrays.stream(lines).flatMap(line -> Arrays.stream(line.split(" "))).toList();
  }

  private static UserRef user(String id) {
    return new UserRef(UserId.of(id), "The one called " + id);
  }

  private static Optional<SendKey> key(String text) {
    return Optional.of(SendKey.of(text));
  }

  private Draft message(ChannelName channel) {
    return message(channel, BOB, Optional.empty());
  }

  private Draft message(ChannelName channel, UserRef from, Optional<SendKey> key) {
    return Draft.message(channel, id(), Optional.of(from), key, data());
  }

  private static Item withCopy(Draft draft, UserRef sender, UserRef recipient) {
    return new Item(draft, Optional.of(draft.copyFor(sender, recipient.id())));
  }

  private Item direct(UserRef sender, UserRef recipient, Optional<SendKey> key) {
    return withCopy(message(ChannelName.user(recipient.id()), sender, key), sender, recipient);
  }

  private static Appended append(MessageStore store, Item... items) {
    return append(store, AT, items);
  }

  private static Appended append(MessageStore store, Instant at, Item... items) {
    return append(store, at, Map.of(), Arrays.asList(items));
  }

  private static Appended append(
      MessageStore store, Instant at, Map<ChannelName, Cursor> seen, List<Item> items) {
    Appended appended = store.append(new Append(items, at, PATIENCE, seen));
    assertThat(appended.outcomes()).as("one outcome for each item").hasSameSizeAs(items);
    return appended;
  }

  private List<Entry> fill(MessageStore store, ChannelName channel, int count) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(recorded(append(store, Item.of(message(channel))).outcomes().get(0)));
    }
    return entries;
  }

  private Optional<Appended> redact(MessageStore store, ChannelName channel, long seq) {
    return store.redact(channel, seq, id(), AT);
  }

  private static Page read(MessageStore store, ChannelName channel, Position position) {
    return store.read(channel, position, PLENTY, PLENTY_OF_BYTES);
  }

  private static Page newest(MessageStore store, ChannelName channel) {
    return store.read(channel, new Position.BeforeSeq(Long.MAX_VALUE), 1, PLENTY_OF_BYTES);
  }

  private static List<Entry> all(MessageStore store, ChannelName channel) {
    return read(store, channel, new Position.AfterSeq(0)).entries();
  }

  private static Map<ChannelName, Head> heads(MessageStore store, List<ChannelName> channels) {
    return store.heads(channels);
  }

  private static Set<ChannelName> channelsOf(List<Item> items) {
    Set<ChannelName> channels = new HashSet<>();
    for (Item item : items) {
      channels.add(item.draft().channel());
      item.copy().ifPresent(copy -> channels.add(copy.channel()));
    }
    return channels;
  }

  private static Entry recorded(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Recorded.class);
    return ((Outcome.Recorded) outcome).entry();
  }

  private static Cursor placeOf(Outcome outcome) {
    if (outcome instanceof Outcome.Duplicate duplicate) {
      return duplicate.receipt().cursor();
    }
    return recorded(outcome).cursor();
  }

  private static void assertRepeats(Outcome outcome, Entry first) {
    assertThat(outcome)
        .isEqualTo(new Outcome.Duplicate(
            new Receipt(first.channel(), first.seq(), first.id(), first.at(), true)));
  }

  private static void assertNumberedFromOne(List<Entry> entries) {
    for (int i = 0; i < entries.size(); i++) {
      assertThat(entries.get(i).seq()).isEqualTo(i + 1);
    }
  }

  private static Entry withoutData(Entry entry) {
    return new Entry(
        entry.channel(),
        entry.seq(),
        entry.id(),
        entry.kind(),
        entry.no(),
        entry.about(),
        entry.from(),
        entry.key(),
        entry.at(),
        Json.NULL);
  }

  private static void during(UntilClosed state, Runnable body) {
    try {
      body.run();
    } finally {
      state.close();
    }
  }

  private static <T> T within(Duration time, Callable<T> task) {
    return together(time, List.of(task)).get(0);
  }

  private static <T> List<T> together(List<? extends Callable<? extends T>> tasks) {
    return together(DEADLINE, tasks);
  }

  /** Runs the tasks at once, each on a thread of its own, and gives their results in order. */
  private static <T> List<T> together(
      Duration deadline, List<? extends Callable<? extends T>> tasks) {
    ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
    try {
      CountDownLatch start = new CountDownLatch(tasks.size());
      List<Future<T>> futures = new ArrayList<>();
      for (Callable<? extends T> task : tasks) {
        futures.add(threads.submit(() -> {
          start.countDown();
          start.await();
          return task.call();
        }));
      }
      long end = System.nanoTime() + deadline.toNanos();
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get(end - System.nanoTime(), TimeUnit.NANOSECONDS));
      }
      return results;
    } catch (ExecutionException e) {
      throw new AssertionError("a task failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      return fail("not done within " + deadline, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return fail("interrupted", e);
    } finally {
      threads.shutdownNow();
    }
  }

  private static Optional<Ability> neededBy(Method test) {
    return Optional.ofNullable(test.getAnnotation(Needs.class)).map(Needs::value);
  }

  /** Lets a test end itself only for want of an ability that was not declared. */
  static final class NothingIsSkippedSilently
      implements TestExecutionExceptionHandler, LifecycleMethodExecutionExceptionHandler {
    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable thrown)
        throws Throwable {
      throw judge(context, thrown);
    }

    @Override
    public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable thrown)
        throws Throwable {
      throw judge(context, thrown);
    }

    private static Throwable judge(ExtensionContext context, Throwable thrown) {
      if (!(thrown instanceof TestAbortedException)) {
        return thrown;
      }
      MessageStoreContract suite = (MessageStoreContract) context.getRequiredTestInstance();
      boolean lacking = neededBy(context.getRequiredTestMethod())
          .map(ability -> !suite.abilities().contains(ability))
          .orElse(false);
      return lacking ? thrown : new AssertionError("skipped without saying so", thrown);
    }
  }
}
