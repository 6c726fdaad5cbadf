package dev.confab.chat.internal.engine;

import static dev.confab.chat.internal.engine.World.hears;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.engine.World.Client;
import dev.confab.chat.internal.hub.HostFollower;
import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.StoreUnavailableException;
import dev.confab.chat.testkit.QueueExecutor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Several nodes on one store, and a store that is not what it was. */
final class NodesTest {
  private static final String EVENT = "{'event':'subscribe','channel':'room_1','seq':";
  private static final String FOLLOW = "{'op':'subscribe','args':['room_1']}";

  /** A database that can fail over to another, and counts what it is asked. */
  private static final class Database implements MessageStore {
    MessageStore current = InMemoryMessageStore.create();

    /** Is told what is recorded, as a copy that keeps up. */
    Optional<MessageStore> copy = Optional.empty();

    boolean away;
    int heads;
    int names;

    private MessageStore reached() {
      if (away) {
        throw new StoreUnavailableException("away");
      }
      return current;
    }

    @Override
    public Appended append(Append append) {
      copy.ifPresent(keepsUp -> keepsUp.append(append));
      return reached().append(append);
    }

    @Override
    public Page read(ChannelName channel, Position position, int entries, int bytes) {
      return reached().read(channel, position, entries, bytes);
    }

    @Override
    public Map<ChannelName, Head> heads(Collection<ChannelName> channels) {
      heads++;
      names += channels.size();
      return reached().heads(channels);
    }

    @Override
    public Optional<Appended> redact(ChannelName channel, long seq, EntryId id, Instant at) {
      return reached().redact(channel, seq, id, at);
    }

    @Override
    public void close() {}
  }

  private final Database database = new Database();
  private long nodes;

  private World node() {
    World.Parts parts = new World.Parts();
    parts.store = database;
    parts.seed = ++nodes;
    parts.watches = true;
    return new World(parts);
  }

  private static void say(World node, String text) {
    hears(
        node.chatV1("bob").asks("{'op':'publish','args':['room_1','" + text + "']}"),
        "{'op':'publish','success':true");
  }

  @Test
  void a_reader_on_another_node_sees_a_message_one_period_later() {
    World here = node();
    World there = node();
    Client tom = there.chatV1("tom");
    tom.asks(FOLLOW);
    say(here, "one");
    say(here, "two");
    assertThat(tom.heard()).isEmpty();
    there.pass(Duration.ofSeconds(1));
    hears(tom.heard(), EVENT + "1", EVENT + "2");
    say(here, "three");
    say(there, "four");
    there.pass(Duration.ofSeconds(1));
    hears(tom.heard(), EVENT + "3", EVENT + "4");
  }

  @Test
  void one_question_a_period_is_asked_for_all_channels_and_none_for_those_nobody_follows() {
    World node = node();
    Client tom = node.chatV1("tom");
    tom.asks("{'op':'subscribe','args':['room_1','room_2','room_3']}");
    tom.asks("{'op':'unsubscribe','args':['room_3']}");
    database.heads = 0;
    database.names = 0;
    node.pass(Duration.ofSeconds(5));
    assertThat(database.heads).isEqualTo(5);
    assertThat(database.names).isEqualTo(10);
  }

  @Test
  void a_sender_who_resumes_on_another_node_misses_nothing() {
    World here = node();
    World there = node();
    Client tom = here.chatV1("tom");
    tom.asks(FOLLOW);
    there.chatV1("ann").asks(FOLLOW);
    String reply = tom.asks("{'op':'publish','args':['room_1','mine']}").get(1);
    String cursor = reply.replaceAll(".*'cursor':'([^']*)'.*", "$1");
    say(here, "missed");
    // That node has not heard of either yet: the cursor lies ahead of all it knows.
    List<String> heard = there
        .chatV1("tom")
        .asks("{'op':'subscribe','args':['room_1',{'since':{'room_1':'" + cursor + "'}}]}");
    hears(heard, "{'op':'subscribe','success':true", EVENT + "2", "{'event':'live'");
    assertThat(heard.get(0)).contains("'head':2").contains("'missed':1").doesNotContain("reset");
  }

  @Test
  void a_log_that_went_backwards_is_told_to_who_can_be_told_and_closes_who_can_not() {
    World node = node();
    Client tom = node.chatV1("tom");
    Client plain = node.plain("ann");
    tom.asks(FOLLOW);
    plain.asks(FOLLOW);
    for (int i = 0; i < 5; i++) {
      say(node, "lost");
    }
    tom.heard();
    database.current = InMemoryMessageStore.create();
    say(node(), "other");
    node.pass(Duration.ofSeconds(2));
    hears(tom.heard(), "{'event':'reset','channel':'room_1','head':1");
    assertThat(plain.closedWith()).isEqualTo(4300);
    say(node, "new");
    hears(tom.heard(), EVENT + "2");
  }

  @Test
  void a_rollback_is_told_although_the_store_is_away_for_a_while() {
    World node = node();
    Client tom = node.chatV1("tom");
    tom.asks(FOLLOW);
    for (int i = 0; i < 3; i++) {
      say(node, "lost");
    }
    tom.heard();
    database.current = InMemoryMessageStore.create();
    say(node(), "other");
    node.clock.advance(Duration.ofSeconds(1));
    // The watch is answered; the reads that follow are not.
    node.readers.runOne();
    database.away = true;
    node.run();
    node.pass(Duration.ofSeconds(3));
    assertThat(tom.heard()).isEmpty();
    database.away = false;
    node.pass(Duration.ofSeconds(3));
    hears(tom.heard(), "{'event':'reset','channel':'room_1','head':1");
  }

  /** A node that finds out nothing by itself. */
  private World withoutWatch() {
    World.Parts parts = new World.Parts();
    parts.store = database;
    parts.seed = ++nodes;
    return new World(parts);
  }

  /** What is said from now on is lost when the database fails over to this. */
  private MessageStore copyWith(World node, String... texts) {
    MessageStore copy = InMemoryMessageStore.create();
    database.copy = Optional.of(copy);
    for (String text : texts) {
      say(node, text);
    }
    database.copy = Optional.empty();
    return copy;
  }

  @Test
  void who_catches_up_while_the_log_goes_back_to_further_on_is_told_where_it_is_live() {
    // It was to be told at the old head, and waited for that until the new log had as many entries.
    World.Parts parts = new World.Parts();
    parts.store = database;
    parts.watches = true;
    // One message a page: those that follow are read when the log has gone back.
    parts.limits.pageBytes(1_024);
    World node = new World(parts);
    String long1000 = "x".repeat(1_000);
    MessageStore copy = copyWith(node, long1000, long1000);
    for (int i = 0; i < 3; i++) {
      say(node, long1000);
    }
    node.pass(Duration.ofMinutes(1));
    Client tom = node.chatV1("tom");
    tom.says("{'op':'subscribe','args':['room_1',{'since':{'room_1':'0'}}]}");
    while (node.engine().hub().counters().catchingUp() == 0) {
      boolean ran = node.doors.runOne() || node.pumps.runOne();
      if (!ran) {
        assertThat(node.readers.runOne()).isTrue();
      }
    }
    database.current = copy;
    node.pass(Duration.ofSeconds(2));
    hears(
        tom.heard(),
        "{'op':'subscribe','success':true",
        EVENT + "1",
        EVENT + "2",
        "{'event':'live','channel':'room_1','seq':2}");
  }

  @Test
  void who_catches_up_with_a_shorter_past_in_memory_is_told_where_it_is_live() {
    // It was to be told at the old head. What it read last lay in memory, and it looked no further.
    World.Parts parts = new World.Parts();
    parts.store = database;
    parts.watches = true;
    parts.limits.pageBytes(1_024);
    String long1000 = "x".repeat(1_000);
    World node = new World(parts);
    MessageStore copy = copyWith(node, long1000, long1000);
    for (int i = 0; i < 3; i++) {
      say(node, long1000);
    }
    node.pass(Duration.ofMinutes(1));
    Client tom = node.chatV1("tom");
    tom.stopsReading();
    tom.says("{'op':'subscribe','args':['room_1',{'since':{'room_1':'0'}}]}");
    node.run();
    database.current = copy;
    node.pass(Duration.ofSeconds(2));
    say(node, long1000);
    tom.reads();
    node.run();
    hears(
        tom.heard(),
        "{'op':'subscribe','success':true",
        EVENT + "1",
        EVENT + "2",
        EVENT + "3",
        "{'event':'live','channel':'room_1','seq':3}");
  }

  @Test
  void a_look_into_the_history_tells_followers_that_the_log_went_back() {
    World node = withoutWatch();
    Client tom = node.chatV1("tom");
    tom.asks(FOLLOW);
    MessageStore copy = copyWith(node, "one");
    say(node, "lost");
    tom.heard();
    database.current = copy;
    List<String> page = node.chatV1("ann").asks("{'op':'history','args':['room_1']}");
    assertThat(page.get(0)).contains("'data':'one'").doesNotContain("lost");
    hears(tom.heard(), "{'event':'reset','channel':'room_1','head':1");
  }

  @Test
  void who_subscribes_with_history_begins_where_the_messages_it_is_shown_end() {
    // The reply named the place the lost log had ended at, and was followed by a reset.
    World node = withoutWatch();
    Client tom = node.chatV1("tom");
    tom.asks(FOLLOW);
    MessageStore copy = copyWith(node, "one");
    say(node, "lost");
    say(node, "lost");
    tom.heard();
    database.current = copy;
    say(withoutWatch(), "other");
    Client ann = node.chatV1("ann");
    List<String> heard = ann.asks("{'op':'subscribe','args':['room_1',{'history':10}]}");
    hears(heard, "{'op':'subscribe','success':true");
    assertThat(heard.get(0)).contains("'head':2", "'data':'other'").doesNotContain("lost");
    hears(tom.heard(), "{'event':'reset','channel':'room_1','head':2");
    say(node, "new");
    hears(ann.heard(), EVENT + "3");
  }

  @Test
  void who_resumes_where_nobody_follows_is_not_served_what_was_lost_meanwhile() {
    // The channel stays open for a while after its last follower is gone, and nobody watches it.
    World node = withoutWatch();
    Client tom = node.chatV1("tom");
    tom.asks(FOLLOW);
    String cursor = tom.asks("{'op':'publish','args':['room_1','lost']}")
        .get(1)
        .replaceAll(".*'cursor':'([^']*)'.*", "$1");
    say(node, "lost");
    tom.leaves();
    node.run();
    database.current = InMemoryMessageStore.create();
    say(withoutWatch(), "other");
    node.clock.advance(Duration.ofSeconds(1));
    List<String> heard = node.chatV1("tom")
        .asks("{'op':'subscribe','args':['room_1',{'since':{'room_1':'" + cursor + "'}}]}");
    assertThat(heard.get(0)).contains("'head':1", "'reset':true");
    assertThat(heard).noneMatch(text -> text.contains("lost"));
  }

  @Test
  void who_subscribes_where_nobody_follows_is_let_in_although_the_store_is_away() {
    World node = withoutWatch();
    Client tom = node.chatV1("tom");
    tom.asks(FOLLOW);
    tom.leaves();
    node.clock.advance(Duration.ofSeconds(1));
    database.away = true;
    hears(node.chatV1("ann").asks(FOLLOW), "{'op':'subscribe','success':true");
  }

  @Test
  void who_subscribes_where_nobody_follows_is_let_in_although_the_store_does_not_answer() {
    // Whoever came waited as long as the store hung, for a channel that lay in memory.
    World node = withoutWatch();
    Client tom = node.chatV1("tom");
    tom.asks(FOLLOW);
    tom.leaves();
    node.clock.advance(Duration.ofSeconds(1));
    Client ann = node.chatV1("ann");
    ann.says(FOLLOW);
    QueueExecutor.runAll(node.pumps, node.doors);
    assertThat(ann.heard()).isEmpty();
    node.clock.advance(Duration.ofSeconds(1));
    QueueExecutor.runAll(node.pumps, node.doors);
    hears(ann.heard(), "{'op':'subscribe','success':true");
  }

  @Test
  void the_host_is_not_told_again_what_is_not_in_the_log_any_more() {
    // It had thrown at an entry, and was told it again after the log had gone back.
    World node = node();
    List<String> told = new ArrayList<>();
    boolean[] fails = new boolean[1];
    var pinned = node.engine().hub().pin(List.of(ChannelName.of("room_1")));
    node.run();
    node.engine().hub().follow(pinned.join().get(0), Cursor.START, node.doors, what -> {
      told.add(
          what instanceof HostFollower.Told.Recorded recorded
              ? recorded.entry().data().text()
              : "reset");
      if (fails[0]) {
        throw new IllegalStateException("not now");
      }
    });
    MessageStore copy = copyWith(node, "one");
    fails[0] = true;
    say(node, "lost");
    fails[0] = false;
    database.current = copy;
    say(withoutWatch(), "other");
    node.pass(Duration.ofSeconds(5));
    assertThat(told).containsExactly("\"one\"", "\"lost\"", "\"other\"");
  }

  @Test
  void a_slow_reader_is_shown_nothing_of_a_log_that_went_back_and_grew_further_than_it_was() {
    // What this node had in memory was shown to it, however long after: all the watch saw was a log
    // that was longer.
    World node = node();
    MessageStore copy = copyWith(node, "one");
    Client tom = node.chatV1("tom");
    tom.asks(FOLLOW);
    tom.stopsReading();
    for (int i = 0; i < 3; i++) {
      say(node, "lost");
    }
    database.current = copy;
    for (int i = 0; i < 9; i++) {
      say(withoutWatch(), "other");
    }
    node.pass(Duration.ofSeconds(2));
    // That was on its way before.
    hears(tom.heard(), EVENT + "2");
    tom.reads();
    node.run();
    hears(tom.heard(), "{'event':'reset','channel':'room_1','head':10");
    say(node, "new");
    hears(tom.heard(), EVENT + "11");
  }

  @Test
  void what_was_redacted_on_another_node_is_not_shown_here() {
    World here = node();
    World there = node();
    Client tom = there.chatV1("tom");
    tom.asks(FOLLOW);
    say(there, "secret");
    tom.heard();
    here.engine()
        .journal()
        .redact(
            ChannelName.of("room_1"),
            1,
            here.engine().drafting().newId(),
            new dev.confab.chat.internal.journal.Journal.Redacted() {
              @Override
              public void absent() {
                throw new AssertionError("there is such an entry");
              }

              @Override
              public Optional<Outlet> recorded(dev.confab.chat.model.Receipt receipt) {
                return Optional.empty();
              }

              @Override
              public void refused(dev.confab.chat.protocol.Refusal refusal) {
                throw new AssertionError(refusal);
              }
            });
    here.run();
    there.pass(Duration.ofSeconds(1));
    hears(tom.heard(), "{'event':'redacted','channel':'room_1','seq':2");
    assertThat(there
            .chatV1("late")
            .asks("{'op':'subscribe','args':['room_1',{'since':{'room_1':'0'}}]}"))
        .noneMatch(text -> text.contains("secret"))
        .anyMatch(text -> text.contains("'data':null"));
  }

  @Test
  void a_slow_reader_catches_up_from_the_store_and_is_live_again() {
    World.Parts parts = new World.Parts();
    parts.store = database;
    parts.seed = ++nodes;
    parts.limits.tailBytes(64 * 1024);
    World node = new World(parts);
    Client tom = node.chatV1("tom");
    tom.asks(FOLLOW);
    tom.stopsReading();
    Client bob = node.chatV1("bob");
    for (int i = 0; i < 600; i++) {
      bob.asks("{'op':'publish','args':['room_1','" + i + "-" + "x".repeat(200) + "']}");
    }
    tom.reads();
    node.run();
    List<String> heard = tom.heard();
    assertThat(heard).hasSize(600);
    for (int i = 0; i < 600; i++) {
      assertThat(heard.get(i)).startsWith(EVENT + (i + 1) + ",");
    }
    assertThat(node.engine().reads().pages()).isPositive();
    assertThat(node.engine().reads().isIdle()).isTrue();
    assertThat(node.engine().hub().counters().catchingUp()).isZero();
    hears(bob.asks("{'op':'publish','args':['room_1','last']}"), "{'op':'publish','success'");
    hears(tom.heard(), EVENT + "601");
  }

  @Test
  void signals_are_dropped_for_who_is_behind_and_counted() {
    World.Parts parts = new World.Parts();
    parts.store = database;
    parts.seed = ++nodes;
    World node = new World(parts);
    say(node, "old");
    node.pass(Duration.ofMinutes(1));
    Client tom = node.chatV1("tom");
    tom.says("{'op':'subscribe','args':['room_1',{'since':{'room_1':'0'}}]}");
    while (node.engine().hub().counters().catchingUp() == 0) {
      boolean ran = node.doors.runOne() || node.pumps.runOne();
      if (!ran) {
        assertThat(node.readers.runOne()).isTrue();
      }
    }
    var reach = node.engine()
        .hub()
        .tell(
            ChannelName.of("room_1"),
            new dev.confab.chat.protocol.Event.PresenceCount(ChannelName.of("room_1"), 1),
            any -> true);
    node.pumps.runAll();
    assertThat(reach.join()).isEqualTo(new dev.confab.chat.internal.hub.Reach(0, 1));
    node.run();
    hears(tom.heard(), "{'op':'subscribe'", EVENT + "1", "{'event':'live'");
  }
}
