package dev.confab.chat.server.api;

import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/** Lanes whose next record was handed out in vain and waits a moment, longer each time. Guarded by their line. */
final class Rests {
  private static final long FIRST_MILLIS = 100;
  private static final long LONGEST_MILLIS = 30_000;

  /** By when, in nanoseconds. */
  private final TreeMap<Long, Lane> resting = new TreeMap<>();

  /**
   * A lane rests.
   *
   * @param handouts how often its next record was handed out in vain
   */
  void add(Lane lane, int handouts, long now) {
    long place = now + nanos(handouts);
    while (resting.containsKey(place)) {
      place++;
    }
    resting.put(place, lane);
  }

  /** Takes one out that has rested; empty if there is none. */
  Optional<Lane> over(long now) {
    return resting.isEmpty() || resting.firstKey() - now > 0
        ? Optional.empty()
        : Optional.of(resting.pollFirstEntry().getValue());
  }

  /** Not the same for all, so that what a worker died with does not meet what it died of each time. */
  private static long nanos(int handouts) {
    long most = 1_000_000 * Math.min(LONGEST_MILLIS, FIRST_MILLIS << Math.min(10, handouts - 1));
    return most / 2 + ThreadLocalRandom.current().nextLong(most / 2);
  }
}
