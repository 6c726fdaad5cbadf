package dev.confab.chat.simulation;

/** What holds in every run, whatever happens. */
enum Rule {
  /** What was acknowledged stands in the log, at that place, as it was sent. */
  ACKED_IS_IN_THE_LOG,
  /** What was refused for good does not. */
  REFUSED_IS_NOT_IN_THE_LOG,
  /** A key is recorded once, and what has no key at most as often as it was sent. */
  RECORDED_ONCE,
  /** A message to a user has one copy in its sender's own channel, and no copy is without message. */
  COPIES_MATCH,
  /** The numbers of a log are 1, 2, 3 … */
  LOG_IS_DENSE,
  /** What one connection sends to one channel stands there in that order. */
  SENDERS_ORDER,
  /** A reader is shown the log: without gap, repeat or change of order. */
  READER_SEES_THE_LOG,
  /** Nobody is shown what is not committed, or other than it is. */
  ONLY_WHAT_IS_COMMITTED,
  /** Nothing of a channel comes before the reply to subscribe or behind the reply to unsubscribe. */
  ONLY_WHILE_SUBSCRIBED,
  /** Requests without id are answered in the order they came. */
  REPLIES_IN_ORDER,
  /** Every request is answered once, and nothing that was not asked. */
  ONE_REPLY,
  /** No request is refused with a code that nothing gave a reason for. */
  NO_OTHER_REFUSAL,
  /** A sender that is subscribed and up to date is shown its message before the reply. */
  EVENT_BEFORE_REPLY,
  /** {@code live} is said once, when everything up to the reply's head was shown. */
  LIVE_ONCE,
  /** Who stood in what a rollback took is told so before anything of the other past. */
  RESET_BEFORE_ANOTHER_PAST,
  /** Nobody else is: a log is said to have gone backwards only to who stood in what was lost. */
  NO_FALSE_RESET,
  /** What is said to be trimmed begins where the reader stands, and retention has removed it. */
  TRIMMED_IS_TRUE,
  /** Who was told of a redaction is not shown the data afterwards; in the end nobody is. */
  REDACTED_STAYS_HIDDEN,
  /** No connection is closed for another reason than those the run gave. */
  NO_OTHER_CLOSE,
  /** A connection is given one write at a time, and frames as its dialect has them. */
  ONE_WRITE,
  /** What is held in memory stays within its bound. */
  BOUNDS_HOLD,
  /** A client of a chat that closes is told so, if it reads. */
  BYE_IS_SAID,
  /** A chat that has closed calls nobody: no store, no door, no listener, no connection. */
  SILENT_ONCE_CLOSED,
  /** Once faults end everybody comes to the end of every log, and everything is answered. */
  COMES_TO_REST,
  /** Nothing is left when everybody has gone. */
  NOTHING_LEAKS,
  /** No task ends with an exception, and nothing is logged as an error. */
  NO_FAULT_OF_OURS
}
