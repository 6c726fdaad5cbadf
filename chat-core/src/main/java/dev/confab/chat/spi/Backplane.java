package dev.confab.chat.spi;

import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import java.util.List;

/**
 * Carries news of what was committed to the other nodes. Only a hint that makes them faster: what it loses, they find in
 * the store.
 *
 * <p><b>Threads.</b> {@link #send} is called by the journal and the readers, perhaps by several at once, and must not block:
 * what can not be sent at once is dropped. The receiver may be called on any thread.
 *
 * <ol>
 *   <li>BACKPLANE-1: an envelope reaches every other node at most once, and never the node that sent it.
 *   <li>BACKPLANE-2: envelopes of one node arrive in the order they were sent, perhaps with gaps.
 *   <li>BACKPLANE-3: sending never blocks and never throws.
 *   <li>BACKPLANE-4: after {@link #close} nothing is received any more.
 * </ol>
 */
public interface Backplane extends AutoCloseable {
  /** Begins to receive; called once, before the first {@link #send}. */
  void open(Receiver receiver);

  /** Tells the other nodes. */
  void send(Envelope envelope);

  @Override
  void close();

  /** Takes what other nodes sent; returns quickly. */
  @FunctionalInterface
  interface Receiver {
    /** Another node committed this. */
    void received(Envelope envelope);
  }

  /**
   * Entries of one channel that were committed together.
   *
   * @param previous the place before the first of them
   * @param entries at least one, ascending without gap
   */
  record Envelope(Cursor previous, List<Entry> entries) {
    /** Refuses an envelope without entries. */
    public Envelope {
      entries = List.copyOf(entries);
      if (entries.isEmpty()) {
        throw new IllegalArgumentException("an envelope carries at least one entry");
      }
    }
  }
}
