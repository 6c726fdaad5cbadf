package dev.confab.chat;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Head;
import dev.confab.chat.protocol.TrimmedRange;

/**
 * Takes a channel's log, entry by entry, in order and without gap.
 *
 * <p><b>Threads.</b> Door threads, one call at a time; may block. What it throws at is told again, after a second and then
 * later and later, up to a minute: so an entry is passed only once it was taken. After a crash it may be told again.
 */
@FunctionalInterface
public interface LogConsumer {
  /** The next entry. */
  void recorded(Entry entry);

  /** The log went backwards, as after a database failover that lost commits; the next entry comes from behind this head. */
  default void reset(ChannelName channel, Head head) {}

  /** Retention removed this part before it could be told. */
  default void trimmed(ChannelName channel, TrimmedRange range) {}
}
