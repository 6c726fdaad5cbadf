package dev.confab.chat.internal.journal;

import dev.confab.chat.spi.MessageStore.Appended;

/** What the store said to one attempt. */
sealed interface Answer {
  /** It did it. */
  record Done(Appended appended) implements Answer {}

  /** There was nothing to redact. */
  record Absent() implements Answer {}

  /** It threw. */
  record Failed(Throwable failure) implements Answer {}
}
