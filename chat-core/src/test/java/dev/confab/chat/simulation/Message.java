package dev.confab.chat.simulation;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import org.jspecify.annotations.Nullable;

/** Something a device wants to say, and what it knows of what became of it. */
final class Message {
  final int number;
  final Device sender;
  final ChannelName channel;
  final @Nullable String key;
  final boolean poisoned;

  /** How often it was sent, and how often it was refused so that nothing was recorded. */
  int attempts;

  int refusals;

  /** The attempt that is under way; 0 if none is. */
  int underWay;

  /** How often its sender had asked for something that voids a barrier, when it was sent. */
  int movesBefore;

  /** How often readers of its node had asked the store, when it was sent: who asks is catching up. */
  long questionsBefore;

  boolean acked;
  boolean givenUp;
  long seq;
  String id = "";
  Cursor place = Cursor.START;

  Message(int number, Device sender, ChannelName channel, @Nullable String key, boolean poisoned) {
    this.number = number;
    this.sender = sender;
    this.channel = channel;
    this.key = key;
    this.poisoned = poisoned;
  }

  /** The beginning of its data, which tells it from all others. */
  String mark() {
    return "m" + number + " ";
  }

  /** True if it may be sent, again or for the first time. */
  boolean isWanted() {
    return !acked && !givenUp && underWay == 0;
  }

  @Override
  public String toString() {
    return mark() + "to " + channel + (key == null ? "" : " with " + key);
  }
}
