package dev.confab.chat;

import dev.confab.chat.protocol.ErrorCode;
import java.util.Map;

/**
 * How a chat does, at about one moment. Totals count from the start of this node.
 *
 * @param connections open now
 * @param users logged in now, on this node
 * @param accepted connections taken so far
 * @param channels open in memory now
 * @param followersLive subscriptions whose next entry lies in memory
 * @param followersCatchingUp subscriptions that read from the store now
 * @param committed messages and other items recorded so far
 * @param duplicates repeats of an earlier key so far
 * @param batches transactions so far
 * @param delivered entries shown to clients so far
 * @param refused commands refused so far, by code
 * @param journalDrafts drafts that wait for their outcome now
 * @param journalBytes bytes of these drafts
 * @param tailBytes bytes of the newest entries in memory now
 * @param pageBytes bytes of pages read for clients that are behind, now
 * @param pagesRead pages read from the store so far
 * @param bytesInFlight bytes of all writes that are not done now
 * @param bytesWritten bytes of all writes that are done
 * @param writes writes so far
 * @param signalsDropped signals and presence events dropped so far, because a connection was behind
 * @param happeningsDropped happenings that listeners were not told, because too many waited
 */
public record ChatCounters(
    int connections,
    int users,
    long accepted,
    int channels,
    long followersLive,
    long followersCatchingUp,
    long committed,
    long duplicates,
    long batches,
    long delivered,
    Map<ErrorCode, Long> refused,
    int journalDrafts,
    long journalBytes,
    long tailBytes,
    long pageBytes,
    long pagesRead,
    long bytesInFlight,
    long bytesWritten,
    long writes,
    long signalsDropped,
    long happeningsDropped) {
  /** Copies its map. */
  public ChatCounters {
    refused = Map.copyOf(refused);
  }
}
