package dev.confab.chat.internal.engine;

import static dev.confab.chat.internal.engine.World.hears;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.engine.World.Client;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Json;
import dev.confab.chat.spi.Backplane;
import dev.confab.chat.spi.HostTransactions;
import dev.confab.chat.spi.StoreUnavailableException;
import dev.confab.chat.testkit.StoreWrapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a chat does when the host says that it has committed messages in a transaction of its own. */
final class HostTransactionsTest {
  private static final String EVENT = "{'event':'subscribe','channel':'room_1','seq':";
  private static final String FOLLOW = "{'op':'subscribe','args':['room_1']}";
  private static final ChannelName ROOM = ChannelName.of("room_1");

  /** A store whose host commits behind the chat's back and may say so, or lie. */
  private static final class Database extends StoreWrapper implements HostTransactions {
    final List<Listener> listeners = new ArrayList<>();
    final Random ids = new Random(3);
    int reads;
    boolean away;

    Database() {
      super(InMemoryMessageStore.create());
    }

    /** The host commits so many messages, and nobody knows. */
    Stretch commits(int count, String text) {
      Cursor previous = heads(List.of(ROOM)).get(ROOM).cursor();
      List<Item> items = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        items.add(Item.of(Draft.message(
            ROOM,
            EntryId.random(ids),
            Optional.empty(),
            Optional.empty(),
            Json.string(text + (i + 1)))));
      }
      append(Append.of(items, Instant.EPOCH));
      return new Stretch(ROOM, previous, heads(List.of(ROOM)).get(ROOM).cursor());
    }

    void says(Stretch... stretches) {
      listeners.forEach(listener -> listener.committed(List.of(stretches)));
    }

    @Override
    public Page read(ChannelName channel, Position position, int entries, int bytes) {
      if (away) {
        throw new StoreUnavailableException("away");
      }
      reads++;
      return super.read(channel, position, entries, bytes);
    }

    @Override
    public Link attach(Listener listener) {
      listeners.add(listener);
      return () -> listeners.remove(listener);
    }

    @Override
    public Optional<String> objection() {
      return Optional.empty();
    }
  }

  /** Keeps what is sent to it. */
  private static final class Sent implements Backplane {
    final List<Envelope> envelopes = new ArrayList<>();

    @Override
    public void open(Receiver receiver) {}

    @Override
    public void send(Envelope envelope) {
      envelopes.add(envelope);
    }

    @Override
    public void close() {}
  }

  private final Database database = new Database();
  private final World.Parts parts = new World.Parts();

  private World world() {
    parts.store = database;
    return new World(parts);
  }

  @Test
  void followers_are_told_at_once_when_the_host_says_it_has_committed() {
    World world = world();
    Client tom = world.chatV1("tom");
    tom.asks(FOLLOW);
    HostTransactions.Stretch stretch = database.commits(2, "paid ");
    world.run();
    assertThat(tom.heard()).isEmpty();
    database.says(stretch);
    world.run();
    hears(tom.heard(), EVENT + "1", EVENT + "2");
  }

  @Test
  void saying_it_twice_tells_it_once() {
    World world = world();
    Client tom = world.chatV1("tom");
    tom.asks(FOLLOW);
    HostTransactions.Stretch stretch = database.commits(1, "paid ");
    database.says(stretch, stretch);
    world.run();
    database.says(stretch);
    world.run();
    hears(tom.heard(), EVENT + "1");
  }

  @Test
  void what_was_rolled_back_is_never_shown_whatever_the_host_says() {
    World world = world();
    Client tom = world.chatV1("tom");
    tom.asks(FOLLOW);
    Cursor never = Cursor.of(1, EntryId.random(new Random(9)));
    database.says(new HostTransactions.Stretch(ROOM, Cursor.START, never));
    world.run();
    assertThat(tom.heard()).isEmpty();
    // What stands in that place now is shown for what it is.
    database.commits(1, "another ");
    database.says(new HostTransactions.Stretch(ROOM, Cursor.START, never));
    world.run();
    List<String> heard = tom.heard();
    hears(heard, EVENT + "1");
    assertThat(heard.get(0)).contains("another 1");
    // Nor does a place that never was pass for a rollback of the log.
    database.says(
        new HostTransactions.Stretch(ROOM, never, Cursor.of(2, EntryId.random(new Random(8)))));
    world.run();
    assertThat(tom.heard()).isEmpty();
  }

  @Test
  void a_long_posting_is_told_in_order_and_to_the_end() {
    World world = world();
    Client tom = world.chatV1("tom");
    tom.asks(FOLLOW);
    database.says(database.commits(500, "line "));
    world.run();
    List<String> heard = tom.heard();
    assertThat(heard).hasSize(500);
    for (int i = 0; i < 500; i++) {
      assertThat(heard.get(i)).startsWith(EVENT + (i + 1) + ",");
    }
  }

  @Test
  void a_channel_that_nobody_follows_costs_no_read() {
    World world = world();
    world.chatV1("tom");
    database.says(database.commits(1, "paid "));
    world.run();
    assertThat(database.reads).isZero();
  }

  @Test
  void other_nodes_are_told_through_the_backplane() {
    Sent sent = new Sent();
    parts.backplane = sent;
    World world = world();
    HostTransactions.Stretch stretch = database.commits(3, "paid ");
    database.says(stretch);
    world.run();
    assertThat(sent.envelopes).singleElement().satisfies(envelope -> {
      assertThat(envelope.previous()).isEqualTo(Cursor.START);
      assertThat(envelope.entries()).extracting(Entry::seq).containsExactly(1L, 2L, 3L);
    });
  }

  @Test
  void the_watch_finds_what_the_host_forgets_to_say_or_the_store_would_not_give() {
    parts.watches = true;
    World world = world();
    Client tom = world.chatV1("tom");
    tom.asks(FOLLOW);
    database.commits(1, "forgotten ");
    world.pass(Duration.ofSeconds(1));
    hears(tom.heard(), EVENT + "1");
    database.away = true;
    database.says(database.commits(1, "unread "));
    world.run();
    database.away = false;
    assertThat(tom.heard()).isEmpty();
    world.pass(Duration.ofSeconds(2));
    hears(tom.heard(), EVENT + "2");
  }

  @Test
  void news_said_after_what_the_chat_wrote_behind_it_change_nothing() {
    World world = world();
    Client tom = world.chatV1("tom");
    tom.asks(FOLLOW);
    HostTransactions.Stretch stretch = database.commits(2, "paid ");
    world.chatV1("bob").asks("{'op':'publish','args':['room_1','behind it']}");
    hears(tom.heard(), EVENT + "1", EVENT + "2", EVENT + "3");
    database.says(stretch);
    world.run();
    assertThat(tom.heard()).isEmpty();
  }

  @Test
  void a_closed_chat_is_told_no_more() {
    World world = world();
    assertThat(database.listeners).hasSize(1);
    world.engine().close(Duration.ofSeconds(1));
    assertThat(database.listeners).isEmpty();
  }
}
