package dev.confab.chat.internal.hub;

import static dev.confab.chat.internal.hub.Logs.CHAT_V1;
import static dev.confab.chat.internal.hub.Logs.DIALECTS;
import static dev.confab.chat.internal.hub.Logs.at;
import static dev.confab.chat.internal.hub.Logs.entries;
import static dev.confab.chat.internal.hub.Logs.head;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Limits;
import dev.confab.chat.testkit.QueueExecutor;
import dev.confab.chat.testkit.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much of all logs together lies in memory. */
final class TailsTest {
  private static final int BOUND = 20_000;

  private final Tails tails = new Tails(BOUND);

  private static Channel channel(String name) {
    QueueExecutor pumps = new QueueExecutor("pumps");
    ChannelName room = ChannelName.of(name);
    VirtualTime time = new VirtualTime();
    Channel channel = new Channel(
        room,
        new Channel.Home() {
          @Override
          public void recheck(Channel unclear) {}

          @Override
          public void behind(int more) {}

          @Override
          public void followed(int more) {}
        },
        DIALECTS,
        1 << 20,
        pumps,
        new Presence(room, DIALECTS, pumps, time, Limits.defaults()));
    channel.open(head('a', 0));
    return channel;
  }

  private static long bytes(List<Channel> channels) {
    return channels.stream().mapToLong(channel -> channel.tail().bytes()).sum();
  }

  @Test
  void the_least_recently_used_give_way_oldest_entries_first() {
    List<Channel> channels = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Channel channel = channel("room_" + i);
      channels.add(channel);
      channel.committed(at('a', 0), entries('a', 1, 20));
      tails.used(channel);
      assertThat(bytes(channels)).isLessThanOrEqualTo(BOUND);
      assertThat(tails.bytes()).isEqualTo(bytes(channels));
    }
    assertThat(channels.get(0).tail().bytes()).isLessThan(channels.get(3).tail().bytes());
    assertThat(channels.get(3).tail().covers(at('a', 0))).isTrue();
    tails.used(channels.get(0));
    Channel more = channel("room_more");
    channels.add(more);
    more.committed(at('a', 0), entries('a', 1, 20));
    tails.used(more);
    assertThat(bytes(channels)).isLessThanOrEqualTo(BOUND);
    assertThat(more.tail().covers(at('a', 0))).isTrue();
  }

  @Test
  void texts_that_are_made_while_reading_are_counted_too() {
    // Only commits were looked at: whatever was encoded afterwards lay in memory beyond the bound.
    List<Channel> channels = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Channel channel = channel("room_" + i);
      channels.add(channel);
      channel.committed(at('a', 0), entries('a', 1, 20));
      tails.used(channel);
    }
    channels.forEach(channel -> channel.tail().look(at('a', 10), CHAT_V1, 1 << 20));
    assertThat(bytes(channels)).isGreaterThan(BOUND);
    tails.measure();
    assertThat(bytes(channels)).isLessThanOrEqualTo(BOUND);
    assertThat(tails.bytes()).isEqualTo(bytes(channels));
  }

  @Test
  void what_a_tail_has_grown_by_since_it_was_looked_at_gives_way_too() {
    // A tail shed what it was thought to have too much of, and was then counted with all it had:
    // the
    // bound was passed until all were measured, and by more with every tail.
    Channel read = channel("room_read");
    read.committed(at('a', 0), entries('a', 1, 20));
    tails.used(read);
    read.tail().look(at('a', 0), CHAT_V1, 1 << 20);
    List<Channel> channels = new ArrayList<>(List.of(read));
    while (bytes(channels) < 2 * BOUND) {
      Channel other = channel("room_" + channels.size());
      channels.add(other);
      other.committed(at('a', 0), entries('a', 1, 20));
      tails.used(other);
      assertThat(tails.bytes()).isLessThanOrEqualTo(BOUND);
      other.tail().look(at('a', 0), CHAT_V1, 1 << 20);
      if (channels.size() == 12) {
        break;
      }
    }
  }

  @Test
  void nothing_is_left_of_a_channel_that_is_gone() {
    Channel channel = channel("room_1");
    channel.committed(at('a', 0), entries('a', 1, 20));
    tails.used(channel);
    tails.forget(channel);
    tails.forget(channel);
    assertThat(tails.bytes()).isZero();
  }
}
