package dev.confab.chat.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Limits;
import dev.confab.chat.testkit.QueueExecutor;
import dev.confab.chat.testkit.VirtualTime;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a channel does with news that come at the same time from several places. */
final class ChannelTest {
  private static final Channel.Home NOBODY = new Channel.Home() {
    @Override
    public void recheck(Channel channel) {}

    @Override
    public void behind(int more) {}

    @Override
    public void followed(int more) {}
  };

  private final QueueExecutor pumps = new QueueExecutor("pumps");
  private final Limits limits = Limits.builder().build();
  private final Channel channel = new Channel(
      Logs.ROOM,
      NOBODY,
      Logs.DIALECTS,
      limits.tailBytes(),
      pumps,
      new Presence(Logs.ROOM, Logs.DIALECTS, pumps, new VirtualTime(), limits));

  /** Remembers how far it could have read each time it was woken. */
  private final class Reader implements Follower {
    final List<Long> read = new ArrayList<>();

    @Override
    public void wake(boolean suspect) {
      read.add(Math.min(channel.horizon(), channel.tail().end().seq()));
    }

    @Override
    public boolean behind() {
      return false;
    }
  }

  /** Entries during whose arrival something else happens, as on another thread. */
  private static List<Entry> meanwhile(List<Entry> entries, Runnable other) {
    return new AbstractList<>() {
      private boolean happened;

      @Override
      public Iterator<Entry> iterator() {
        if (!happened) {
          happened = true;
          other.run();
        }
        return super.iterator();
      }

      @Override
      public Entry get(int index) {
        return entries.get(index);
      }

      @Override
      public int size() {
        return entries.size();
      }
    };
  }

  @Test
  void what_another_node_brought_while_a_commit_was_held_back_is_shown_once_it_is_no_news() {
    // The pass of the other's news could show nothing, because ours was held back; ours turned out
    // to be no news, was let go without a pass, and nobody was woken until the next message.
    channel.open(Logs.head('a', 5));
    Reader reader = new Reader();
    channel.followers().add(reader);
    List<Entry> ours = meanwhile(Logs.entries('a', 6, 6), () -> {
      channel.committed(Logs.at('a', 5), Logs.entries('a', 6, 7));
      pumps.runAll();
    });
    assertThat(channel.hold(Logs.at('a', 5), ours)).isFalse();
    assertThat(reader.read).as("while it was held back").containsExactly(5L);
    pumps.runAll();
    assertThat(reader.read).containsExactly(5L, 7L);
  }

  @Test
  void what_contradicts_what_is_known_holds_back_nothing() {
    channel.open(Logs.head('a', 5));
    Reader reader = new Reader();
    channel.followers().add(reader);
    List<Entry> ours = meanwhile(Logs.entries('a', 6, 6), () -> {
      // The store was asked: another node is further, and nobody here knows what lies between.
      channel.storeSaid(Logs.at('a', 9), Logs.at('a', 5));
      pumps.runAll();
    });
    assertThat(channel.hold(Logs.at('a', 5), ours)).isFalse();
    pumps.runAll();
    assertThat(reader.read).containsExactly(5L, 9L);
  }
}
