package dev.confab.chat.internal.hub;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The pages that were read in the last second: many who come to about the same place one after the other then cost the
 * reads of one. A page that nobody holds any more gives way as soon as its room is needed.
 *
 * <p><b>Threads.</b> One at a time: its owner guards it.
 */
final class Shelf {
  /** No longer than a node may be behind others anyway: what retention removes meanwhile is shown as long. */
  private static final long KEPT = Duration.ofSeconds(1).toNanos();

  /** Bounds what small pages cost beside their entries. */
  private static final int PAGES = 1_024;

  /** By the place each begins at. */
  private final Map<ChannelName, NavigableMap<Long, Reads.Lease>> byPlace = new HashMap<>();

  /** All of them, oldest first. */
  private final LinkedHashSet<Reads.Lease> byAge = new LinkedHashSet<>();

  /** Those that nobody holds, the one left first in front. */
  private final LinkedHashSet<Reads.Lease> idle = new LinkedHashSet<>();

  private long idleBytes;

  /** When it was looked after last. */
  private long now;

  /** Bytes of the pages that nobody holds. */
  long idleBytes() {
    return idleBytes;
  }

  /** Puts a page that somebody holds here, in the place of an older one. */
  void put(Reads.Lease lease) {
    NavigableMap<Long, Reads.Lease> pages =
        byPlace.computeIfAbsent(lease.channel(), name -> new TreeMap<>());
    Reads.Lease before = pages.put(lease.position().seq(), lease);
    if (before != null) {
      takeOut(before);
    }
    byAge.add(lease);
    lease.shelved = true;
    lease.shelvedSince = now;
    if (byAge.size() > PAGES) {
      remove(byAge.iterator().next());
    }
  }

  /** A page with something behind this position, if none of what it holds has changed since; else null. */
  Reads.@Nullable Lease find(ChannelName channel, Cursor position, long changes) {
    NavigableMap<Long, Reads.Lease> pages = byPlace.get(channel);
    Map.Entry<Long, Reads.Lease> nearest = pages == null ? null : pages.floorEntry(position.seq());
    if (nearest == null) {
      return null;
    }
    Reads.Lease lease = nearest.getValue();
    if (lease.changes() != changes) {
      remove(lease);
      return null;
    }
    return lease.leadsOnFrom(position) ? lease : null;
  }

  /** Nobody holds it now. */
  void left(Reads.Lease lease) {
    if (lease.shelved && idle.add(lease)) {
      idleBytes += lease.bytes();
    }
  }

  /** Somebody holds it again. */
  void taken(Reads.Lease lease) {
    if (idle.remove(lease)) {
      idleBytes -= lease.bytes();
    }
  }

  /** Makes room; false if there is nothing that could go. */
  boolean dropOne() {
    if (idle.isEmpty()) {
      return false;
    }
    remove(idle.iterator().next());
    return true;
  }

  /** Drops what is too old. */
  void tick(long nowNanos) {
    now = nowNanos;
    Iterator<Reads.Lease> oldest = byAge.iterator();
    while (oldest.hasNext()) {
      Reads.Lease lease = oldest.next();
      if (now - lease.shelvedSince < KEPT) {
        return;
      }
      oldest.remove();
      remove(lease);
    }
  }

  /** Drops everything. */
  void clear() {
    while (!byAge.isEmpty()) {
      remove(byAge.iterator().next());
    }
  }

  private void remove(Reads.Lease lease) {
    NavigableMap<Long, Reads.Lease> pages = byPlace.get(lease.channel());
    if (pages != null && pages.remove(lease.position().seq(), lease) && pages.isEmpty()) {
      byPlace.remove(lease.channel());
    }
    takeOut(lease);
  }

  private void takeOut(Reads.Lease lease) {
    byAge.remove(lease);
    taken(lease);
    lease.shelved = false;
  }
}
