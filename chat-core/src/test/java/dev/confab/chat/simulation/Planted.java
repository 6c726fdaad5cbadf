package dev.confab.chat.simulation;

import java.util.Optional;

/** Faults that are planted to see the checkers find them. */
enum Planted {
  /** None. */
  NONE,
  /** A frame with an event does not arrive, as if a pass had skipped its follower. */
  EVENT_LOST(Rule.READER_SEES_THE_LOG),
  /** An event arrives twice. */
  EVENT_TWICE(Rule.READER_SEES_THE_LOG),
  /** Two events change places. */
  EVENTS_SWAPPED(Rule.READER_SEES_THE_LOG),
  /** An event has other data than was recorded. */
  EVENT_CHANGED(Rule.ONLY_WHAT_IS_COMMITTED),
  /** An event of a channel comes behind the reply to its unsubscribe. */
  EVENT_LATE(Rule.ONLY_WHILE_SUBSCRIBED),
  /** A reply does not arrive. */
  REPLY_LOST(Rule.COMES_TO_REST),
  /** A reply arrives twice. */
  REPLY_TWICE(Rule.ONE_REPLY),
  /** Two replies change places. */
  REPLIES_SWAPPED(Rule.REPLIES_IN_ORDER),
  /** The event comes behind the reply, although it lay there. */
  EVENT_BEHIND_REPLY(Rule.EVENT_BEFORE_REPLY),
  /** A write never ends, not even when the connection does. */
  WRITE_NEVER_DONE(Rule.NOTHING_LEAKS),
  /** The store says that it recorded what it did not. */
  STORE_LOSES(Rule.ACKED_IS_IN_THE_LOG),
  /** The store records a repeat anew. */
  STORE_DOUBLES(Rule.RECORDED_ONCE),
  /** The store records what it refuses. */
  STORE_REFUSES_TOO_LATE(Rule.REFUSED_IS_NOT_IN_THE_LOG),
  /** The store leaves an entry out of a page. */
  STORE_SKIPS(Rule.READER_SEES_THE_LOG),
  /** The store says once that a cursor does not fit. */
  STORE_FORGETS(Rule.NO_FALSE_ALARM);

  private final Optional<Rule> caughtBy;

  Planted() {
    caughtBy = Optional.empty();
  }

  Planted(Rule caughtBy) {
    this.caughtBy = Optional.of(caughtBy);
  }

  /** The rule it breaks. */
  Optional<Rule> caughtBy() {
    return caughtBy;
  }
}
