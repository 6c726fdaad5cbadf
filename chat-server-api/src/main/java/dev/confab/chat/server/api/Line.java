package dev.confab.chat.server.api;

import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Json;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The records of a queue: a lane for each connection, of which at most one record is with a worker. Any thread; its lock is a leaf:
 * workers are handed what was decided under it once it is released.
 */
final class Line {
  /** Who takes records. */
  interface Taker {
    /** Takes a record to its worker; never blocks. */
    void take(Handout handout);
  }

  private enum Kind {
    HANDSHAKE,
    MESSAGE,
    CLOSE
  }

  /** What became of a message that came. */
  enum Taking {
    TAKEN,
    FULL,
    /** Nothing is known of its connection: it did not come through the queue's acceptor, or is gone. */
    NOT_FOLLOWED
  }

  /** What has to be worked on. */
  private static final class Task {
    final Kind kind;
    final String json;

    /** Its own, whoever is handed it and however often. */
    final String id = UUID.randomUUID().toString();

    int handouts;

    Task(Kind kind, String json) {
      this.kind = kind;
      this.json = json;
    }

    int bytes() {
      return 2 * json.length();
    }
  }

  /**
   * One record with one worker.
   *
   * @param key by which it is acknowledged, once
   * @param id of the record, the same with every handout
   * @param json the record
   * @param handouts how often it was handed out, this time included
   */
  record Handout(
      Line line, String key, String id, ConnectionId connection, String json, int handouts) {}

  private static final class Lane {
    final ConnectionId connection;
    final boolean followed;
    final Deque<Task> waiting = new ArrayDeque<>(4);
    int messages;
    boolean closed;

    /** What a worker has; null if none has any. */
    @Nullable
    Held held;

    /** Who had the last record and did not see it through. */
    @Nullable
    Taker avoided;

    /** Where a connection has a worker of its own: which it is; null if there is none. */
    @Nullable
    Station home;

    /** Why it is that one: the highest of all workers. */
    int weight;

    /** Which change of the workers this was decided after. */
    int decided;

    Lane(ConnectionId connection, boolean followed) {
      this.connection = connection;
      this.followed = followed;
    }
  }

  /** A record with a worker. */
  private record Held(String key, Lane lane, Task work, Station station, long since) {}

  /** Lanes whose next record may be handed out, those first whose last was handed out in vain. */
  private static final class Ready {
    final Set<Lane> again = new LinkedHashSet<>();
    final Set<Lane> others = new LinkedHashSet<>();

    boolean isEmpty() {
      return again.isEmpty() && others.isEmpty();
    }

    /** Takes the first out. */
    Lane poll() {
      Iterator<Lane> lanes = (again.isEmpty() ? others : again).iterator();
      Lane first = lanes.next();
      lanes.remove();
      return first;
    }
  }

  /** A worker. */
  private static final class Station {
    /** Who has least first. */
    static final Comparator<Station> LEAST =
        Comparator.<Station>comparingInt(each -> each.has).thenComparingInt(each -> each.number);

    final Taker taker;
    final int window;
    final int number;
    /** Where a connection has a worker of its own: what waits for this one. */
    final Ready ready = new Ready();

    int has;

    /** True after it let a record's time run out, until it settles something: it gets no more. */
    boolean late;

    Station(Taker taker, int window, int number) {
      this.taker = taker;
      this.window = window;
      this.number = number;
    }

    boolean hasRoom() {
      return has < window && !late;
    }
  }

  private static final Logger LOGGER = System.getLogger(WorkQueue.class.getName());
  private static final long FIRST_REST_MILLIS = 100;
  private static final long LONGEST_REST_MILLIS = 30_000;

  private final String name;
  private final boolean byDelivery;
  private final int capacity;
  private final long capacityBytes;
  private final int perConnection;
  private final long withinNanos;
  private final int window;
  private final int mostHandouts;
  private final Consumer<Work> onSetAside;

  // All below guarded by this.
  private final Map<ConnectionId, Lane> lanes = new HashMap<>();

  /** What waits for any worker; where a connection has one of its own, only as long as there is none at all. */
  private final Ready ready = new Ready();

  /** Workers with room. */
  private final TreeSet<Station> roomy = new TreeSet<>(Station.LEAST);

  /** Where a connection has a worker of its own: those for whom there may be something to hand out. */
  private final Set<Station> moved = new LinkedHashSet<>();

  /** How often workers came or went. */
  private int changes;

  /** Lanes whose next record was handed out in vain and waits a moment, by when. */
  private final TreeMap<Long, Lane> resting = new TreeMap<>();

  /** By key, oldest first. */
  private final Map<String, Held> held = new LinkedHashMap<>();

  private final Map<Taker, Station> stations = new LinkedHashMap<>();
  private int messages;
  private int messagesHeld;
  private long bytes;
  private long keys;
  private int stationNumbers;
  private long taken;
  private long acknowledged;
  private long redelivered;
  private long refused;
  private long setAside;

  Line(WorkQueue.Builder settings) {
    name = settings.name;
    byDelivery = settings.acknowledgement == WorkQueue.Acknowledgement.BY_DELIVERY;
    capacity = settings.capacity;
    capacityBytes = settings.capacityBytes;
    perConnection = settings.perConnection;
    withinNanos = settings.within.toNanos();
    window = settings.window;
    mostHandouts = settings.handouts;
    onSetAside = settings.onSetAside;
  }

  // What clients do.

  /** A connection came. */
  void opened(ConnectionId connection, String json) {
    List<Runnable> handing;
    synchronized (this) {
      Lane lane = new Lane(connection, true);
      lanes.put(connection, lane);
      handing = add(lane, new Task(Kind.HANDSHAKE, json));
    }
    handing.forEach(Runnable::run);
  }

  /**
   * A message came.
   *
   * @param followed whether connections that are not known are not taken from
   */
  Taking message(ConnectionId connection, String json, boolean followed) {
    List<Runnable> handing;
    synchronized (this) {
      Task work = new Task(Kind.MESSAGE, json);
      Lane lane = lanes.get(connection);
      if (lane == null ? followed : lane.closed) {
        return Taking.NOT_FOLLOWED;
      }
      if (messages >= capacity
          || (messages > 0 && bytes + work.bytes() > capacityBytes)
          || (lane != null && lane.messages >= perConnection)) {
        refused++;
        return Taking.FULL;
      }
      if (lane == null) {
        lane = new Lane(connection, false);
        lanes.put(connection, lane);
      }
      lane.messages++;
      messages++;
      bytes += work.bytes();
      taken++;
      handing = add(lane, work);
    }
    handing.forEach(Runnable::run);
    return Taking.TAKEN;
  }

  /** A connection ended; nothing of it comes any more. */
  void closed(ConnectionId connection, String json) {
    List<Runnable> handing;
    synchronized (this) {
      Lane lane = lanes.get(connection);
      if (lane == null || lane.closed) {
        return;
      }
      lane.closed = true;
      Task first = lane.waiting.peekFirst();
      if (lane.held == null
          && lane.waiting.size() == 1
          && first != null
          && first.kind == Kind.HANDSHAKE
          && first.handouts == 0) {
        // No worker has heard of it and it did nothing: there is nothing to tell.
        readyOf(lane).others.remove(lane);
        lanes.remove(connection);
        return;
      }
      handing = add(lane, new Task(Kind.CLOSE, json));
    }
    handing.forEach(Runnable::run);
  }

  /** Called under the lock. */
  private List<Runnable> add(Lane lane, Task work) {
    lane.waiting.addLast(work);
    if (lane.held == null && lane.waiting.size() == 1) {
      ready(lane, false);
    }
    return assign();
  }

  /**
   * The next record of a lane may be handed out. Called under the lock.
   *
   * @param again whether that was done in vain before
   */
  private void ready(Lane lane, boolean again) {
    if (byDelivery && (lane.home == null || lane.decided != changes)) {
      decide(lane);
    }
    Ready where = readyOf(lane);
    (again ? where.again : where.others).add(lane);
    if (lane.home != null) {
      moved.add(lane.home);
    }
  }

  /** Where it waits, if it does. */
  private Ready readyOf(Lane lane) {
    Station home = lane.home;
    return home == null ? ready : home.ready;
  }

  // What workers do.

  /**
   * A worker takes from now on.
   *
   * @param most how many records it wants at once
   * @return false if it does already
   */
  boolean join(Taker taker, Optional<Integer> most) {
    List<Runnable> handing;
    synchronized (this) {
      if (stations.containsKey(taker)) {
        return false;
      }
      Station station = new Station(taker, Math.min(window, most.orElse(window)), stationNumbers++);
      stations.put(taker, station);
      came(station);
      handing = assign();
    }
    handing.forEach(Runnable::run);
    return true;
  }

  /** A worker gets no more; what it has it may still acknowledge. False if it took none. */
  boolean leave(Taker taker) {
    List<Runnable> handing;
    synchronized (this) {
      if (!remove(taker)) {
        return false;
      }
      // What waited for it waits for another now.
      handing = assign();
    }
    handing.forEach(Runnable::run);
    return true;
  }

  /** Called under the lock. */
  private boolean remove(Taker taker) {
    Station station = stations.remove(taker);
    if (station != null) {
      went(station);
    }
    return station != null;
  }

  /** A worker is gone, and with it what it had. */
  void gone(Taker taker) {
    List<Runnable> handing = new ArrayList<>();
    synchronized (this) {
      remove(taker);
      long now = System.nanoTime();
      for (Held each : new ArrayList<>(held.values())) {
        if (each.station().taker == taker) {
          giveBack(each, now, false, handing);
        }
      }
      handing.addAll(assign());
    }
    handing.forEach(Runnable::run);
  }

  /** The worker has done a record; false if it does not have it (any more). */
  boolean done(Taker taker, String key) {
    List<Runnable> handing;
    boolean had;
    synchronized (this) {
      settles(taker);
      Held mine = held.get(key);
      had = mine != null && mine.station().taker == taker;
      if (mine != null && had) {
        acknowledged++;
        finish(mine);
      }
      handing = assign();
    }
    handing.forEach(Runnable::run);
    return had;
  }

  /** Nobody is handed this record any more. Called under the lock. */
  private void finish(Held each) {
    takeFrom(each);
    Lane lane = each.lane();
    lane.avoided = null;
    if (each.work().kind == Kind.MESSAGE) {
      lane.messages--;
      messages--;
      messagesHeld--;
      bytes -= each.work().bytes();
    }
    if (!lane.waiting.isEmpty()) {
      ready(lane, false);
    } else if (lane.closed || !lane.followed) {
      lanes.remove(lane.connection);
    }
  }

  /** A worker said what became of a record, be it too late: it works, then. Called under the lock. */
  private void settles(Taker taker) {
    Station station = stations.get(taker);
    if (station != null && station.late) {
      station.late = false;
      roomFor(station);
    }
  }

  /** Its worker has it no more. Called under the lock. */
  private void takeFrom(Held each) {
    held.remove(each.key());
    each.lane().held = null;
    Station station = each.station();
    roomy.remove(station);
    station.has--;
    roomFor(station);
  }

  /** A worker may have room. Called under the lock; it stands nowhere by what it had before. */
  private void roomFor(Station station) {
    if (station.hasRoom() && stations.get(station.taker) == station) {
      roomy.add(station);
      moved.add(station);
    }
  }

  /** The worker could not do a record; it is handed out again after a moment, longer each time. False as for {@link #done}. */
  boolean failed(Taker taker, String key, long now) {
    List<Runnable> handing = new ArrayList<>();
    boolean had;
    synchronized (this) {
      settles(taker);
      Held mine = held.get(key);
      had = mine != null && mine.station().taker == taker;
      if (mine != null && had) {
        giveBack(mine, now, true, handing);
      }
      handing.addAll(assign());
    }
    handing.forEach(Runnable::run);
    return had;
  }

  /** Looks for records whose time has run out and for those that have rested. */
  void look(long now) {
    List<Runnable> handing = new ArrayList<>();
    synchronized (this) {
      while (!held.isEmpty()) {
        Held oldest = held.values().iterator().next();
        if (now - oldest.since() < withinNanos) {
          break;
        }
        roomy.remove(oldest.station());
        oldest.station().late = true;
        giveBack(oldest, now, false, handing);
      }
      while (!resting.isEmpty() && resting.firstKey() - now <= 0) {
        ready(resting.pollFirstEntry().getValue(), true);
      }
      handing.addAll(assign());
    }
    handing.forEach(Runnable::run);
  }

  /**
   * Puts a record back before all others of its connection, or aside if it was handed out often enough. Called under the lock.
   *
   * @param failed whether its worker could not do it; it rests in any case after the second time
   * @param handing gets what is to run outside
   */
  private void giveBack(Held each, long now, boolean failed, List<Runnable> handing) {
    Task work = each.work();
    if (work.handouts >= mostHandouts) {
      setAside++;
      finish(each);
      handing.add(() -> setAside(each.lane().connection, work));
      return;
    }
    takeFrom(each);
    redelivered++;
    Lane lane = each.lane();
    lane.avoided = each.station().taker;
    lane.waiting.addFirst(work);
    if (work.kind == Kind.MESSAGE) {
      messagesHeld--;
    }
    if (!failed && work.handouts == 1) {
      ready(lane, true);
      return;
    }
    long place = now + rest(work.handouts);
    while (resting.containsKey(place)) {
      place++;
    }
    resting.put(place, lane);
  }

  /** Nanoseconds; not the same for all, so that what a worker died with does not meet what it died of each time. */
  private static long rest(int handouts) {
    long most =
        1_000_000 * Math.min(LONGEST_REST_MILLIS, FIRST_REST_MILLIS << Math.min(10, handouts - 1));
    return most / 2 + ThreadLocalRandom.current().nextLong(most / 2);
  }

  /** Tells the host of a record that nobody could do; outside the lock. */
  private void setAside(ConnectionId connection, Task work) {
    LOGGER.log(
        Level.WARNING,
        "queue " + name + ": record " + work.id + " of connection " + connection
            + " is set aside, handed out " + work.handouts + " times in vain");
    try {
      onSetAside.accept(Work.of(work.id, name, connection, Json.parse(work.json), work.handouts));
    } catch (RuntimeException | Error bug) {
      ServerApi.report(bug);
    }
  }

  /** Hands out what can be; called under the lock, what it gives runs outside. Looks at nothing that stays where it is. */
  private List<Runnable> assign() {
    List<Runnable> handing = new ArrayList<>();
    if (byDelivery) {
      for (Station station : moved) {
        while (station.hasRoom() && !station.ready.isEmpty()) {
          handing.add(hand(station.ready.poll(), station));
        }
      }
    } else {
      while (!roomy.isEmpty() && !ready.isEmpty()) {
        Lane lane = ready.poll();
        handing.add(hand(lane, best(lane)));
      }
    }
    moved.clear();
    return handing;
  }

  /** Called under the lock; what it gives runs outside. */
  private Runnable hand(Lane lane, Station station) {
    Task work = lane.waiting.removeFirst();
    work.handouts++;
    String key = Long.toString(++keys, 36);
    Held now = new Held(key, lane, work, station, System.nanoTime());
    lane.held = now;
    held.put(key, now);
    roomy.remove(station);
    station.has++;
    if (station.hasRoom()) {
      roomy.add(station);
    }
    if (work.kind == Kind.MESSAGE) {
      messagesHeld++;
    }
    Handout handout = new Handout(this, key, work.id, lane.connection, work.json, work.handouts);
    return () -> station.taker.take(handout);
  }

  /** Of those with room, of which there is one, the one that has least, and not who had it in vain if there is another. */
  private Station best(Lane lane) {
    Station least = roomy.first();
    Station next = least.taker == lane.avoided ? roomy.higher(least) : null;
    return next == null ? least : next;
  }

  /** A worker came; what waits for another and is its own now waits for it. Called under the lock. */
  private void came(Station station) {
    changes++;
    roomFor(station);
    if (byDelivery) {
      for (Station other : stations.values()) {
        if (other != station) {
          attract(other.ready.again, station, station.ready.again);
          attract(other.ready.others, station, station.ready.others);
        }
      }
      attract(ready.again, station, station.ready.again);
      attract(ready.others, station, station.ready.others);
    }
  }

  private static void attract(Set<Lane> from, Station station, Set<Lane> to) {
    Iterator<Lane> lanes = from.iterator();
    while (lanes.hasNext()) {
      Lane lane = lanes.next();
      int weight = weight(lane, station);
      if (lane.home == null || weight > lane.weight) {
        lane.home = station;
        lane.weight = weight;
        lanes.remove();
        to.add(lane);
      }
    }
  }

  /** A worker went; what waited for it waits for others, if there are any. Called under the lock. */
  private void went(Station station) {
    changes++;
    roomy.remove(station);
    Set<Lane> again = Set.copyOf(station.ready.again);
    List<Lane> waited = new ArrayList<>(station.ready.again);
    waited.addAll(station.ready.others);
    for (Lane lane : waited) {
      lane.home = null;
      ready(lane, again.contains(lane));
    }
  }

  /** Whose a connection is: always the same as long as the workers are the same. Called under the lock. */
  private void decide(Lane lane) {
    lane.home = null;
    lane.decided = changes;
    for (Station station : stations.values()) {
      int weight = weight(lane, station);
      if (lane.home == null || weight > lane.weight) {
        lane.home = station;
        lane.weight = weight;
      }
    }
  }

  private static int weight(Lane lane, Station station) {
    return weight(lane.connection, station.number);
  }

  /** Any number, as good as drawn: each worker gets about as many connections as the others. */
  static int weight(ConnectionId connection, int number) {
    // The last step of MurmurHash3: every bit of what is given changes half of the bits.
    int hash = connection.value().hashCode() ^ (number * 0x9E3779B9);
    hash = (hash ^ (hash >>> 16)) * 0x85EBCA6B;
    hash = (hash ^ (hash >>> 13)) * 0xC2B2AE35;
    return hash ^ (hash >>> 16);
  }

  synchronized WorkQueue.Counters counters() {
    return new WorkQueue.Counters(
        messages - messagesHeld,
        bytes,
        held.size(),
        stations.size(),
        taken,
        acknowledged,
        redelivered,
        refused,
        setAside);
  }
}
