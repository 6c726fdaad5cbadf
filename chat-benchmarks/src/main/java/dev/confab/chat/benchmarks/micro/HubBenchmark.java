package dev.confab.chat.benchmarks.micro;

import dev.confab.chat.internal.hub.Hub;
import dev.confab.chat.internal.hub.Pin;
import dev.confab.chat.internal.hub.Reads;
import dev.confab.chat.internal.outlet.Flights;
import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.internal.session.Audiences;
import dev.confab.chat.internal.session.Happenings;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.session.Sessions;
import dev.confab.chat.internal.time.SystemTime;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Limits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What it costs to tell a commit to all who follow one room: tail, pass, followers, outlets, and connections that take
 * everything at once. One thread does it all, so hand-overs between threads are not in it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class HubBenchmark {
  /** What the clients speak. */
  @Param({"plain", "chat.v1"})
  public String dialect = "";

  /** How many follow the room. */
  @Param({"10", "100", "1000"})
  public int followers;

  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final SystemTime time = new SystemTime(Thread::new);
  private final Happenings happenings = new Happenings(List.of(), tasks::add, 1);
  private final List<Taker> connections = new ArrayList<>();
  private Hub hub = hub();
  private long seq;
  private long writtenBefore;

  /** For JMH. */
  public HubBenchmark() {}

  private Hub hub() {
    return new Hub(
        new Reads(InMemoryMessageStore.create(), tasks::add, Limits.defaults()),
        Said.DIALECTS,
        new Audiences(happenings, Optional.empty()),
        tasks::add,
        time,
        Limits.defaults());
  }

  /** A room with so many followers, all at its end. */
  @Setup
  public void prepare() {
    hub = hub();
    connections.clear();
    seq = 0;
    Limits limits = Limits.defaults();
    Flights flights = new Flights(limits);
    Sessions sessions = new Sessions(limits, happenings);
    int number = Said.dialect(dialect);
    for (int follower = 0; follower < followers; follower++) {
      Taker connection = new Taker();
      connections.add(connection);
      Session session = new Session(
          new ConnectionId("connection" + follower),
          Handshake.of("/chat", Optional.empty()),
          owner -> new Outlet(
              connection, Said.DIALECTS.get(number), owner, tasks::add, flights, limits, time),
          ended -> {},
          time.nanos(),
          time.nanos());
      Identity identity = Identity.of("user" + follower, "User");
      if (!sessions.add(session) || !sessions.login(session, identity)) {
        throw new IllegalStateException("nobody came");
      }
      var pinning = hub.pin(List.of(Said.ROOM));
      work();
      Pin pin = pinning.join().get(0);
      if (!hub.prepare(pin, session, number, identity.user(), Cursor.START, -1, 0)
          .start()) {
        throw new IllegalStateException("nobody follows");
      }
      work();
    }
    writtenBefore = writes();
  }

  /** An entry is committed, and everybody is shown it. */
  @Benchmark
  public void tellCommit() {
    Cursor before = Said.at(seq);
    seq++;
    hub.recorded(before, List.of(Said.entry(seq))).tell(true);
    work();
  }

  private void work() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private long writes() {
    return connections.stream().mapToLong(Taker::writes).sum();
  }

  /** Looks that everybody was shown everything. */
  @TearDown
  public void check() {
    time.close();
    if (writes() - writtenBefore != seq * followers) {
      throw new IllegalStateException("of " + seq + " entries for " + followers + " followers "
          + (writes() - writtenBefore) + " were written");
    }
  }
}
