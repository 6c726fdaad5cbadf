package dev.confab.chat.internal.journal;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is recorded together, from when it is taken until each has its outcome. It is in the hands of one task at a time,
 * which hands it on through an executor or the alarm; so nothing here is locked.
 */
final class Batch {
  private static final Duration FIRST_DELAY = Duration.ofMillis(50);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(1);

  /** The lanes that are busy with it; empty on the main line. */
  final List<Lane> lanes;

  /** A transaction each, the first of them under way: one, until a fault makes it as many as there are items. */
  private final ArrayDeque<List<Work>> parts = new ArrayDeque<>();

  /** The time its entries get; the same for every attempt. */
  private Instant at = Instant.EPOCH;

  private Duration patience = Duration.ZERO;
  private boolean attempted;
  private boolean unknown;
  private long unknownSince;
  private Duration delay = FIRST_DELAY;

  /** The lowest that an attempt of unknown outcome saw of each channel: what may be ours stands behind it. */
  private final Map<ChannelName, Cursor> seen = new HashMap<>();

  /** What every attempt of unknown outcome saw, oldest first; few, because lookups come ever more slowly. */
  private final List<Map<ChannelName, Cursor>> sightings = new ArrayList<>();

  Batch(List<Work> works, List<Lane> lanes) {
    this.lanes = lanes;
    parts.add(works);
  }

  boolean isOnMainLine() {
    return lanes.isEmpty();
  }

  /** The transaction under way. */
  List<Work> part() {
    return parts.element();
  }

  boolean hasParts() {
    return !parts.isEmpty();
  }

  Instant at() {
    return at;
  }

  Duration patience() {
    return patience;
  }

  Map<ChannelName, Cursor> seen() {
    return seen;
  }

  /** The places of this channel behind which an attempt of unknown outcome may have written. */
  List<Cursor> sightings(ChannelName channel) {
    return sightings.stream()
        .map(heads -> Optional.ofNullable(heads.get(channel)))
        .flatMap(Optional::stream)
        .distinct()
        .toList();
  }

  boolean isUnknown() {
    return unknown;
  }

  /** Gives the transaction under way its time and patience, if this is its first attempt. */
  void attempt(Instant now, Duration channelPatience) {
    if (!attempted) {
      attempted = true;
      at = now;
      patience = channelPatience;
    }
  }

  /** The outcome of an attempt is unknown. */
  void unknown(Map<ChannelName, Cursor> heads, long nanos) {
    if (!unknown) {
      unknown = true;
      unknownSince = nanos;
    }
    // The lowest place wins: a later attempt may have seen what an earlier one did record, and if
    // the log went back between the two, a later one may have recorded it below what the first saw.
    heads.forEach((channel, head) ->
        seen.merge(channel, head, (one, other) -> other.seq() < one.seq() ? other : one));
    sightings.add(heads);
  }

  /** How long to wait before looking again; zero or less if the time for that is over. */
  Duration untilNextLookup(Duration within, long nanos) {
    Duration left = within.minusNanos(nanos - unknownSince);
    Duration next = delay.compareTo(left) < 0 ? delay : left;
    Duration doubled = delay.multipliedBy(2);
    delay = doubled.compareTo(LONGEST_DELAY) < 0 ? doubled : LONGEST_DELAY;
    return next;
  }

  /** True if an attempt of unknown outcome may have recorded this. */
  boolean mayHoldAlready(Work work) {
    return unknown && (seen.isEmpty() || seen.keySet().containsAll(work.channels()));
  }

  /** Only these are still without outcome in the transaction under way. */
  void narrow(List<Work> works) {
    parts.remove();
    parts.addFirst(works);
  }

  /** Makes a transaction of each item of the one under way. */
  void split() {
    List<Work> works = parts.remove();
    for (int i = works.size() - 1; i >= 0; i--) {
      parts.addFirst(List.of(works.get(i)));
    }
    begin();
  }

  /** Takes the transaction under way out; the next one, if there is one, starts afresh. */
  List<Work> next() {
    begin();
    return parts.remove();
  }

  private void begin() {
    attempted = false;
    unknown = false;
    delay = FIRST_DELAY;
    seen.clear();
    sightings.clear();
  }
}
