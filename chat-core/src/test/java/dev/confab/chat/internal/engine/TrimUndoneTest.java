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
import dev.confab.chat.spi.StoreUnavailableException;
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

    /** Whether it can be read. */
    private boolean away;

    Replaced(InMemoryMessageStore first) {
      now = first;
    }

    @Override
    public Appended append(Append append) {
      return now.append(append);
    }

    @Override
    public Page read(ChannelName channel, Position position, int entries, int bytes) {
      if (away && entries > 1) {
        throw new StoreUnavailableException("away");
      }
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

  @Test
  void what_a_client_was_told_is_gone_stays_gone_for_it() {
    // It was told that 1 and 2 are gone, and then shown them.
    InMemoryMessageStore trimmed = log();
    trimmed.trim(ROOM, 2);
    Replaced store = new Replaced(trimmed);
    World.Parts parts = new World.Parts();
    parts.store = store;
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    store.away = true;
    List<String> reply = tom.asks(SINCE_START);
    assertThat(reply.get(0)).contains("'trimmed':{'from':1,'to':2}");
    store.now = log();
    store.away = false;
    world.pass(Duration.ofSeconds(2));
    hears(
        tom.heard(),
        "{'event':'subscribe','channel':'room_1','seq':3",
        "{'event':'subscribe','channel':'room_1','seq':4",
        "{'event':'live','channel':'room_1','seq':4}");
  }
}
