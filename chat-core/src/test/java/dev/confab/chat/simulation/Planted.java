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
  STORE_FORGETS(Rule.NO_FALSE_RESET),
  /** The store commits an entry under another number than the next. */
  STORE_LEAVES_A_HOLE(Rule.LOG_IS_DENSE),
  /** The store records a message without its copy. */
  STORE_FORGETS_COPIES(Rule.COPIES_MATCH),
  /** The store records what one sender says in another order. */
  STORE_TURNS_ROUND(Rule.SENDERS_ORDER),
  /** The store does not look at the cursor it is asked to read from, only at its number. */
  STORE_TRUSTS_NUMBERS(Rule.RESET_BEFORE_ANOTHER_PAST),
  /** A reset does not arrive. */
  RESET_LOST(Rule.RESET_BEFORE_ANOTHER_PAST),
  /** The store says that more was trimmed than was. */
  STORE_TRIMS_IN_WORDS(Rule.TRIMMED_IS_TRUE),
  /** What was trimmed is not told. */
  TRIMMED_LOST(Rule.READER_SEES_THE_LOG),
  /** The store gives the data of what was redacted. */
  STORE_REMEMBERS(Rule.REDACTED_STAYS_HIDDEN),
  /** The store gives far more than it was asked for. */
  STORE_GIVES_TOO_MUCH(Rule.BOUNDS_HOLD),
  /** The goodbye does not arrive. */
  BYE_LOST(Rule.BYE_IS_SAID),
  /** A chat's threads go on once it has closed. */
  THREADS_LIVE_ON(Rule.SILENT_ONCE_CLOSED),
  /** A reply is another than was asked for, with a code that makes no sense. */
  REPLY_REFUSED(Rule.NO_OTHER_REFUSAL),
  /** {@code live} arrives twice. */
  LIVE_TWICE(Rule.LIVE_ONCE),
  /** A server closes for no reason. */
  CLOSED_FOR_NOTHING(Rule.NO_OTHER_CLOSE),
  /** A transport says that a write is done, and it is not. */
  WRITE_DONE_TOO_EARLY(Rule.ONE_WRITE),
  /** The store's driver fails in a way nobody foresaw. */
  TASK_FAILS(Rule.NO_FAULT_OF_OURS);

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
