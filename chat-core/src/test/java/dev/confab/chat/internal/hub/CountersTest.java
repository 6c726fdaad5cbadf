package dev.confab.chat.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.engine.World;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a hub counts, and what that costs. */
final class CountersTest {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final World world = new World();
  private final Hub hub = world.engine().hub();

  private static List<ChannelName> rooms(int count) {
    List<ChannelName> rooms = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      rooms.add(ChannelName.of("room_" + i));
    }
    return rooms;
  }

  private long nanosOfCounting() {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 7; round++) {
      long begin = THREADS.getCurrentThreadCpuTime();
      for (int i = 0; i < 100; i++) {
        assertThat(hub.counters().channels()).isPositive();
      }
      least = Math.min(least, THREADS.getCurrentThreadCpuTime() - begin);
    }
    return least;
  }

  @Test
  void counting_costs_the_same_however_many_channels_are_open() {
    // It walked all of them: half a millisecond each time with 20,000.
    var one = hub.pin(rooms(1));
    world.run();
    assertThat(one).isCompleted();
    nanosOfCounting();
    long few = nanosOfCounting();
    var many = hub.pin(rooms(20_000));
    world.run();
    assertThat(many).isCompleted();
    assertThat(hub.counters().channels()).isEqualTo(20_000);
    // Walking them takes above 10 ms where this takes less than 1; the rest is for a busy machine.
    assertThat(nanosOfCounting()).isLessThan(5 * few + 3_000_000);
  }

  @Test
  void followers_are_counted_while_they_follow_whoever_they_are() {
    World.Client tom = world.chatV1("tom");
    World.Client ann = world.plain("ann");
    tom.asks("{'op':'subscribe','args':['room_1','room_2']}");
    ann.asks("{'op':'subscribe','args':['room_1']}");
    assertThat(hub.counters().live()).isEqualTo(3);
    var pins = hub.pin(List.of(ChannelName.of("room_1")));
    world.run();
    HostFollower host = hub.follow(pins.join().get(0), Cursor.START, world.listeners, told -> {});
    world.run();
    assertThat(hub.counters().live()).isEqualTo(4);
    host.end();
    host.end();
    tom.asks("{'op':'unsubscribe','args':['room_2']}");
    tom.asks("{'op':'unsubscribe','args':['room_2']}");
    world.run();
    assertThat(hub.counters().live()).isEqualTo(2);
    ann.leaves();
    tom.leaves();
    world.run();
    assertThat(hub.counters().live()).isZero();
    assertThat(hub.counters().catchingUp()).isZero();
  }
}
