package dev.confab.chat.internal.journal;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Limits;
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

  /** What waits in one lane may take this part of the journal's room. */
  private static final int ONE_IN = 4;

  /** What waits in all lanes may take this part, so that the other channels always have the rest. */
  private static final int ALL_IN = 2;

  private final Limits limits;
  private final Map<ChannelName, Lane> byChannel = new HashMap<>();

  /** Lanes whose first work could start, oldest first. */
  private final ArrayDeque<Lane> line = new ArrayDeque<>();

  private int underWay;

  /** Drafts that count towards a lane, each once. */
  private int drafts;

  private long bytes;

  Lanes(Limits limits) {
    this.limits = limits;
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

  /** Makes this channel one that waits. A work must be parked there at once. */
  void open(ChannelName channel) {
    byChannel.computeIfAbsent(channel, Lane::new);
  }

  /**
   * Counts the work towards the lane of each of its channels that has one, until {@link #release}. False, and nothing is
   * counted, if one of them or all together have no room for it; who finds a lane empty finds room in it.
   */
  boolean admit(Work work) {
    if (byChannel.isEmpty()) {
      return true;
    }
    List<Lane> entered = new ArrayList<>(work.channels().size());
    for (ChannelName channel : work.channels()) {
      Lane lane = byChannel.get(channel);
      if (lane != null && !work.counted.contains(lane) && !entered.contains(lane)) {
        if (!fits(lane.drafts, lane.bytes, work, ONE_IN)) {
          return false;
        }
        entered.add(lane);
      }
    }
    if (entered.isEmpty()) {
      return true;
    }
    if (work.counted.isEmpty()) {
      if (!fits(drafts, bytes, work, ALL_IN)) {
        return false;
      }
      drafts += work.drafts();
      bytes += work.weight();
    }
    for (Lane lane : entered) {
      lane.drafts += work.drafts();
      lane.bytes += work.weight();
      work.counted.add(lane);
    }
    return true;
  }

  private boolean fits(int waitingDrafts, long waitingBytes, Work work, int part) {
    return waitingDrafts == 0
        || (waitingDrafts + work.drafts() <= limits.journalDrafts() / part
            && waitingBytes + work.weight() <= limits.journalBytes() / part);
  }

  /** The work has its outcome: its room is free again. */
  void release(Work work) {
    if (work.counted.isEmpty()) {
      return;
    }
    drafts -= work.drafts();
    bytes -= work.weight();
    for (Lane lane : work.counted) {
      lane.drafts -= work.drafts();
      lane.bytes -= work.weight();
    }
    work.counted.clear();
  }

  /**
   * Puts the work at the end of the lane of each of its channels that has one. False if there is no room for it; lanes that
   * were opened for it are then no more.
   */
  boolean park(Work work, long nanos) {
    if (!admit(work)) {
      for (ChannelName channel : work.channels()) {
        Lane lane = byChannel.get(channel);
        if (lane != null) {
          enterLine(lane);
        }
      }
      return false;
    }
    work.laneSince = nanos;
    for (ChannelName channel : work.channels()) {
      Lane lane = byChannel.get(channel);
      if (lane != null && !work.lanes.contains(lane)) {
        work.lanes.add(lane);
        lane.works.add(work);
      }
    }
    work.lanes.forEach(this::enterLine);
    return true;
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
      long partBytes = 0;
      for (Work next = first; next != null; next = lane.works.peek()) {
        if (next instanceof Work.Redaction || next.lanes.size() > 1) {
          break;
        }
        partBytes += next.weight();
        if (!part.isEmpty()
            && (part.size() == limits.batchItems() || partBytes > limits.batchBytes())) {
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
