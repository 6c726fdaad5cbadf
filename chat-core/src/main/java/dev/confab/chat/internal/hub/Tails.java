package dev.confab.chat.internal.hub;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Keeps the tails of all channels together within their bound: the least recently used give way.
 *
 * <p><b>Threads.</b> Any. Under its lock only tails are asked, whose own locks are leaves.
 */
final class Tails {
  private final long bound;

  // Both guarded by this.

  /** Bytes of each tail when it was last looked at, least recently used first. */
  private final LinkedHashMap<Channel, Long> known = new LinkedHashMap<>(16, 0.75f, true);

  /** The sum of the above. */
  private long bytes;

  Tails(long bound) {
    this.bound = bound;
  }

  /** Something was added to this channel's tail. */
  synchronized void used(Channel channel) {
    long now = channel.tail().bytes();
    Long before = known.put(channel, now);
    bytes += now - (before == null ? 0 : before);
    giveWay();
  }

  /** The channel is gone. */
  synchronized void forget(Channel channel) {
    Long had = known.remove(channel);
    bytes -= had == null ? 0 : had;
  }

  /** Looks at all of them: tails also grow when they are read, because texts are made then. */
  synchronized void measure() {
    for (Map.Entry<Channel, Long> each : known.entrySet()) {
      long now = each.getKey().tail().bytes();
      bytes += now - each.getValue();
      each.setValue(now);
    }
    giveWay();
  }

  /** Bytes of all of them when they were last looked at. */
  synchronized long bytes() {
    return bytes;
  }

  private void giveWay() {
    Iterator<Map.Entry<Channel, Long>> eldest = known.entrySet().iterator();
    while (bytes > bound && eldest.hasNext()) {
      Map.Entry<Channel, Long> gives = eldest.next();
      Tail tail = gives.getKey().tail();
      // It may have grown since it was looked at: what it sheds is counted from what it is now.
      long now = tail.bytes();
      bytes += now - gives.getValue();
      tail.shed(Math.max(0, now - (bytes - bound)));
      long left = tail.bytes();
      bytes += left - now;
      if (left == 0) {
        eldest.remove();
      } else {
        gives.setValue(left);
      }
    }
  }
}
