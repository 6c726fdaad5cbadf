package dev.confab.chat.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.engine.World.Client;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.testkit.QueueExecutor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Readers that are slow, for hours, and readers that are far behind, among others. */
final class SlowReadersTest {
  private static final String DATA = "x".repeat(1_000);
  private static final int BYTES_A_SECOND = 2 * 1024;

  private final World.Parts parts = new World.Parts();

  /** In a room with half as much again as it takes. */
  private World busyWorld() {
    parts.store = InMemoryMessageStore.builder().channelEntries(100_000).build();
    parts.limits.tailsBytes(256 << 10).tailBytes(256 << 10);
    return new World(parts);
  }

  /** What a client reads at a fixed rate, behind a buffer that takes more only when a third of it is free. */
  private static final class SlowLine {
    final World world;
    final Client client;
    final long buffer;
    long inBuffer;
    long read;
    long pending;
    boolean open = true;
    long seq;

    SlowLine(World world, Client client, long buffer) {
      this.world = world;
      this.client = client;
      this.buffer = buffer;
    }

    void second() {
      long taken = Math.min(inBuffer, BYTES_A_SECOND);
      inBuffer -= taken;
      read += taken;
      open |= inBuffer <= buffer * 2 / 3;
      take();
      while (open && pending > 0 && client.closedWith() == 0) {
        if (inBuffer > 0 && inBuffer + pending > buffer) {
          open = false;
        } else {
          inBuffer += pending;
          pending = 0;
          client.reads().stopsReading();
          world.run();
          take();
        }
      }
    }

    private void take() {
      for (String line : client.heard()) {
        pending += line.getBytes(StandardCharsets.UTF_8).length + 1L;
        long shown = seqOf(line);
        if (shown > 0) {
          assertThat(shown).isEqualTo(seq + 1);
          seq = shown;
        }
      }
    }
  }

  private static long seqOf(String line) {
    if (!line.startsWith("{'event':'subscribe'")) {
      return 0;
    }
    int from = line.indexOf("'seq':") + 6;
    return Long.parseLong(line.substring(from, line.indexOf(',', from)));
  }

  private static SlowLine read(World world, long buffer, Duration time, boolean speaks) {
    Client slow = world.chatV1("slow");
    slow.asks("{'op':'subscribe','args':['room_busy']}");
    slow.stopsReading();
    Client busy = world.chatV1("busy");
    SlowLine line = new SlowLine(world, slow, buffer);
    for (long second = 1; second <= time.toSeconds() && slow.closedWith() == 0; second++) {
      for (int i = 0; i < 3; i++) {
        busy.says("{'op':'publish','args':['room_busy','" + DATA + "']}");
      }
      if (speaks && second % 25 == 0) {
        slow.says("{'op':'pong'}");
      }
      world.pass(Duration.ofSeconds(1));
      busy.heard();
      line.second();
    }
    return line;
  }

  @Test
  void who_takes_two_kibibytes_a_second_stays_for_hours_and_is_shown_everything_in_order() {
    Duration time = Duration.ofHours(3);
    SlowLine line = read(busyWorld(), 0, time, false);
    assertThat(line.client.closedWith()).isZero();
    assertThat(line.read).isGreaterThan(BYTES_A_SECOND * time.toSeconds() * 9 / 10);
    assertThat(line.seq).isGreaterThan(15_000);
  }

  @Test
  void who_speaks_stays_for_hours_however_long_the_buffers_between_take_nothing() {
    Duration time = Duration.ofHours(3);
    SlowLine line = read(busyWorld(), 3 << 19, time, true);
    assertThat(line.client.closedWith()).isZero();
    assertThat(line.read).isGreaterThan(BYTES_A_SECOND * time.toSeconds() * 9 / 10);
    assertThat(line.seq).isGreaterThan(15_000);
  }

  @Test
  void who_says_nothing_while_the_buffers_between_take_nothing_is_closed_as_stalled() {
    SlowLine line = read(busyWorld(), 3 << 19, Duration.ofHours(3), false);
    assertThat(line.client.closedWith()).isEqualTo(4004);
  }

  @Test
  void those_who_catch_up_come_on_alike_and_live_readers_do_not_wait_for_them() {
    parts.store = InMemoryMessageStore.builder().channelEntries(100_000).build();
    // One page of the many is read at once.
    parts.limits.tailsBytes(64 << 10).tailBytes(64 << 10).pagesBytes(64 << 10);
    World world = new World(parts);
    Client busy = world.chatV1("busy");
    int messages = 2_000;
    List<String> places = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      String reply =
          busy.asks("{'op':'publish','args':['room_busy','" + DATA + "']}").get(0);
      int from = reply.indexOf("'cursor':'") + 10;
      places.add(reply.substring(from, reply.indexOf('\'', from)));
    }
    Client live = world.chatV1("live");
    live.asks("{'op':'subscribe','args':['room_busy']}");
    List<Client> behind = new ArrayList<>();
    List<Long> seen = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      behind.add(world.chatV1("late" + i));
    }
    for (int i = 0; i < 8; i++) {
      // Further apart than a page reaches.
      String place = places.get(i * 100);
      behind
          .get(i)
          .says("{'op':'subscribe','args':['room_busy',{'since':{'room_busy':'" + place + "'}}]}");
      seen.add(i * 100L + 1);
    }
    long[] starts = seen.stream().mapToLong(each -> each).toArray();
    int published = 0;
    while (seen.stream().noneMatch(seq -> seq >= messages)) {
      oneRead(world);
      for (int i = 0; i < behind.size(); i++) {
        for (String line : behind.get(i).heard()) {
          seen.set(i, Math.max(seen.get(i), seqOf(line)));
        }
      }
      if (published < 20) {
        busy.says("{'op':'publish','args':['room_busy','now " + published + "']}");
        oneRead(world);
        String now = "'now " + published + "'";
        assertThat(live.heard()).anyMatch(line -> line.contains(now));
        published++;
      }
    }
    assertThat(published).isEqualTo(20);
    // The first has arrived, and none of the others was let wait for it.
    long first = messages - starts[7];
    for (int i = 0; i < behind.size(); i++) {
      assertThat(seen.get(i) - starts[i]).isGreaterThan(first * 8 / 10);
    }
  }

  /** Everything runs that does not read, and one read of the store. */
  private static void oneRead(World world) {
    QueueExecutor.runAll(world.journal, world.waiting, world.pumps, world.doors, world.listeners);
    world.readers.runOne();
    QueueExecutor.runAll(world.journal, world.waiting, world.pumps, world.doors, world.listeners);
  }
}
