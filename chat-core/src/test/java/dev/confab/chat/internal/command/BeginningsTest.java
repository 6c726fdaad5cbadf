package dev.confab.chat.internal.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.dialect.ChatV1Dialect;
import dev.confab.chat.internal.hub.Hub;
import dev.confab.chat.internal.hub.Reads;
import dev.confab.chat.internal.session.Audiences;
import dev.confab.chat.internal.session.Happenings;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.StoreUnavailableException;
import dev.confab.chat.testkit.QueueExecutor;
import dev.confab.chat.testkit.StoreWrapper;
import dev.confab.chat.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Where subscriptions begin, and that a search which fails keeps nothing open. */
final class BeginningsTest {
  private static final ChannelName ROOM = ChannelName.of("room_1");
  private static final Cursor UNKNOWN = Cursor.of(5, new EntryId("a000000000000005"));

  private final VirtualTime time = new VirtualTime();
  private final Limits limits = Limits.defaults();

  /** Answers before the question is put down: as a reader's thread may that is faster than who asks. */
  private final Reads reads = new Reads(new Away(), Runnable::run, limits);

  private final Hub hub = new Hub(
      reads,
      List.of(new ChatV1Dialect()),
      new Audiences(new Happenings(List.of(), new QueueExecutor("listeners"), 1), Optional.empty()),
      new QueueExecutor("pumps"),
      time,
      limits);

  private static final class Away extends StoreWrapper {
    Away() {
      super(InMemoryMessageStore.create());
    }

    @Override
    public Page read(ChannelName channel, Position position, int entries, int bytes) {
      throw new StoreUnavailableException("away");
    }
  }

  @Test
  void search_that_fails_at_once_leaves_no_channel_open() {
    // A read that had failed before its future was looked at was thrown past the release: the
    // channel stayed pinned, and in memory, for ever.
    assertThat(new Beginnings(hub, reads, limits)
            .find(List.of(ROOM), Map.of(ROOM, UNKNOWN), OptionalLong.empty()))
        .isCompletedExceptionally();
    time.advance(limits.channelIdle().plus(Duration.ofSeconds(1)));
    hub.tick();
    assertThat(hub.counters().channels()).isZero();
  }
}
