package dev.confab.chat.internal.journal;

import dev.confab.chat.model.ChannelName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The channels that wait by themselves. What writes to two of them stands in both lanes and has its turn when it is the
 * first of both; as lanes are entered in one order, that turn always comes. Guarded by the journal's lock.
 */
final class Lanes {
  /** How many batches may be under way at once. */
  static final int AT_ONCE = 2;

  private final int batchItems;
  private final long batchBytes;
  private final Map<ChannelName, Lane> byChannel = new HashMap<>();

  /** Lanes whose first work could start, oldest first. */
  private final ArrayDeque<Lane> line = new ArrayDeque<>();

  private int underWay;

  Lanes(int batchItems, long batchBytes) {
    this.batchItems = batchItems;
    this.batchBytes = batchBytes;
  }

  int size() {
    return byChannel.size();
  }

  boolean isIdle() {
    return byChannel.isEmpty() && underWay == 0;
  }

  /** True if a channel this writes to has a lane, so that it must wait there. */
  boolean hold(Work work) {
    if (byChannel.isEmpty()) {
      return false;
    }
    for (ChannelName channel : work.channels()) {
      if (byChannel.containsKey(channel)) {
        return true;
      }
    }
    return false;
  }

  /** Makes this channel one that waits. It must be given a work at once. */
  void open(ChannelName channel) {
    byChannel.computeIfAbsent(channel, Lane::new);
  }

  /** Puts the work at the end of the lane of each of its channels that has one. */
  void park(Work work, long nanos) {
    work.laneSince = nanos;
    for (ChannelName channel : work.channels()) {
      Lane lane = byChannel.get(channel);
      if (lane != null && !work.lanes.contains(lane)) {
        work.lanes.add(lane);
        lane.works.add(work);
      }
    }
    work.lanes.forEach(this::enterLine);
  }

  /** Puts works of a batch that is under way back to where they came from, in order. */
  void putBack(List<Work> works) {
    for (int i = works.size() - 1; i >= 0; i--) {
      Work work = works.get(i);
      for (Lane lane : work.lanes) {
        lane.works.addFirst(work);
      }
    }
  }

  /** Takes the batches that may start now; each is under way until {@link #finished}. */
  List<Batch> next() {
    List<Batch> batches = new ArrayList<>(AT_ONCE);
    while (underWay < AT_ONCE && !line.isEmpty()) {
      Lane lane = line.remove();
      lane.inLine = false;
      // An item of two lanes may have been taken from the other one, which then enters this lane
      // into the line again.
      if (canStart(lane)) {
        underWay++;
        batches.add(take(lane));
      }
    }
    return batches;
  }

  /** The batch has ended; lanes with nothing left are no more. */
  void finished(Batch batch) {
    underWay--;
    for (Lane lane : batch.lanes) {
      lane.busy = false;
    }
    batch.lanes.forEach(this::enterLine);
  }

  /** Takes out everything that waits in these lanes. */
  List<Work> drain(List<Lane> lanes) {
    Set<Work> works = new LinkedHashSet<>();
    for (Lane lane : lanes) {
      works.addAll(lane.works);
      lane.works.clear();
    }
    Set<Lane> touched = new LinkedHashSet<>(lanes);
    for (Work work : works) {
      if (work.lanes.size() > 1) {
        work.lanes.forEach(lane -> lane.works.remove(work));
        touched.addAll(work.lanes);
      }
    }
    touched.forEach(this::enterLine);
    return new ArrayList<>(works);
  }

  /** Takes out everything that waits. */
  List<Work> drainAll() {
    return drain(new ArrayList<>(byChannel.values()));
  }

  private void enterLine(Lane lane) {
    if (lane.busy) {
      return;
    }
    if (lane.works.isEmpty()) {
      // It may still stand in line, where it is passed over.
      byChannel.remove(lane.channel, lane);
    } else if (!lane.inLine && canStart(lane)) {
      lane.inLine = true;
      line.add(lane);
    }
  }

  private static boolean canStart(Lane lane) {
    Work first = lane.works.peek();
    if (first == null) {
      return false;
    }
    for (Lane each : first.lanes) {
      if (each.busy || each.works.peek() != first) {
        return false;
      }
    }
    return true;
  }

  private Batch take(Lane lane) {
    Work first = lane.works.element();
    List<Lane> lanes = List.copyOf(first.lanes);
    List<Work> part = new ArrayList<>();
    if (first instanceof Work.Redaction || lanes.size() > 1) {
      for (Lane each : lanes) {
        each.works.remove();
      }
      part.add(first);
    } else {
      long bytes = 0;
      for (Work next = first; next != null; next = lane.works.peek()) {
        if (next instanceof Work.Redaction || next.lanes.size() > 1) {
          break;
        }
        bytes += next.weight();
        if (!part.isEmpty() && (part.size() == batchItems || bytes > batchBytes)) {
          break;
        }
        part.add(lane.works.remove());
      }
    }
    for (Lane each : lanes) {
      each.busy = true;
    }
    return new Batch(part, lanes);
  }
}
