package dev.confab.chat.server.api;

import dev.confab.chat.model.ConnectionId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * The workers of a queue, and the lanes that wait for one: for that of their connection where it has one of its own, else for
 * whoever has least. Guarded by its line.
 */
final class Stations {
  /** True if a connection has a worker of its own. */
  private final boolean homes;

  private final int window;
  private final Map<Line.Taker, Station> byTaker = new LinkedHashMap<>();

  /** What waits for any worker; where a connection has one of its own, only as long as there is none at all. */
  private final ReadyLanes ready = new ReadyLanes();

  /** Workers with room. */
  private final TreeSet<Station> roomy = new TreeSet<>(Station.LEAST);

  /** Where a connection has a worker of its own: those for whom there may be something to hand out. */
  private final Set<Station> moved = new LinkedHashSet<>();

  /** How often workers came or went. */
  private int changes;

  private int numbers;

  /**
   * Nobody yet.
   *
   * @param homes whether a connection has a worker of its own
   * @param window how many records a worker has at once that wants as many or does not say
   */
  Stations(boolean homes, int window) {
    this.homes = homes;
    this.window = window;
  }

  int size() {
    return byTaker.size();
  }

  // Workers.

  /** A worker came; what waits for another and is its own now waits for it. False if it is there already. */
  boolean join(Line.Taker taker, Optional<Integer> most) {
    if (byTaker.containsKey(taker)) {
      return false;
    }
    Station station = new Station(taker, Math.min(window, most.orElse(window)), numbers++);
    byTaker.put(taker, station);
    changes++;
    roomFor(station);
    if (homes) {
      for (Station other : byTaker.values()) {
        if (other != station) {
          attract(other.ready, station);
        }
      }
      attract(ready, station);
    }
    return true;
  }

  /** A worker went; what waited for it waits for others, if there are any. False if it was not there. */
  boolean leave(Line.Taker taker) {
    Station station = byTaker.remove(taker);
    if (station == null) {
      return false;
    }
    changes++;
    roomy.remove(station);
    Set<Lane> again = Set.copyOf(station.ready.again);
    List<Lane> waited = new ArrayList<>(station.ready.again);
    waited.addAll(station.ready.others);
    for (Lane lane : waited) {
      lane.home = null;
      ready(lane, again.contains(lane));
    }
    return true;
  }

  /** A worker has one record more. */
  void took(Station station) {
    roomy.remove(station);
    station.has++;
    if (station.hasRoom()) {
      roomy.add(station);
    }
  }

  /** A worker has one record less. */
  void gaveBack(Station station) {
    roomy.remove(station);
    station.has--;
    roomFor(station);
  }

  /** A worker let a record's time run out. */
  void ranLate(Station station) {
    roomy.remove(station);
    station.late = true;
  }

  /** A worker said what became of a record, be it too late: it works, then. */
  void settles(Line.Taker taker) {
    Station station = byTaker.get(taker);
    if (station != null && station.late) {
      station.late = false;
      roomFor(station);
    }
  }

  /** A worker may have room; it stands nowhere by what it had before. */
  private void roomFor(Station station) {
    if (station.hasRoom() && byTaker.get(station.taker) == station) {
      roomy.add(station);
      moved.add(station);
    }
  }

  // Lanes.

  /**
   * The next record of a lane may be handed out.
   *
   * @param again whether that was done in vain before
   */
  void ready(Lane lane, boolean again) {
    if (homes && (lane.home == null || lane.decided != changes)) {
      decide(lane);
    }
    ReadyLanes where = readyOf(lane);
    (again ? where.again : where.others).add(lane);
    if (lane.home != null) {
      moved.add(lane.home);
    }
  }

  /** A lane waits no more whose record was never handed out. */
  void withdraw(Lane lane) {
    readyOf(lane).others.remove(lane);
  }

  /** Where it waits, if it does. */
  private ReadyLanes readyOf(Lane lane) {
    Station home = lane.home;
    return home == null ? ready : home.ready;
  }

  /**
   * Finds a worker for each lane there is one for; looks at nothing that stays where it is.
   *
   * @param hand gives the lane's next record to the worker, and says so by {@link #took}
   */
  void match(BiConsumer<Lane, Station> hand) {
    if (homes) {
      for (Station station : moved) {
        while (station.hasRoom() && !station.ready.isEmpty()) {
          hand.accept(station.ready.poll(), station);
        }
      }
    } else {
      while (!roomy.isEmpty() && !ready.isEmpty()) {
        Lane lane = ready.poll();
        hand.accept(lane, best(lane));
      }
    }
    moved.clear();
  }

  /** Of those with room, of which there is one, the one that has least, and not who had it in vain if there is another. */
  private Station best(Lane lane) {
    Station least = roomy.first();
    Station next = least.taker == lane.avoided ? roomy.higher(least) : null;
    return next == null ? least : next;
  }

  // Whose a connection is.

  private static void attract(ReadyLanes from, Station station) {
    attract(from.again, station, station.ready.again);
    attract(from.others, station, station.ready.others);
  }

  private static void attract(Set<Lane> from, Station station, Set<Lane> to) {
    Iterator<Lane> lanes = from.iterator();
    while (lanes.hasNext()) {
      Lane lane = lanes.next();
      if (drawn(lane, station)) {
        lanes.remove();
        to.add(lane);
      }
    }
  }

  /** Always the same as long as the workers are the same. */
  private void decide(Lane lane) {
    lane.home = null;
    lane.decided = changes;
    byTaker.values().forEach(station -> drawn(lane, station));
  }

  /** True if this one is its worker from now on, having the highest weight so far. */
  private static boolean drawn(Lane lane, Station station) {
    int weight = weight(lane.connection, station.number);
    if (lane.home != null && weight <= lane.weight) {
      return false;
    }
    lane.home = station;
    lane.weight = weight;
    return true;
  }

  /** Any number, as good as drawn: each worker gets about as many connections as the others. */
  static int weight(ConnectionId connection, int number) {
    // The last step of MurmurHash3: every bit of what is given changes half of the bits.
    int hash = connection.value().hashCode() ^ (number * 0x9E3779B9);
    hash = (hash ^ (hash >>> 16)) * 0x85EBCA6B;
    hash = (hash ^ (hash >>> 13)) * 0xC2B2AE35;
    return hash ^ (hash >>> 16);
  }
}
