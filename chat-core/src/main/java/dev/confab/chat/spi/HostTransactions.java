package dev.confab.chat.spi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import java.util.List;
import java.util.Optional;

/**
 * What a {@link MessageStore} may be besides: one into which the host records in transactions of its own, so that its rows
 * and its messages are committed together. A chat looks for it when it is built; a store that wraps another has to pass it
 * on.
 *
 * <p>What the chat is told here is never shown to anybody. It only says where to look: what is there then, the chat reads
 * with {@link MessageStore#read}. So a host that says "committed" and is wrong does no harm, and one that says nothing is
 * found out by the watch.
 *
 * <ol>
 *   <li>HOST-1: what the host recorded is seen by {@link MessageStore#read} and {@link MessageStore#heads} only once it is
 *       committed, and keeps STORE-1, STORE-2, STORE-3 and STORE-6 whoever else appends meanwhile.
 *   <li>HOST-2: every listener that is attached is told when the host says that its transaction is committed; none is told
 *       after its link was closed.
 *   <li>HOST-3: {@link #objection} says nothing for ever: it ends with the transaction, even if the host tells nobody.
 * </ol>
 */
public interface HostTransactions {
  /**
   * Tells this listener from now on.
   *
   * @return what ends that
   */
  Link attach(Listener listener);

  /**
   * Why the calling thread must not wait for an append now: it would wait for a transaction that the same thread has open.
   * May ask the database if there is reason to; else it costs nothing.
   *
   * @return a sentence for the host that names the right call; empty if there is nothing against it, as far as is known
   */
  Optional<String> objection();

  /** Is told where to look. */
  @FunctionalInterface
  interface Listener {
    /** The host says that it has committed these. On the host's thread: returns at once and throws nothing. */
    void committed(List<Stretch> stretches);
  }

  /** A listener's place among those that are told. */
  interface Link extends AutoCloseable {
    /** The listener is told no more; closing again does nothing. */
    @Override
    void close();
  }

  /**
   * Where a transaction of the host's wrote in one channel, if it was committed.
   *
   * @param previous the place before its first entry
   * @param last the place of its last entry
   */
  record Stretch(ChannelName channel, Cursor previous, Cursor last) {
    /** Refuses a stretch without entries. */
    public Stretch {
      if (last.seq() <= previous.seq()) {
        throw new IllegalArgumentException(
            "a stretch ends behind where it begins, got " + previous.seq() + " to " + last.seq());
      }
    }
  }
}
