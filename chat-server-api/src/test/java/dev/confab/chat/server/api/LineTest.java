package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ConnectionId;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who is handed what, and when. */
final class LineTest {
  private static final ConnectionId CLIENT = new ConnectionId("c1");

  /** A worker that only takes. */
  private static final class Hands implements Line.Taker {
    final List<Line.Handout> taken = new ArrayList<>();

    @Override
    public void take(Line.Handout handout) {
      taken.add(handout);
    }
  }

  private final List<Work> aside = new ArrayList<>();

  private Line line(int handouts) {
    Line line = new Line(WorkQueue.named("q").handouts(handouts).onSetAside(aside::add));
    for (String order : List.of("a", "b")) {
      String record = "{\"event\":\"message\",\"frame\":{\"data\":\"" + order + "\"}}";
      assertThat(line.message(CLIENT, record, false)).isEqualTo(Line.Taking.TAKEN);
    }
    return line;
  }

  private static Hands join(Line line) {
    Hands hands = new Hands();
    assertThat(line.join(hands, Optional.empty())).isTrue();
    return hands;
  }

  private static long later(Duration time) {
    return System.nanoTime() + time.toNanos();
  }

  @Test
  void record_of_lost_workers_comes_at_once_the_first_time_and_then_rests() {
    Line line = line(20);
    Hands first = join(line);
    Hands second = join(line);
    line.gone(first.taken.isEmpty() ? second : first);
    Hands other = first.taken.isEmpty() ? first : second;
    assertThat(other.taken).hasSize(1);
    assertThat(other.taken.get(0).handouts()).isEqualTo(2);
    Hands third = join(line);
    line.gone(other);
    assertThat(third.taken).isEmpty();
    line.look(later(Duration.ofSeconds(1)));
    assertThat(third.taken).hasSize(1);
    assertThat(third.taken.get(0).handouts()).isEqualTo(3);
  }

  @Test
  void record_that_kills_its_workers_is_set_aside_and_what_came_later_goes_on() {
    Line line = line(3);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Hands dies = join(line);
      line.look(later(Duration.ofSeconds(1)));
      ids.add(dies.taken.get(0).id());
      line.gone(dies);
    }
    assertThat(ids).containsOnly(ids.get(0)).hasSize(3);
    assertThat(aside).hasSize(1);
    assertThat(aside.get(0).id()).isEqualTo(ids.get(0));
    assertThat(aside.get(0).text()).contains("a");
    assertThat(aside.get(0).handouts()).isEqualTo(3);
    assertThat(line.counters().setAside()).isEqualTo(1);
    assertThat(line.counters().waiting()).isEqualTo(1);
    Hands lives = join(line);
    assertThat(lives.taken).hasSize(1);
    assertThat(lives.taken.get(0).json()).contains("\"b\"");
    assertThat(lives.taken.get(0).id()).isNotEqualTo(ids.get(0));
    assertThat(line.done(lives, lives.taken.get(0).key())).isTrue();
    assertThat(line.counters().waitingBytes()).isZero();
  }

  /** A worker that does what it is told, and remembers the last of each connection. */
  private static final class Hand implements Line.Taker {
    final Deque<Line.Handout> has = new ArrayDeque<>();

    @Override
    public void take(Line.Handout handout) {
      has.addLast(handout);
    }
  }

  /** Acknowledges the oldest, which has to be the next of its connection. */
  private static boolean finishes(Line line, Hand hand, Map<ConnectionId, Integer> done) {
    Line.Handout oldest = hand.has.pollFirst();
    if (oldest == null || !line.done(hand, oldest.key())) {
      return false;
    }
    int number = done.merge(oldest.connection(), 1, Integer::sum);
    assertThat(oldest.json()).isEqualTo("{\"event\":\"" + number + "\"}");
    return true;
  }

  @ParameterizedTest
  @EnumSource(WorkQueue.Acknowledgement.class)
  void whatever_workers_do_every_record_is_done_once_and_in_order(
      WorkQueue.Acknowledgement acknowledgement) {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Line line = new Line(WorkQueue.named("q")
          .acknowledged(acknowledgement)
          .window(3)
          .handouts(1_000_000)
          .capacity(10_000));
      List<Hand> hands = new ArrayList<>();
      Map<ConnectionId, Integer> said = new HashMap<>();
      Map<ConnectionId, Integer> done = new HashMap<>();
      long now = System.nanoTime();
      for (int step = 0; step < 300; step++) {
        int what = random.nextInt(20);
        Hand hand = hands.isEmpty() ? null : hands.get(random.nextInt(hands.size()));
        if (what < 8) {
          ConnectionId client = new ConnectionId("c" + random.nextInt(12));
          int number = said.merge(client, 1, Integer::sum);
          assertThat(line.message(client, "{\"event\":\"" + number + "\"}", false))
              .isEqualTo(Line.Taking.TAKEN);
        } else if (what == 8 && hands.size() < 5) {
          Hand fresh = new Hand();
          hands.add(fresh);
          line.join(fresh, Optional.of(1 + random.nextInt(3)));
        } else if (what == 9 && hand != null) {
          hands.remove(hand);
          line.gone(hand);
        } else if (what == 10 && hand != null) {
          // May finish what it has, and comes back.
          line.leave(hand);
          if (random.nextBoolean()) {
            line.join(hand, Optional.empty());
          }
        } else if (what == 11) {
          now += Duration.ofSeconds(random.nextInt(40)).toNanos();
          line.look(now);
        } else if (what == 12 && hand != null && !hand.has.isEmpty()) {
          line.failed(hand, hand.has.removeLast().key(), now);
        } else if (hand != null) {
          finishes(line, hand, done);
        }
      }
      if (line.counters().workers() == 0) {
        Hand last = new Hand();
        hands.add(last);
        line.join(last, Optional.empty());
      }
      // Those that are there do all that is left: nobody comes any more who would be looked for.
      for (int quiet = 0; quiet < 3; quiet++) {
        for (Hand each : hands) {
          while (!each.has.isEmpty()) {
            finishes(line, each, done);
            quiet = 0;
          }
        }
        // What rests comes back.
        now += Duration.ofSeconds(29).toNanos();
        line.look(now);
      }
      assertThat(done).as("seed " + seed).isEqualTo(said);
      assertThat(line.counters().waiting()).isZero();
      assertThat(line.counters().inFlight()).isZero();
      assertThat(line.counters().waitingBytes()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(WorkQueue.Acknowledgement.class)
  void what_waits_for_a_busy_worker_costs_those_of_others_nothing(
      WorkQueue.Acknowledgement acknowledgement) {
    // Whatever happened, all that waited for a worker of its own was looked at: with 10,000
    // connections 5 seconds of processor time for these 10,000 messages.
    int clients = 10_000;
    Line line = new Line(WorkQueue.named("q")
        .acknowledged(acknowledgement)
        .window(1)
        .capacity(2 * clients)
        .capacityBytes(1L << 30));
    Hand busy = new Hand();
    line.join(busy, Optional.empty());
    line.join(new Hand(), Optional.empty());
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long begin = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < clients; i++) {
      line.message(new ConnectionId("c" + i), "{}", false);
    }
    while (!busy.has.isEmpty()) {
      line.done(busy, busy.has.removeFirst().key());
    }
    assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - begin))
        .isLessThan(Duration.ofSeconds(2));
    assertThat(line.counters().acknowledged()).isGreaterThan(clients / 4);
  }

  @Test
  void worker_that_leaves_hands_on_what_waits_for_it() {
    Line line = new Line(
        WorkQueue.named("q").acknowledged(WorkQueue.Acknowledgement.BY_DELIVERY).window(1));
    Hand one = new Hand();
    Hand two = new Hand();
    line.join(one, Optional.empty());
    line.join(two, Optional.empty());
    for (int i = 0; i < 50; i++) {
      line.message(new ConnectionId("c" + i), "{}", false);
    }
    assertThat(line.done(one, one.has.getFirst().key())).isTrue();
    line.leave(one);
    for (int i = 0; i < 100 && !two.has.isEmpty(); i++) {
      line.done(two, two.has.removeFirst().key());
    }
    // All but what the one that left still has.
    assertThat(line.counters().acknowledged()).isEqualTo(49);
    assertThat(line.counters().waiting()).isZero();
  }

  private static Line byDelivery(int window) {
    return new Line(WorkQueue.named("q")
        .acknowledged(WorkQueue.Acknowledgement.BY_DELIVERY)
        .window(window)
        .capacity(10_000));
  }

  private static Hand comes(Line line) {
    Hand hand = new Hand();
    assertThat(line.join(hand, Optional.empty())).isTrue();
    return hand;
  }

  private static void says(Line line, ConnectionId connection) {
    assertThat(line.message(connection, "{}", false)).isEqualTo(Line.Taking.TAKEN);
  }

  /** Ids as connections have them. */
  private static List<ConnectionId> connections(int count) {
    Random random = new Random(2);
    List<ConnectionId> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] id = new byte[12];
      random.nextBytes(id);
      all.add(new ConnectionId(Base64.getUrlEncoder().withoutPadding().encodeToString(id)));
    }
    return all;
  }

  /** Has these workers do all there is; says who did what of each connection, which has to be one of them. */
  private static Map<ConnectionId, Hand> done(Line line, List<Hand> hands) {
    Map<ConnectionId, Hand> by = new HashMap<>();
    for (boolean some = true; some; ) {
      some = false;
      for (Hand hand : hands) {
        while (!hand.has.isEmpty()) {
          Line.Handout next = hand.has.removeFirst();
          assertThat(by.put(next.connection(), hand)).isIn(null, hand);
          assertThat(line.done(hand, next.key())).isTrue();
          some = true;
        }
      }
    }
    assertThat(line.counters().waiting()).isZero();
    return by;
  }

  private static long share(Map<ConnectionId, Hand> by, Hand hand) {
    return by.values().stream().filter(hand::equals).count();
  }

  @Test
  void where_connections_have_a_worker_of_their_own_each_worker_has_about_as_many() {
    Line line = byDelivery(1_000);
    List<Hand> hands = List.of(comes(line), comes(line), comes(line), comes(line));
    List<ConnectionId> connections = connections(1_000);
    connections.forEach(connection -> says(line, connection));
    Map<ConnectionId, Hand> by = done(line, hands);
    for (Hand hand : hands) {
      assertThat(share(by, hand)).isBetween(150L, 350L);
    }
    // Whose a connection is stays so.
    connections.forEach(connection -> says(line, connection));
    assertThat(done(line, hands)).isEqualTo(by);
  }

  @Test
  void worker_that_comes_takes_its_share_of_what_waits_and_nothing_else_moves() {
    Line line = byDelivery(1);
    List<Hand> hands = new ArrayList<>(List.of(comes(line), comes(line), comes(line)));
    List<ConnectionId> connections = connections(1_000);
    Map<ConnectionId, Hand> before = new HashMap<>();
    for (ConnectionId connection : connections) {
      says(line, connection);
      before.putAll(done(line, hands));
    }
    // Each has one now, and the others wait for theirs.
    connections.forEach(connection -> says(line, connection));
    assertThat(hands).allMatch(hand -> hand.has.size() == 1);
    Hand fourth = comes(line);
    hands.add(fourth);
    Map<ConnectionId, Hand> after = done(line, hands);
    assertThat(after).hasSize(1_000);
    assertThat(share(after, fourth)).isBetween(150L, 350L);
    after.forEach((connection, hand) ->
        assertThat(hand).as("whose %s is", connection).isIn(before.get(connection), fourth));
  }

  @Test
  void every_worker_gets_about_as_many_connections_as_the_others() {
    Random random = new Random(1);
    for (int workers = 2; workers <= 8; workers++) {
      int[] shares = new int[workers];
      for (int i = 0; i < 10_000; i++) {
        byte[] id = new byte[12];
        random.nextBytes(id);
        ConnectionId connection =
            new ConnectionId(Base64.getUrlEncoder().withoutPadding().encodeToString(id));
        int most = 0;
        for (int number = 1; number < workers; number++) {
          if (Stations.weight(connection, number) > Stations.weight(connection, most)) {
            most = number;
          }
        }
        shares[most]++;
      }
      int even = 10_000 / workers;
      for (int share : shares) {
        assertThat(share).as("of %s workers", workers).isBetween(even * 6 / 10, even * 14 / 10);
      }
    }
  }
}
