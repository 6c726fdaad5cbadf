package dev.confab.chat.internal.journal;

import dev.confab.chat.model.ChannelName;
import java.util.ArrayDeque;

/** What waits for one channel, in order, while the channel is held or being redacted. Guarded by the journal's lock. */
final class Lane {
  final ChannelName channel;

  /** Oldest first. What is being appended right now is no longer in here. */
  final ArrayDeque<Work> works = new ArrayDeque<>();

  /** What counts towards it: what waits in here, is being appended, or has arrived and will wait in here. */
  int drafts;

  long bytes;

  /** True while a batch of this lane is under way. */
  boolean busy;

  /** True while the lane stands in line for a place on the waiting executor. */
  boolean inLine;

  Lane(ChannelName channel) {
    this.channel = channel;
  }
}
