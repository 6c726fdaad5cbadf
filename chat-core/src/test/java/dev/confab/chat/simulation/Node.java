package dev.confab.chat.simulation;

import dev.confab.chat.internal.dialect.Dialects;
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
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Backplane;
import dev.confab.chat.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One engine, with threads and a clock that only the simulation moves, and a host that follows a room. */
final class Node implements Threads, Backplane {
  /** What the largest thing said weighs. */
  private static final long LARGEST = 8_000;

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
  private boolean closing;
  private boolean closed;
  private boolean ended;
  private boolean hasTime;
  private final FaultyStore store;

  private @Nullable HostFollower host;
  private Cursor hostSaw = Cursor.START;
  private long hostTrimmedTo;

  Node(Simulation simulation, String name, Plan plan, long seed) {
    this.simulation = simulation;
    this.name = name;
    pumps = new Worker(name + " pumps", 2, false);
    doors = new Worker(name + " doors", 8, false);
    journal = new Worker(name + " journal", 1, true);
    waiting = new Worker(name + " held", 2, false);
    readers = new Worker(name + " readers", plan.limits().readers(), false);
    listeners = new Worker(name + " listeners", 1, true);
    store = new FaultyStore(simulation.ledger(), simulation);
    engine = new Engine(
        new Settings(
            this::authenticate,
            (who, what, where) -> {
              called("the application is asked");
              simulation.meanwhile();
            },
            Map.of(),
            List.of(),
            List.of(),
            List.of(happening -> {
              called("a listener is told");
              simulation.meanwhile();
            }),
            Map.of(),
            Set.of(),
            store,
            !plan.calm(),
            this,
            plan.limits(),
            Optional.empty(),
            Dialects.builtIn()),
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
    called("a follower of the host is told");
    simulation.meanwhile();
    if (simulation.faultHappens()) {
      throw new IllegalStateException("the host does not feel like it");
    }
    ChannelName room = Simulation.HOST_FOLLOWS;
    Ledger ledger = simulation.ledger();
    if (told instanceof HostFollower.Told.Recorded recorded) {
      Cursor place = recorded.entry().cursor();
      boolean next = hostTrimmedTo > 0
          ? place.seq() == hostTrimmedTo + 1
          : ledger.follows(room, hostSaw, place);
      if (!next) {
        boolean anotherPast = ledger.wasLost(room, hostSaw);
        simulation.violated(
            anotherPast ? Rule.RESET_BEFORE_ANOTHER_PAST : Rule.READER_SEES_THE_LOG,
            "the host of " + name + " saw " + place + " behind " + hostSaw);
      }
      if (ledger.ever(room, place).isEmpty()) {
        simulation.violated(Rule.ONLY_WHAT_IS_COMMITTED, "the host of " + name + " saw " + place);
      }
      hostSaw = place;
      hostTrimmedTo = 0;
    } else if (told instanceof HostFollower.Told.Trimmed trimmed) {
      if (trimmed.range().to() > ledger.everFloor(room)
          || trimmed.range().from() > Math.max(hostSaw.seq(), hostTrimmedTo) + 1) {
        simulation.violated(Rule.TRIMMED_IS_TRUE, "the host was told of " + trimmed);
      }
      hostTrimmedTo = trimmed.range().to();
    } else if (told instanceof HostFollower.Told.Reset reset) {
      boolean may =
          ledger.wasLost(room, hostSaw) || (hostTrimmedTo > 0 && ledger.trimsUndone(room));
      if (!may) {
        simulation.violated(Rule.NO_FALSE_RESET, "the host was told of " + told);
      }
      simulation.count("resets told");
      hostSaw = reset.head().cursor();
      hostTrimmedTo = 0;
    }
  }

  private Identity authenticate(Credentials credentials) {
    called("the authenticator is asked");
    simulation.meanwhile();
    if (credentials instanceof Credentials.Password password
        && password.password().equals("secret")) {
      return Identity.of(password.name(), password.name());
    }
    throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
  }

  FaultyStore store() {
    return store;
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
    workers().forEach(worker -> worker.shutdown(false));
    workers().forEach(Worker::end);
  }

  /** Closes the chat; everything else goes on meanwhile. */
  void close(Duration within, boolean idle) {
    closing = true;
    hasTime = idle;
    engine.close(within);
    closed = true;
    if (idle) {
      String left = leaks();
      if (!left.isEmpty()) {
        simulation.violated(Rule.NOTHING_LEAKS, name + " has closed: " + left);
      }
    }
  }

  boolean isClosing() {
    return closing;
  }

  boolean isClosed() {
    return closed;
  }

  /** True if it was given time enough to close, and nothing keeps it from using it. */
  boolean hasTime() {
    return hasTime;
  }

  /** Somebody foreign is called. */
  void called(String what) {
    if (closed) {
      simulation.violated(Rule.SILENT_ONCE_CLOSED, "by " + name + ", which has closed, " + what);
    }
  }

  List<Worker> workers() {
    return List.of(pumps, doors, journal, waiting, readers, listeners);
  }

  Worker slowest(int which) {
    return switch (which) {
      case 0 -> journal;
      case 1 -> readers;
      case 2 -> doors;
      case 3 -> waiting;
      case 4 -> listeners;
      default -> pumps;
    };
  }

  /** Why it has not come to rest; null if it has. */
  @Nullable
  String restless() {
    long head = simulation.ledger().head(Simulation.HOST_FOLLOWS);
    boolean all = Math.max(hostSaw.seq(), hostTrimmedTo) == head
        && (hostTrimmedTo > 0
            || hostSaw.seq() < simulation.ledger().everFloor(Simulation.HOST_FOLLOWS)
            || simulation.ledger().isInTheLog(Simulation.HOST_FOLLOWS, hostSaw));
    if (host != null && !all) {
      return "the host of " + name + " has only seen " + hostSaw;
    }
    return null;
  }

  /** Holds it against its bounds. */
  void checkBounds() {
    Limits limits = simulation.plan().limits();
    JournalCounters journaled = engine.journal().counters();
    bound("drafts", journaled.drafts(), Math.max(limits.journalDrafts(), 2));
    bound("draft bytes", journaled.bytes(), Math.max(limits.journalBytes(), 2 * LARGEST));
    // What a page of 256 entries takes beside its data, and one entry that is always given.
    long page = limits.pageBytes() + 65_536L + LARGEST;
    bound("page bytes", engine.reads().pageBytes(), Math.max(limits.pagesBytes(), page) + page);
    bound("tail bytes", engine.hub().counters().tailBytes(), limits.tailsBytes());
    int links = simulation.links();
    bound("tasks of pumps", pumps.waiting(), 2L * links + 40);
    bound("tasks of readers", readers.waiting(), 8L * links + 40);
  }

  private void bound(String what, long found, long most) {
    if (found > most) {
      simulation.violated(
          Rule.BOUNDS_HOLD, name + " has " + found + " " + what + " and may have " + most);
    }
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
    leak(leaks, "questions in line", engine.reads().inLine());
    if (!closing || host == null) {
      // A follower of the host that was not ended may hold a page.
      leak(leaks, "page bytes", engine.reads().pageBytes());
      leak(leaks, "questions", engine.reads().isIdle() ? 0 : 1);
    }
    leak(leaks, "drafts", journaled.drafts());
    leak(leaks, "draft bytes", journaled.bytes());
    leak(leaks, "lanes", journaled.lanes());
    if (!closing) {
      leak(leaks, "channels", hub.channels());
      leak(leaks, "tail bytes", hub.tailBytes());
    }
    // The host's own is ended by nobody but the host.
    long hosts = closing && host != null ? 1 : 0;
    leak(leaks, "followers", hub.live() + hub.catchingUp() - hosts);
    leak(leaks, "clients that wait", engine.intake().isIdle() ? 0 : 1);
    if (closing) {
      return leaks.toString();
    }
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
  public void await(BooleanSupplier condition, Duration within) {
    long deadline = time.nanos() + within.toNanos();
    while (!condition.getAsBoolean() && time.nanos() < deadline) {
      simulation.whileClosing(hasTime);
    }
  }

  @Override
  public void close(Duration patience) {
    // Alarms are forgotten; what waits in the pools still runs if there is time.
    if (simulation.plants(Planted.THREADS_LIVE_ON, 1)) {
      return;
    }
    ended = true;
    doors.shutdown(true);
    pumps.shutdown(true);
    listeners.shutdown(true);
    List.of(journal, waiting, readers).forEach(worker -> worker.shutdown(false));
    if (!patience.isZero()) {
      for (Worker worker : workers()) {
        while (worker.canRun(Long.MAX_VALUE) && simulation.random().nextInt(50) > 0) {
          simulation.run(worker);
        }
      }
    }
    workers().forEach(Worker::end);
  }

  /** True once its clock stands still. */
  boolean hasEnded() {
    return ended;
  }

  // Backplane.

  @Override
  public void open(Receiver newReceiver) {
    receiver = newReceiver;
  }

  @Override
  public void send(Envelope envelope) {
    called("the backplane is given something");
    simulation.carry(this, envelope);
  }

  void arrives(Envelope envelope) {
    arriving.addLast(envelope);
  }

  boolean hasArrivals() {
    return !dead && receiver != null && !arriving.isEmpty();
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
