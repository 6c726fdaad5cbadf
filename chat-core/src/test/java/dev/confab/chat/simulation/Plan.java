package dev.confab.chat.simulation;

import dev.confab.chat.model.Limits;
import java.time.Duration;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What a seed decides before anything happens: how large everything is and what may go wrong.
 *
 * @param limits mostly far too small
 * @param nodes how many engines stand on the log
 * @param calm true if nothing happens that lets a live follower fall behind, so that every barrier holds
 * @param storeFaults of a thousand calls of a store, how many fail
 * @param holds whether channels are held by others now and then
 * @param others whether somebody else writes to the log
 * @param linked whether the nodes tell each other
 * @param crashes whether nodes die
 * @param closes whether nodes are closed orderly and others come in their place
 * @param retention whether old entries are removed
 * @param rollbacks whether the log goes back to an earlier state
 * @param redactions whether data is taken away
 * @param postings whether the host commits entries in transactions of its own
 * @param steps how long it lasts
 */
record Plan(
    Limits limits,
    int nodes,
    boolean calm,
    int storeFaults,
    boolean holds,
    boolean others,
    boolean linked,
    boolean crashes,
    boolean closes,
    boolean retention,
    boolean rollbacks,
    boolean redactions,
    boolean postings,
    int steps) {
  static Plan draw(RandomGenerator random) {
    boolean calm = random.nextInt(6) == 0;
    int nodes = calm ? 1 : 1 + random.nextInt(3);
    return new Plan(
        limits(random, calm),
        nodes,
        calm,
        calm ? 0 : pick(random, 0, 10, 50, 200),
        !calm && random.nextInt(3) == 0,
        !calm && random.nextInt(2) == 0,
        nodes > 1 && random.nextInt(2) == 0,
        !calm && random.nextInt(4) == 0,
        !calm && random.nextInt(4) == 0,
        !calm && random.nextInt(4) == 0,
        !calm && random.nextInt(3) == 0,
        !calm && random.nextInt(3) == 0,
        !calm && random.nextInt(4) == 0,
        200 + random.nextInt(600));
  }

  /** Counts what it allows. */
  void addTo(Map<String, Long> totals) {
    count(totals, "calm", calm);
    count(totals, "several nodes", nodes > 1);
    count(totals, "several nodes without backplane", nodes > 1 && !linked);
    count(totals, "store faults", storeFaults > 0);
    count(totals, "held channels", holds);
    count(totals, "other writers", others);
    count(totals, "kills", crashes);
    count(totals, "orderly closes", closes);
    count(totals, "retention", retention);
    count(totals, "rollbacks", rollbacks);
    count(totals, "redactions", redactions);
    count(totals, "host transactions", postings);
  }

  private static void count(Map<String, Long> totals, String what, boolean there) {
    totals.merge("schedules with " + what, there ? 1L : 0L, Long::sum);
  }

  private static Limits limits(RandomGenerator random, boolean calm) {
    Limits.Builder limits = Limits.builder()
        .clientFrameBytes(64 * 1024)
        .tailBytes(calm ? 1 << 20 : pick(random, 0, 300, 700, 1_500, 5_000, 64 << 10))
        .tailsBytes(calm ? 8 << 20 : pick(random, 0, 1_000, 3_000, 10_000, 1 << 20))
        .pageBytes(pick(random, 1_024, 1_024, 2_048, 64 << 10))
        .pagesBytes(pick(random, 1_024, 3_000, 1 << 20))
        .readers(pick(random, 1, 2, 4))
        .writeBytes(pick(random, 1_024, 1_024, 3_000, 64 << 10))
        .crowdedWriteBytes(pick(random, 256, 1_024))
        .inFlightBytes(pick(random, 1_024, 1 << 30))
        .replyBytes(pick(random, 1_024, 3_000, 1 << 20))
        .signalBytes(pick(random, 0, 200, 64 << 10))
        .openSends(pick(random, 1, 2, 5, 1_024))
        .openSendBytes(pick(random, 1_024, 1 << 20))
        .waitingCommands(pick(random, 3, 10, 1_024, 1_024))
        .journalDrafts(pick(random, 3, 20, 50_000))
        .journalBytes(pick(random, 2_000, 20_000, 1 << 24))
        .batchItems(pick(random, 1, 2, 5, 500))
        .batchBytes(pick(random, 1_024, 1 << 20))
        .historyBytes(pick(random, 1_024, 256 << 10))
        .historyReplyBytes(pick(random, 1_024, 1 << 20))
        .logins(pick(random, 1, 32))
        .checks(pick(random, 1, 2, 64))
        .presenceNames(pick(random, 0, 1, 200))
        .watchNamesPerSecond(pick(random, 5, 5_000))
        .watchPeriod(millis(random, 20, 300, 1_000))
        .presenceGrace(millis(random, 0, 500, 10_000))
        .channelIdle(millis(random, 0, 500, 30_000))
        .heldWait(millis(random, 200, 5_000))
        .lookupWithin(millis(random, 500, 10_000))
        .stallAfter(millis(random, 1_500, 30_000))
        .repliesFullFor(millis(random, 500, 10_000))
        .loginWithin(millis(random, 2_000, 10_000))
        .doorTimeout(millis(random, 100, 10_000))
        .heartbeat(millis(random, 2_000, 25_000));
    return limits.build();
  }

  private static Duration millis(RandomGenerator random, int... of) {
    return Duration.ofMillis(pick(random, of));
  }

  private static int pick(RandomGenerator random, int... of) {
    return of[random.nextInt(of.length)];
  }
}
