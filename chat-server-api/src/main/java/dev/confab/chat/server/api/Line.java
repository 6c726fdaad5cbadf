package dev.confab.chat.server.api;

import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Json;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

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

  /** What became of a message that came. */
  enum Taking {
    TAKEN,
    FULL,
    /** Nothing is known of its connection: it did not come through the queue's acceptor, or is gone. */
    NOT_FOLLOWED
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

  /** A record with a worker. */
  record Held(String key, Lane lane, Task work, Station station, long since) {}

  private static final Logger LOGGER = System.getLogger(WorkQueue.class.getName());

  private final String name;
  private final int capacity;
  private final long capacityBytes;
  private final int perConnection;
  private final long withinNanos;
  private final int mostHandouts;
  private final Consumer<Work> onSetAside;

  // All below guarded by this.
  private final Map<ConnectionId, Lane> lanes = new HashMap<>();

  /** By key, oldest first. */
  private final Map<String, Held> held = new LinkedHashMap<>();

  private final Stations stations;
  private final Rests rests = new Rests();
  private int messages;
  private int messagesHeld;
  private long bytes;
  private long keys;
  private long taken;
  private long acknowledged;
  private long redelivered;
  private long refused;
  private long setAside;

  Line(WorkQueue.Builder settings) {
    name = settings.name;
    capacity = settings.capacity;
    capacityBytes = settings.capacityBytes;
    perConnection = settings.perConnection;
    withinNanos = settings.within.toNanos();
    stations = new Stations(
        settings.acknowledgement == WorkQueue.Acknowledgement.BY_DELIVERY, settings.window);
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
      handing = add(lane, new Task(Task.Kind.HANDSHAKE, json));
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
      Task work = new Task(Task.Kind.MESSAGE, json);
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
          && first.kind == Task.Kind.HANDSHAKE
          && first.handouts == 0) {
        // No worker has heard of it and it did nothing: there is nothing to tell.
        stations.withdraw(lane);
        lanes.remove(connection);
        return;
      }
      handing = add(lane, new Task(Task.Kind.CLOSE, json));
    }
    handing.forEach(Runnable::run);
  }

  /** Called under the lock. */
  private List<Runnable> add(Lane lane, Task work) {
    lane.waiting.addLast(work);
    if (lane.held == null && lane.waiting.size() == 1) {
      stations.ready(lane, false);
    }
    return assign();
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
      if (!stations.join(taker, most)) {
        return false;
      }
      handing = assign();
    }
    handing.forEach(Runnable::run);
    return true;
  }

  /** A worker gets no more; what it has it may still acknowledge. False if it took none. */
  boolean leave(Taker taker) {
    List<Runnable> handing;
    synchronized (this) {
      if (!stations.leave(taker)) {
        return false;
      }
      // What waited for it waits for another now.
      handing = assign();
    }
    handing.forEach(Runnable::run);
    return true;
  }

  /** A worker is gone, and with it what it had. */
  void gone(Taker taker) {
    List<Runnable> handing = new ArrayList<>();
    synchronized (this) {
      stations.leave(taker);
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
      stations.settles(taker);
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
    if (each.work().kind == Task.Kind.MESSAGE) {
      lane.messages--;
      messages--;
      messagesHeld--;
      bytes -= each.work().bytes();
    }
    if (!lane.waiting.isEmpty()) {
      stations.ready(lane, false);
    } else if (lane.closed || !lane.followed) {
      lanes.remove(lane.connection);
    }
  }

  /** Its worker has it no more. Called under the lock. */
  private void takeFrom(Held each) {
    held.remove(each.key());
    each.lane().held = null;
    stations.gaveBack(each.station());
  }

  /** The worker could not do a record; it is handed out again after a moment, longer each time. False as for {@link #done}. */
  boolean failed(Taker taker, String key, long now) {
    List<Runnable> handing = new ArrayList<>();
    boolean had;
    synchronized (this) {
      stations.settles(taker);
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
        stations.ranLate(oldest.station());
        giveBack(oldest, now, false, handing);
      }
      for (Optional<Lane> over = rests.over(now); over.isPresent(); over = rests.over(now)) {
        stations.ready(over.get(), true);
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
    if (work.kind == Task.Kind.MESSAGE) {
      messagesHeld--;
    }
    if (!failed && work.handouts == 1) {
      stations.ready(lane, true);
    } else {
      rests.add(lane, work.handouts, now);
    }
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
    stations.match((lane, station) -> handing.add(hand(lane, station)));
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
    stations.took(station);
    if (work.kind == Task.Kind.MESSAGE) {
      messagesHeld++;
    }
    Handout handout = new Handout(this, key, work.id, lane.connection, work.json, work.handouts);
    return () -> station.taker.take(handout);
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
