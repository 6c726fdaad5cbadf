package dev.confab.chat.local;

import dev.confab.chat.spi.Backplane;

/**
 * The backplane of a chat that has one node, or whose nodes find each other's entries by asking the store: drops what it is
 * given and receives nothing. Holds nothing, so it needs no closing. Any thread may call any method.
 */
public final class NoBackplane implements Backplane {
  /** A backplane without other nodes. */
  public NoBackplane() {}

  @Override
  public void open(Receiver receiver) {
    // Nothing will ever be received.
  }

  @Override
  public void send(Envelope envelope) {
    // There is nobody to tell.
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
