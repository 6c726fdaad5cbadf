package dev.confab.chat.internal.engine;

import static dev.confab.chat.internal.engine.World.hears;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.engine.World.Client;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Json;
import dev.confab.chat.spi.MessageStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A database that went back to before retention removed something has it again. */
final class TrimUndoneTest {
  private static final ChannelName ROOM = ChannelName.of("room_1");
  private static final String SINCE_START =
      "{'op':'subscribe','args':['room_1',{'since':{'room_1':'0'}}]}";

  /** A store in whose place another can come. */
  private static final class Replaced implements MessageStore {
    private InMemoryMessageStore now;

    Replaced(InMemoryMessageStore first) {
      now = first;
    }

    @Override
    public Appended append(Append append) {
      return now.append(append);
    }

    @Override
    public Page read(ChannelName channel, Position position, int entries, int bytes) {
      return now.read(channel, position, entries, bytes);
    }

    @Override
    public Map<ChannelName, Head> heads(Collection<ChannelName> channels) {
      return now.heads(channels);
    }

    @Override
    public Optional<Appended> redact(ChannelName channel, long seq, EntryId id, Instant at) {
      return now.redact(channel, seq, id, at);
    }

    @Override
    public void close() {
      now.close();
    }
  }

  /** Four entries, always the same. */
  private static InMemoryMessageStore log() {
    InMemoryMessageStore log = InMemoryMessageStore.create();
    Random random = new Random(4);
    for (int i = 0; i < 4; i++) {
      log.append(MessageStore.Append.of(
          List.of(MessageStore.Item.of(Draft.message(
              ROOM,
              EntryId.random(random),
              Optional.empty(),
              Optional.empty(),
              Json.string("m" + i)))),
          Instant.EPOCH));
    }
    return log;
  }

  private final World.Parts parts = new World.Parts();

  /** A client that was told that 1 and 2 are gone, before it could be shown what is left. */
  private Client told(Replaced store) {
    parts.store = store;
    parts.watches = true;
    world = new World(parts);
    Client tom = world.chatV1("tom").stopsReading();
    assertThat(tom.asks(SINCE_START).get(0)).contains("'trimmed':{'from':1,'to':2}");
    // What was read for the reply is forgotten by then.
    world.pass(Duration.ofSeconds(3));
    return tom;
  }

  private World world = new World();

  private static Replaced trimmed() {
    InMemoryMessageStore trimmed = log();
    trimmed.trim(ROOM, 2);
    return new Replaced(trimmed);
  }

  @Test
  void who_was_told_that_something_is_gone_is_told_reset_when_it_is_there_again() {
    // It was told that 1 and 2 are gone, and then shown a 1 and a 2, perhaps others than were gone.
    Replaced store = trimmed();
    Client tom = told(store);
    store.now = log();
    tom.reads();
    world.pass(Duration.ofSeconds(3));
    hears(tom.heard(), "{'event':'reset','channel':'room_1','head':4");
  }

  @Test
  void who_was_told_that_something_is_gone_is_told_reset_when_the_log_ends_before_it() {
    Replaced store = trimmed();
    Client tom = told(store);
    store.now = InMemoryMessageStore.create();
    tom.reads();
    world.pass(Duration.ofSeconds(3));
    hears(tom.heard(), "{'event':'reset','channel':'room_1','head':0");
    tom.asks("{'op':'publish','args':['room_1','x']}");
  }
}
