package dev.confab.chat.dialects;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.Event;
import java.time.Instant;
import java.util.Optional;

/**
 * Something that was said in a channel, recorded or not: what all these protocols show, and most of them nothing else.
 *
 * @param channel where
 * @param from who; absent for the host
 * @param at when; absent for what the host only signals
 * @param id the entry's id; absent if it was not recorded
 * @param data what
 */
record Told(
    ChannelName channel,
    Optional<UserRef> from,
    Optional<Instant> at,
    Optional<String> id,
    Json data) {
  /** What an event says; empty for copies, redactions, and what users only signal. */
  static Optional<Told> of(Event event) {
    if (event instanceof Event.Recorded recorded) {
      var entry = recorded.entry();
      return entry.kind() == EntryKind.MESSAGE
          ? Optional.of(new Told(
              entry.channel(),
              entry.from(),
              Optional.of(entry.at()),
              Optional.of(entry.id().value()),
              entry.data()))
          : Optional.empty();
    } else if (event instanceof Event.Unlogged said) {
      return Optional.of(new Told(
          said.channel(), said.from(), Optional.of(said.at()), Optional.empty(), said.data()));
    } else if (event instanceof Event.Signalled signal && signal.from().isEmpty()) {
      return Optional.of(new Told(
          signal.channel(), Optional.empty(), Optional.empty(), Optional.empty(), signal.data()));
    }
    return Optional.empty();
  }

  /** The text that was said; JSON text if it was no string. */
  String text() {
    return data.asString().orElse(data.text());
  }

  /** Milliseconds since 1970; a time too far away for them is the farthest. */
  static String millis(Instant time) {
    try {
      return Long.toString(time.toEpochMilli());
    } catch (ArithmeticException tooFar) {
      return Long.toString(time.getEpochSecond() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE);
    }
  }
}
