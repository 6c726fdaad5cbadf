package dev.confab.chat.internal.hub;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import java.util.function.Consumer;

/** Keeps a channel open until it is released. Any thread. */
public final class Pin {
  private final Channel channel;
  private final Consumer<Channel> onRelease;

  /** Guarded by this. */
  private boolean released;

  Pin(Channel channel, Consumer<Channel> onRelease) {
    this.channel = channel;
    this.onRelease = onRelease;
  }

  Channel channel() {
    return channel;
  }

  /** Which channel. */
  public ChannelName name() {
    return channel.name();
  }

  /** Where its log ends, as far as this node knows. */
  public Cursor head() {
    return channel.tail().end();
  }

  /** True if reading on from this cursor costs no question to the store. */
  public boolean lies(Cursor cursor) {
    return cursor.equals(channel.tail().end()) || channel.tail().covers(cursor);
  }

  /** The channel may retire; releasing again does nothing. */
  public void release() {
    synchronized (this) {
      if (released) {
        return;
      }
      released = true;
    }
    onRelease.accept(channel);
  }
}
