package dev.confab.chat;

import dev.confab.chat.internal.hub.HostFollower;
import dev.confab.chat.model.Cursor;

/** The host's own subscription of a channel, until it is closed. Any thread. */
public final class Following implements AutoCloseable {
  private final HostFollower follower;

  Following(HostFollower follower) {
    this.follower = follower;
  }

  /** The place behind the last entry the consumer took without throwing; keep it to go on there another time. */
  public Cursor position() {
    return follower.position();
  }

  /** Ends it; an entry the consumer is being told of is still told to its end. */
  @Override
  public void close() {
    follower.end();
  }
}
