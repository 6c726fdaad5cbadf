package dev.confab.chat.internal.outlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.internal.dialect.ChatV1Dialect;
import dev.confab.chat.internal.dialect.PlainDialect;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.testkit.QueueExecutor;
import dev.confab.chat.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What one connection is told, in which order, and what happens while it does not listen. */
final class OutletTest {
  /** When a write is done. */
  private enum Ends {
    /** Before the call returns. */
    INLINE,
    /** When the test says so. */
    LATER
  }

  private static final class Wire implements Connection {
    final List<List<String>> writes = new ArrayList<>();
    final List<Connection.Done> open = new ArrayList<>();
    Ends when = Ends.INLINE;
    int pings;
    boolean pingFails;
    Optional<CloseReason> closed = Optional.empty();

    @Override
    public void write(List<Frame> frames, Connection.Done done) {
      assertThat(open).as("one write in flight").isEmpty();
      writes.add(frames.stream().map(Frame::text).toList());
      if (when == Ends.INLINE) {
        done.done(null);
      } else {
        open.add(done);
      }
    }

    void end() {
      open.remove(0).done(null);
    }

    @Override
    public void ping() {
      pings++;
      if (pingFails) {
        throw new IllegalStateException("a bug of the transport");
      }
    }

    @Override
    public void close(CloseReason reason) {
      assertThat(closed).as("closed once").isEmpty();
      closed = Optional.of(reason);
    }

    List<String> all() {
      return writes.stream().flatMap(List::stream).toList();
    }
  }

  /** A log of small texts. */
  private static final class Log extends Source {
    final String name;
    int position;
    int end;
    int live = Integer.MAX_VALUE;
    int size = 1;
    int shrunk;
    Runnable onPull = () -> {};

    Log(String name, int end) {
      this.name = name;
      this.end = end;
    }

    @Override
    protected boolean pull(Turn turn, int maxBytes) {
      onPull.run();
      int left = maxBytes;
      while (position < end) {
        Frame frame = Frame.of(name + (position + 1) + "x".repeat(size - 1));
        if ((left < maxBytes && frame.length() > left) || !turn.takesOrEnds(frame.length())) {
          return true;
        }
        turn.add(frame);
        left -= frame.length();
        position++;
      }
      return false;
    }

    @Override
    protected boolean pullTo(long seq, Turn turn) {
      while (position < seq && position < live) {
        Frame frame = Frame.of(name + (position + 1) + "x".repeat(size - 1));
        if (!turn.takesOrEnds(frame.length())) {
          return false;
        }
        turn.add(frame);
        position++;
      }
      return true;
    }

    @Override
    protected void shrink() {
      shrunk++;
    }
  }

  private final VirtualTime time = new VirtualTime();
  private final QueueExecutor pumps = new QueueExecutor("pumps");
  private final Wire wire = new Wire();
  private final List<Throwable> failures = new ArrayList<>();
  private Limits limits = Limits.builder()
      .writeBytes(1024)
      .crowdedWriteBytes(256)
      .replyBytes(1024)
      .signalBytes(1024)
      .build();

  private Outlet outlet(Dialect dialect) {
    return new Outlet(wire, dialect, failures::add, pumps, new Flights(limits), limits, time);
  }

  private Outlet plain() {
    return outlet(new PlainDialect());
  }

  private static Frame frame(String text) {
    return Frame.of(text);
  }

  @Test
  void what_waits_leaves_in_one_write_joined_if_the_dialect_joins() {
    Outlet plain = plain();
    plain.queue(frame("a"), null);
    plain.queue(frame("b"), null);
    pumps.runAll();
    assertThat(wire.writes).containsExactly(List.of("a", "b"));
    wire.writes.clear();
    Outlet joining = outlet(new ChatV1Dialect());
    joining.queue(frame("a"), null);
    joining.queue(frame("b"), null);
    pumps.runAll();
    assertThat(wire.writes).containsExactly(List.of("a\nb"));
  }

  @Test
  void what_is_only_queued_leaves_with_what_else_leaves_or_when_it_is_let() {
    Outlet outlet = plain();
    Log log = new Log("l", 1);
    outlet.queueToLeave(frame("reply"), new Outlet.Barrier(log, 1));
    assertThat(pumps.waiting()).isZero();
    assertThat(outlet.waits()).isTrue();
    outlet.readySoon(log);
    assertThat(outlet.waits()).as("somebody sees to it").isFalse();
    pumps.runAll();
    assertThat(wire.writes).containsExactly(List.of("l1", "reply"));
    outlet.leave();
    assertThat(wire.writes).hasSize(1);

    outlet.queueToLeave(frame("alone"), null);
    outlet.leave();
    assertThat(wire.all()).endsWith("alone");
    assertThat(outlet.waits()).isFalse();

    wire.when = Ends.LATER;
    outlet.queue(frame("first"), null);
    pumps.runAll();
    outlet.queueToLeave(frame("second"), null);
    assertThat(outlet.waits()).as("the end of a write sees to it").isFalse();
    outlet.leave();
    wire.end();
    pumps.runAll();
    assertThat(wire.all()).endsWith("first", "second");
    outlet.close(CloseReason.STALLED);
    outlet.queueToLeave(frame("late"), null);
    assertThat(outlet.waits()).isFalse();
  }

  @Test
  void while_a_write_is_in_flight_nothing_is_pulled_and_nothing_runs() {
    Outlet outlet = plain();
    wire.when = Ends.LATER;
    outlet.queue(frame("a"), null);
    pumps.runAll();
    Log log = new Log("l", 1);
    outlet.readySoon(log);
    outlet.queue(frame("b"), null);
    assertThat(pumps.runAll()).isZero();
    assertThat(log.position).isZero();
    assertThat(outlet.writing()).isTrue();
    wire.end();
    // Never on the thread that said so.
    assertThat(wire.writes).hasSize(1);
    pumps.runAll();
    assertThat(wire.writes).containsExactly(List.of("a"), List.of("b", "l1"));
    wire.end();
    assertThat(pumps.runAll()).isZero();
    assertThat(outlet.writing()).isFalse();
  }

  @Test
  void what_comes_while_a_turn_is_collected_is_not_forgotten() {
    Outlet outlet = plain();
    Log late = new Log("late", 1);
    Log log = new Log("l", 0);
    log.onPull = () -> {
      log.onPull = () -> {};
      assertThat(outlet.ready(late)).isFalse();
    };
    outlet.readySoon(log);
    pumps.runAll();
    assertThat(wire.all()).containsExactly("late1");
  }

  @Test
  void a_write_that_is_done_on_another_thread_before_the_call_returns_goes_on() throws Exception {
    List<String> written = new ArrayList<>();
    Connection eager = new Connection() {
      @Override
      public void write(List<Frame> frames, Done done) {
        frames.forEach(each -> written.add(each.text()));
        Thread other = new Thread(() -> done.done(null));
        other.start();
        try {
          other.join();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }

      @Override
      public void ping() {}

      @Override
      public void close(CloseReason reason) {}
    };
    Outlet outlet = new Outlet(
        eager, new PlainDialect(), failures::add, pumps, new Flights(limits), limits, time);
    Log log = new Log("l", 5);
    log.size = 1000;
    outlet.readySoon(log);
    pumps.runAll();
    assertThat(written).hasSize(5);
    assertThat(outlet.writing()).isFalse();
  }

  @Test
  void done_twice_counts_once() {
    Flights flights = new Flights(limits);
    Outlet outlet =
        new Outlet(wire, new PlainDialect(), failures::add, pumps, flights, limits, time);
    wire.when = Ends.LATER;
    outlet.queue(frame("a"), null);
    pumps.runAll();
    Connection.Done done = wire.open.remove(0);
    done.done(null);
    done.done(new IllegalStateException("again"));
    assertThat(flights.bytesInFlight()).isZero();
    assertThat(failures).isEmpty();
  }

  @Test
  void a_failed_write_is_told() {
    Outlet outlet = plain();
    wire.when = Ends.LATER;
    outlet.queue(frame("a"), null);
    pumps.runAll();
    wire.open.remove(0).done(new IllegalStateException("broken"));
    assertThat(failures).hasSize(1);
  }

  @Test
  void a_reply_waits_for_what_its_source_still_owes() {
    Outlet outlet = plain();
    Log log = new Log("l", 3);
    outlet.queue(frame("first"), null);
    outlet.queue(frame("reply"), new Outlet.Barrier(log, 2));
    outlet.queue(frame("then"), null);
    pumps.runAll();
    assertThat(wire.all()).containsExactly("first", "l1", "l2", "reply", "then");
  }

  @Test
  void a_barrier_that_does_not_fit_into_the_turn_holds_its_reply_and_all_behind_it() {
    Outlet outlet = plain();
    wire.when = Ends.LATER;
    Log log = new Log("l", 3);
    log.size = 600;
    Log other = new Log("o", 1);
    outlet.queue(frame("reply"), new Outlet.Barrier(log, 3));
    outlet.queue(frame("then"), null);
    outlet.ready(other);
    pumps.runAll();
    assertThat(wire.all()).hasSize(1);
    for (int i = 0; i < 2; i++) {
      wire.end();
      pumps.runAll();
    }
    assertThat(wire.all().stream().map(text -> text.replace("x", "")).toList())
        .containsExactly("l1", "l2", "l3", "reply", "then", "o1");
  }

  @Test
  void a_barrier_is_void_for_who_catches_up_from_the_store_or_is_gone() {
    Outlet outlet = plain();
    Log behind = new Log("b", 5);
    behind.live = 0;
    Log gone = new Log("g", 5);
    outlet.detach(gone);
    outlet.queue(frame("one"), new Outlet.Barrier(behind, 5));
    outlet.queue(frame("two"), new Outlet.Barrier(gone, 5));
    pumps.runAll();
    assertThat(wire.all()).containsExactly("one", "two");
  }

  @Test
  void sources_take_turns_of_sixteen_kilobytes() {
    limits = Limits.defaults();
    Outlet outlet = plain();
    Log first = new Log("a", 100);
    Log second = new Log("b", 100);
    first.size = second.size = 1000;
    outlet.ready(first);
    outlet.ready(second);
    pumps.runAll();
    outlet.pump();
    List<String> heard = wire.all().stream().map(text -> text.substring(0, 1)).toList();
    assertThat(heard).hasSize(200);
    assertThat(String.join("", heard)).startsWith("a".repeat(16) + "b".repeat(16) + "a".repeat(16));
    assertThat(wire.writes)
        .allMatch(write -> write.stream().mapToInt(String::length).sum() <= 64 * 1024);
  }

  @Test
  void signals_come_last_and_the_oldest_of_the_same_channel_are_dropped() {
    limits = Limits.builder().signalBytes(1024).build();
    Flights flights = new Flights(limits);
    Outlet outlet =
        new Outlet(wire, new PlainDialect(), failures::add, pumps, flights, limits, time);
    wire.when = Ends.LATER;
    outlet.queue(frame("reply"), null);
    pumps.runAll();
    outlet.signalSoon(null, "quiet", frame("q"));
    for (int i = 0; i < 10; i++) {
      outlet.signalSoon(null, "loud", frame(i + "x".repeat(299)));
    }
    Log log = new Log("l", 1);
    outlet.readySoon(log);
    wire.end();
    pumps.runAll();
    List<String> heard =
        wire.writes.get(1).stream().map(text -> text.replace("x", "")).toList();
    assertThat(heard).containsExactly("l1", "q", "7", "8", "9");
    assertThat(flights.droppedSignals()).isEqualTo(7);
  }

  @Test
  void a_detached_source_is_not_pulled_and_its_signals_are_gone() {
    Outlet outlet = plain();
    Log gone = new Log("g", 3);
    Log stays = new Log("s", 1);
    outlet.ready(gone);
    outlet.ready(stays);
    outlet.signal(gone, "g", frame("signal of g"));
    outlet.signal(stays, "s", frame("signal of s"));
    outlet.detach(gone);
    outlet.signal(gone, "g", frame("late"));
    assertThat(outlet.ready(gone)).isFalse();
    assertThat(gone.shrunk).isEqualTo(1);
    outlet.pump();
    assertThat(wire.all()).containsExactly("s1", "signal of s");
  }

  @Test
  void the_end_comes_behind_the_replies_and_before_everything_else() {
    Outlet outlet = outlet(new ChatV1Dialect());
    wire.when = Ends.LATER;
    outlet.queue(frame("first"), null);
    pumps.runAll();
    Log log = new Log("l", 3);
    outlet.readySoon(log);
    outlet.signalSoon(null, "c", frame("signal"));
    outlet.queue(frame("reply"), null);
    outlet.end(CloseReason.KICKED);
    outlet.end(CloseReason.STOPPING);
    outlet.queue(frame("late"), null);
    assertThat(outlet.isEnding()).isTrue();
    wire.end();
    pumps.runAll();
    assertThat(wire.writes.get(1).get(0)).startsWith("reply\n{\"event\":\"bye\",\"code\":4403");
    assertThat(wire.closed).isEmpty();
    wire.end();
    pumps.runAll();
    assertThat(wire.closed).contains(CloseReason.KICKED);
    assertThat(log.position).isZero();
    assertThat(log.shrunk).isEqualTo(1);
  }

  @Test
  void a_goodbye_that_nobody_takes_is_cut_after_two_seconds() {
    Outlet outlet = plain();
    wire.when = Ends.LATER;
    outlet.queue(frame("a"), null);
    pumps.runAll();
    outlet.end(CloseReason.EXPIRED);
    time.advance(Duration.ofSeconds(2));
    assertThat(verdict(outlet)).isNull();
    time.advance(Duration.ofMillis(1));
    assertThat(verdict(outlet)).isEqualTo(CloseReason.EXPIRED);
  }

  /** What becomes of a client that has not been heard since the write began. */
  private static @Nullable CloseReason verdict(Outlet outlet) {
    return outlet.verdict(0, Duration.ofSeconds(50));
  }

  @Test
  void a_write_is_stalled_after_thirty_seconds_or_a_second_for_each_kilobyte() {
    Outlet outlet = plain();
    wire.when = Ends.LATER;
    outlet.queue(frame("a"), null);
    pumps.runAll();
    time.advance(Duration.ofMillis(29_999));
    assertThat(verdict(outlet)).isNull();
    time.advance(Duration.ofMillis(1));
    assertThat(verdict(outlet)).isEqualTo(CloseReason.STALLED);
    wire.end();
    assertThat(verdict(outlet)).isNull();
    outlet.queue(frame("x".repeat(100 * 1024)), null);
    pumps.runAll();
    time.advance(Duration.ofSeconds(99));
    assertThat(verdict(outlet)).isNull();
    time.advance(Duration.ofSeconds(2));
    assertThat(verdict(outlet)).isEqualTo(CloseReason.STALLED);
  }

  @Test
  void who_speaks_while_a_write_waits_is_given_what_it_took_faster_before() {
    // Linux says that a socket can be written to once a third of its send buffer is free. A client
    // that reads 2 KiB a second takes minutes for that, and was closed though it never stopped.
    Outlet outlet = plain();
    Duration silence = Duration.ofSeconds(50);
    time.advance(Duration.ofSeconds(1));
    for (int i = 0; i < 16; i++) {
      outlet.queue(frame("x".repeat(64 * 1024)), null);
      pumps.runAll();
    }
    wire.when = Ends.LATER;
    outlet.queue(frame("x".repeat(64 * 1024)), null);
    pumps.runAll();
    long begun = time.nanos();
    time.advance(Duration.ofSeconds(512));
    assertThat(outlet.verdict(begun, silence))
        .as("silent since then")
        .isEqualTo(CloseReason.STALLED);
    assertThat(outlet.verdict(begun + 1, silence))
        .as("silent for too long")
        .isEqualTo(CloseReason.STALLED);
    assertThat(outlet.verdict(time.nanos(), silence)).isNull();
    time.advance(Duration.ofSeconds(17 * 64 - 512 - 1));
    assertThat(outlet.verdict(time.nanos(), silence)).isNull();
    time.advance(Duration.ofSeconds(2));
    assertThat(outlet.verdict(time.nanos(), silence))
        .as("all is used up")
        .isEqualTo(CloseReason.STALLED);
    wire.end();
    outlet.queue(frame("y"), null);
    pumps.runAll();
    time.advance(Duration.ofSeconds(31));
    assertThat(outlet.verdict(time.nanos(), silence))
        .as("nothing is left")
        .isEqualTo(CloseReason.STALLED);
  }

  @Test
  void pages_are_given_up_when_a_write_waits_for_more_than_a_second() {
    Outlet outlet = plain();
    wire.when = Ends.LATER;
    outlet.queue(frame("a"), null);
    pumps.runAll();
    Log log = new Log("l", 1);
    outlet.readySoon(log);
    verdict(outlet);
    assertThat(log.shrunk).isZero();
    time.advance(Duration.ofMillis(1_001));
    verdict(outlet);
    assertThat(log.shrunk).isEqualTo(1);
  }

  @Test
  void replies_that_stay_full_for_ten_seconds_are_too_much() {
    Outlet outlet = plain();
    wire.when = Ends.LATER;
    for (int i = 0; i < 4; i++) {
      outlet.queue(frame("x".repeat(400)), null);
    }
    int[] room = new int[1];
    assertThat(outlet.hasRoomOr(() -> room[0]++)).isFalse();
    pumps.runAll();
    time.advance(Duration.ofMillis(9_999));
    assertThat(verdict(outlet)).isNull();
    time.advance(Duration.ofMillis(1));
    assertThat(verdict(outlet)).isEqualTo(CloseReason.OVERLOADED);
    assertThat(room[0]).isZero();
    wire.when = Ends.INLINE;
    wire.end();
    pumps.runAll();
    assertThat(room[0]).isEqualTo(1);
    assertThat(verdict(outlet)).isNull();
    assertThat(outlet.hasRoomOr(() -> room[0]++)).isTrue();
  }

  @Test
  void who_waits_for_room_is_let_go_when_the_connection_ends() {
    Outlet outlet = plain();
    wire.when = Ends.LATER;
    for (int i = 0; i < 4; i++) {
      outlet.queue(frame("x".repeat(400)), null);
    }
    int[] room = new int[1];
    outlet.hasRoomOr(() -> room[0]++);
    assertThat(outlet.discard()).isTrue();
    assertThat(outlet.discard()).isFalse();
    assertThat(room[0]).isEqualTo(1);
    pumps.runAll();
    assertThat(wire.writes).isEmpty();
  }

  @Test
  void those_who_stop_reading_all_at_once_take_far_less_than_the_bound() {
    // Writes became small only beyond the bound: a thousand readers took nearly all of it.
    limits = Limits.defaults();
    Flights flights = new Flights(limits);
    List<Integer> firstWrites = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      Wire stalled = new Wire();
      stalled.when = Ends.LATER;
      Log log = new Log("l", 100);
      log.size = 1_000;
      new Outlet(stalled, new PlainDialect(), failures::add, pumps, flights, limits, time)
          .readySoon(log);
      pumps.runAll();
      firstWrites.add(stalled.writes.get(0).size());
    }
    assertThat(firstWrites.get(0)).isGreaterThan(60);
    assertThat(firstWrites).allMatch(frames -> frames > 0);
    assertThat(flights.bytesInFlight()).isLessThan(limits.inFlightBytes() / 3);
  }

  @Test
  void a_long_frame_is_written_as_it_is_to_all_and_only_short_ones_are_joined() {
    // Joined, each connection had a copy of its own of all its write, and the container two more.
    limits = Limits.defaults();
    Outlet outlet = outlet(new ChatV1Dialect());
    Frame first = frame("a".repeat(12_000));
    Frame second = frame("b".repeat(12_000));
    for (Frame each : List.of(first, second, frame("c"), frame("d"))) {
      outlet.queue(each, null);
    }
    pumps.runAll();
    assertThat(wire.writes).hasSize(1);
    assertThat(wire.writes.get(0)).hasSize(2);
    assertThat(wire.writes.get(0).get(0)).isSameAs(first.text());
    assertThat(wire.writes.get(0).get(1)).isEqualTo(second.text() + "\nc\nd");
  }

  @Test
  void writes_become_small_while_too_much_is_in_flight() {
    limits = Limits.builder().inFlightBytes(1 << 20).build();
    Flights flights = new Flights(limits);
    flights.started((1 << 20) + 1);
    Outlet outlet =
        new Outlet(wire, new PlainDialect(), failures::add, pumps, flights, limits, time);
    wire.when = Ends.LATER;
    Log log = new Log("l", 100);
    log.size = 1000;
    outlet.readySoon(log);
    pumps.runAll();
    assertThat(wire.writes.get(0)).hasSize(4);
    flights.ended((1 << 20) + 1);
    wire.end();
    pumps.runAll();
    assertThat(wire.writes.get(1)).hasSizeGreaterThan(50);
  }

  @Test
  void an_entry_larger_than_a_write_leaves_alone() {
    Outlet outlet = plain();
    wire.when = Ends.LATER;
    outlet.queue(frame("small"), null);
    outlet.queue(frame("x".repeat(5_000)), null);
    pumps.runAll();
    wire.end();
    pumps.runAll();
    assertThat(wire.writes.get(0)).containsExactly("small");
    assertThat(wire.writes.get(1)).hasSize(1);
  }

  @Test
  void a_ping_of_the_transport_never_meets_a_write() {
    Outlet outlet = plain();
    wire.when = Ends.LATER;
    outlet.queue(frame("a"), null);
    pumps.runAll();
    outlet.ping();
    assertThat(wire.pings).isZero();
    wire.end();
    outlet.ping();
    assertThat(wire.pings).isEqualTo(1);
    pumps.runAll();
    outlet.queue(frame("b"), null);
    pumps.runAll();
    assertThat(wire.all()).containsExactly("a", "b");
  }

  @Test
  void a_ping_that_fails_holds_nothing_up() {
    // The outlet went on taking itself for pumped, and nothing was ever written again.
    Outlet outlet = plain();
    wire.pingFails = true;
    assertThatThrownBy(outlet::ping).isInstanceOf(IllegalStateException.class);
    pumps.runAll();
    outlet.queue(frame("a"), null);
    pumps.runAll();
    assertThat(wire.all()).containsExactly("a");
  }

  @Test
  void others_get_the_thread_after_so_many_turns() {
    Outlet outlet = plain();
    Log log = new Log("l", 40);
    log.size = 1000;
    outlet.readySoon(log);
    pumps.runOne();
    assertThat(wire.writes).hasSize(16);
    assertThat(pumps.waiting()).isEqualTo(1);
    pumps.runAll();
    assertThat(wire.writes).hasSize(40);
  }
}
