package dev.confab.chat.simulation;

import dev.confab.chat.internal.engine.Engine;
import dev.confab.chat.internal.engine.Settings;
import dev.confab.chat.internal.engine.Threads;
import dev.confab.chat.internal.hub.HostFollower;
import dev.confab.chat.internal.hub.Hub;
import dev.confab.chat.internal.hub.Pin;
import dev.confab.chat.internal.journal.JournalCounters;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Backplane;
import dev.confab.chat.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One engine, with threads and a clock that only the simulation moves, and a host that follows a room. */
final class Node implements Threads, Backplane {
  private final Simulation simulation;
  private final String name;
  private final VirtualTime time = new VirtualTime();
  private final Worker pumps;
  private final Worker doors;
  private final Worker journal;
  private final Worker waiting;
  private final Worker readers;
  private final Worker listeners;
  private final Engine engine;
  private @Nullable Receiver receiver;
  private final Deque<Envelope> arriving = new ArrayDeque<>();
  private boolean dead;

  private @Nullable HostFollower host;
  private Cursor hostSaw = Cursor.START;

  Node(Simulation simulation, String name, Plan plan, long seed) {
    this.simulation = simulation;
    this.name = name;
    pumps = new Worker(name + " pumps", 2, false);
    doors = new Worker(name + " doors", 8, false);
    journal = new Worker(name + " journal", 1, true);
    waiting = new Worker(name + " held", 2, false);
    readers = new Worker(name + " readers", plan.limits().readers(), false);
    listeners = new Worker(name + " listeners", 1, true);
    engine = new Engine(
        new Settings(
            this::authenticate,
            (who, what, where) -> simulation.meanwhile(),
            Map.of(),
            List.of(),
            List.of(),
            List.of(happening -> simulation.meanwhile()),
            Map.of(),
            Set.of(),
            new FaultyStore(simulation.ledger(), simulation),
            !plan.calm(),
            this,
            plan.limits()),
        this,
        new SplittableRandom(seed));
    engine.hub().pin(List.of(Simulation.HOST_FOLLOWS)).whenComplete((pins, failure) -> {
      if (failure == null && !dead) {
        follow(pins.get(0));
      }
    });
  }

  private void follow(Pin pin) {
    host = engine.hub().follow(pin, Cursor.START, doors, this::told);
  }

  private void told(HostFollower.Told told) {
    simulation.meanwhile();
    if (simulation.faultHappens()) {
      throw new IllegalStateException("the host does not feel like it");
    }
    ChannelName room = Simulation.HOST_FOLLOWS;
    if (told instanceof HostFollower.Told.Recorded recorded) {
      long seq = recorded.entry().seq();
      if (seq != hostSaw.seq() + 1) {
        simulation.violated(
            Rule.READER_SEES_THE_LOG, "the host of " + name + " saw " + seq + " behind " + hostSaw);
      }
      hostSaw = recorded.entry().cursor();
      if (seq > simulation.ledger().head(room)
          || !simulation.ledger().of(room).get((int) seq - 1).cursor().equals(hostSaw)) {
        simulation.violated(Rule.ONLY_WHAT_IS_COMMITTED, "the host of " + name + " saw " + seq);
      }
    } else if (told instanceof HostFollower.Told.Trimmed trimmed) {
      if (trimmed.range().to() > simulation.ledger().floor(room)) {
        simulation.violated(Rule.NO_FALSE_ALARM, "the host was told of " + trimmed);
      }
      long to = trimmed.range().to();
      hostSaw = simulation.ledger().of(room).get((int) to - 1).cursor();
    } else if (told instanceof HostFollower.Told.Reset reset) {
      if (hostSaw.seq() >= simulation.ledger().floor(room)) {
        simulation.violated(Rule.NO_FALSE_ALARM, "the host was told of " + told);
      }
      hostSaw = reset.head().cursor();
    }
  }

  private Identity authenticate(Credentials credentials) {
    simulation.meanwhile();
    if (credentials instanceof Credentials.Password password
        && password.password().equals("secret")) {
      return Identity.of(password.name(), password.name());
    }
    throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
  }

  Engine engine() {
    return engine;
  }

  String name() {
    return name;
  }

  VirtualTime clock() {
    return time;
  }

  boolean isDead() {
    return dead;
  }

  /** Nothing of it runs any more; what it had begun is as it is. */
  void die() {
    dead = true;
    workers().forEach(Worker::shutdown);
  }

  List<Worker> workers() {
    return List.of(pumps, doors, journal, waiting, readers, listeners);
  }

  Worker slowest(int which) {
    return which == 0 ? journal : which == 1 ? readers : which == 2 ? doors : waiting;
  }

  /** Why it has not come to rest; null if it has. */
  @Nullable
  String restless() {
    if (host != null && hostSaw.seq() < simulation.ledger().head(Simulation.HOST_FOLLOWS)) {
      return "the host of " + name + " has only seen " + hostSaw;
    }
    return null;
  }

  /** Adds how often it went where the dangers are. */
  void addTo(Map<String, Long> totals) {
    JournalCounters journaled = engine.journal().counters();
    totals.merge("recorded", journaled.recorded(), Long::sum);
    totals.merge("duplicates", journaled.duplicates(), Long::sum);
    totals.merge("lookups", journaled.lookups(), Long::sum);
    totals.merge("held", journaled.held(), Long::sum);
    totals.merge("connections", engine.intake().accepted(), Long::sum);
    totals.merge("delivered", engine.hub().counters().delivered(), Long::sum);
    totals.merge("pages", engine.reads().pages(), Long::sum);
    totals.merge("signals dropped", engine.flights().droppedSignals(), Long::sum);
    engine
        .intake()
        .refused()
        .forEach((code, count) -> totals.merge("refused " + code, count, Long::sum));
  }

  void endFollowing() {
    if (host != null) {
      host.end();
    }
  }

  /** What is left once everybody has gone; empty if nothing is. */
  String leaks() {
    StringBuilder leaks = new StringBuilder();
    Hub.Counters hub = engine.hub().counters();
    JournalCounters journaled = engine.journal().counters();
    leak(leaks, "sessions", engine.sessions().count());
    leak(leaks, "users", engine.sessions().users());
    leak(leaks, "bytes in flight", engine.flights().bytesInFlight());
    leak(leaks, "page bytes", engine.reads().pageBytes());
    leak(leaks, "questions in line", engine.reads().inLine());
    leak(leaks, "questions", engine.reads().isIdle() ? 0 : 1);
    leak(leaks, "drafts", journaled.drafts());
    leak(leaks, "draft bytes", journaled.bytes());
    leak(leaks, "lanes", journaled.lanes());
    leak(leaks, "channels", hub.channels());
    leak(leaks, "followers live", hub.live());
    leak(leaks, "followers catching up", hub.catchingUp());
    leak(leaks, "tail bytes", hub.tailBytes());
    leak(leaks, "clients that wait", engine.intake().isIdle() ? 0 : 1);
    // The tick and the watch.
    leak(leaks, "alarms", time.alarms() - (simulation.plan().calm() ? 1 : 2));
    for (Worker worker : workers()) {
      leak(leaks, worker.toString(), worker.waiting());
    }
    return leaks.toString();
  }

  private static void leak(StringBuilder leaks, String what, long count) {
    if (count != 0) {
      leaks.append(what).append(' ').append(count).append("; ");
    }
  }

  // Threads.

  @Override
  public Time time() {
    return time;
  }

  @Override
  public Executor pumps() {
    return pumps;
  }

  @Override
  public Executor doors() {
    return doors;
  }

  @Override
  public Executor journal() {
    return journal;
  }

  @Override
  public Executor waiting() {
    return waiting;
  }

  @Override
  public Executor readers() {
    return readers;
  }

  @Override
  public Executor listeners() {
    return listeners;
  }

  @Override
  public void close(Duration patience) {
    die();
  }

  // Backplane.

  @Override
  public void open(Receiver newReceiver) {
    receiver = newReceiver;
  }

  @Override
  public void send(Envelope envelope) {
    simulation.carry(this, envelope);
  }

  void arrives(Envelope envelope) {
    arriving.addLast(envelope);
  }

  boolean hasArrivals() {
    return !dead && !arriving.isEmpty();
  }

  void receive() {
    Envelope envelope = arriving.pollFirst();
    if (receiver != null && envelope != null) {
      receiver.received(envelope);
    }
  }

  @Override
  public void close() {
    receiver = null;
  }
}
