package dev.confab.chat.internal.session;

import dev.confab.chat.internal.outlet.Source;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.UserRef;

/** A session's place in one channel, as far as others than the channel have to know it. */
public interface Subscription {
  /** Which channel. */
  ChannelName channel();

  /** Whose. */
  Session session();

  /** Who the session was when it subscribed; it is nobody else as long as the subscription lives. */
  UserRef user();

  /** What the session's outlet pulls from. */
  Source source();

  /** True once it is being ended: it counts no more. */
  boolean isOver();

  /** Ends it: nothing of the channel comes after this returns but what is in flight. Ending again does nothing. */
  void end();
}
