package dev.confab.chat.internal.session;

import dev.confab.chat.internal.outlet.Source;
import dev.confab.chat.model.ChannelName;

/** A session's place in one channel, as far as the session has to know it. */
public interface Subscription {
  /** Which channel. */
  ChannelName channel();

  /** What the session's outlet pulls from. */
  Source source();

  /** Ends it: nothing of the channel comes after this returns but what is in flight. Ending again does nothing. */
  void end();
}
