package dev.confab.chat.spi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.protocol.TrimmedRange;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps the log of every channel.
 *
 * <p><b>Threads.</b> Called by the journal and the readers, never by a socket thread, so it may block. Appends overlap: the
 * same channel may be appended to by several threads and nodes at once.
 *
 * <ol>
 *   <li>STORE-1: the entries of a channel are numbered 1, 2, 3 … in the order they were committed, without gap or reuse, by
 *       however many threads and nodes; {@code no} counts the messages among them.
 *   <li>STORE-2: what an append returned stays, and a read or heads that begins after it returned sees it.
 *   <li>STORE-3: the same channel, sender and key is recorded once: within one append, across appends, threads and nodes, as
 *       long as the message is kept and never for less than seven days. Data does not matter. A repeat has the first one's
 *       place and time.
 *   <li>STORE-4: an append that fails recorded nothing ({@link StoreUnavailableException}: the database's fault, try later;
 *       any other: the items' fault), or does not know ({@link OutcomeUnknownException}).
 *   <li>STORE-5: an item is recorded whole or not at all; a copy is recorded only together with a new original, with its id.
 *   <li>STORE-6: the place before the first new entry of each channel is told.
 *   <li>STORE-7: after an unknown outcome, the same items with {@link Append#seen()} are recorded once, whether the first
 *       commit happened or not, and get the place of the first if it did. So that it can be found, retention leaves alone what
 *       is younger than a minute; a store that never says {@link OutcomeUnknownException} may remove it at once.
 *   <li>STORE-8: a channel that another transaction holds delays no item of other channels: its items are {@link Outcome.Held}
 *       once {@link Append#patience()} has passed.
 *   <li>STORE-9: a read from a cursor that is not in the log does not fit, and gives no entries.
 *   <li>STORE-10: a read gives entries ascending, without gap, as many as asked or as fit the bytes but at least one, and says
 *       whether there are more in the asked direction.
 *   <li>STORE-11: what retention removed behind the position is told as trimmed, also where the position itself is
 *       gone with it; the last entry it removed is still a position whose id is compared.
 *   <li>STORE-12: names, ids and keys are compared byte for byte; data comes back character for character.
 *   <li>STORE-13: reading a channel creates nothing; a channel in which nothing was said has the head {@link Head#EMPTY}.
 *   <li>STORE-14: a redaction takes the data of the entry away, for every later read, and records that it did, at once and
 *       once; data that is {@code null} is taken away like any other, a redaction has none.
 * </ol>
 */
public interface MessageStore extends AutoCloseable {
  /**
   * Records items in one transaction and gives each entry its place.
   *
   * @return one outcome for each item, in order
   * @throws StoreUnavailableException if the database can not be used now; nothing was recorded
   * @throws OutcomeUnknownException if the commit may have happened
   */
  Appended append(Append append);

  /**
   * Reads a part of a channel's log.
   *
   * @param entries at most so many
   * @param bytes at most so many bytes of data, but at least one entry
   * @throws StoreUnavailableException if the database can not be used now
   */
  Page read(ChannelName channel, Position position, int entries, int bytes);

  /**
   * The heads of these channels, in one round trip for up to 1,000 names.
   *
   * @return a head for each of them
   * @throws StoreUnavailableException if the database can not be used now
   */
  Map<ChannelName, Head> heads(Collection<ChannelName> channels);

  /**
   * Takes the data of an entry away and records that in the same transaction as a {@code REDACTION} about its seq.
   *
   * @param id the id of the redaction's own entry
   * @return the redaction; empty if there is no such entry, or its data is gone already
   * @throws StoreUnavailableException if the database can not be used now; nothing was recorded
   */
  Optional<Appended> redact(ChannelName channel, long seq, EntryId id, Instant at);

  /** Gives back what it holds; further calls fail. */
  @Override
  void close();

  /**
   * What is to be recorded together.
   *
   * @param items at least one
   * @param at the time the entries get, in whole milliseconds
   * @param patience how long to wait for channels that another transaction holds; zero for not at all
   * @param seen for a repeat after an unknown outcome: the heads the first attempt had seen; else empty
   */
  record Append(List<Item> items, Instant at, Duration patience, Map<ChannelName, Cursor> seen) {
    /** Copies its collections. */
    public Append {
      items = List.copyOf(items);
      seen = Map.copyOf(seen);
      if (items.isEmpty()) {
        throw new IllegalArgumentException("an append has at least one item");
      }
    }

    /** A first attempt that does not wait. */
    public static Append of(List<Item> items, Instant at) {
      return new Append(items, at, Duration.ZERO, Map.of());
    }
  }

  /**
   * What is recorded whole or not at all.
   *
   * @param draft the message or other entry
   * @param copy the copy for its sender's own channel, if there is one
   */
  record Item(Draft draft, Optional<Draft> copy) {
    /** An entry without copy. */
    public static Item of(Draft draft) {
      return new Item(draft, Optional.empty());
    }

    /** Roughly what it costs, in bytes. */
    public long weight() {
      return draft.weight() + copy.map(Draft::weight).orElse(0L);
    }
  }

  /** What became of an item. */
  sealed interface Outcome {
    /**
     * It is recorded.
     *
     * @param entry its place
     * @param copy the place of its copy, if it has one
     */
    record Recorded(Entry entry, Optional<Entry> copy) implements Outcome {}

    /**
     * It was recorded before under the same key.
     *
     * @param receipt the place and time of the first
     */
    record Duplicate(Receipt receipt) implements Outcome {}

    /**
     * Another transaction holds this channel; nothing of the item was recorded.
     *
     * @param channel which
     */
    record Held(ChannelName channel) implements Outcome {}
  }

  /**
   * What became of an append.
   *
   * @param outcomes one for each item, in order
   * @param previous for each channel with new entries the place before the first of them
   */
  record Appended(List<Outcome> outcomes, Map<ChannelName, Cursor> previous) {
    /** Copies its collections. */
    public Appended {
      outcomes = List.copyOf(outcomes);
      previous = Map.copyOf(previous);
    }
  }

  /** Where reading begins, and in which direction. */
  sealed interface Position {
    /**
     * Forward from behind this place, which must be in the log.
     *
     * @param cursor the place
     */
    record After(Cursor cursor) implements Position {}

    /**
     * Forward from behind this number.
     *
     * @param seq the number
     */
    record AfterSeq(long seq) implements Position {}

    /**
     * Backward from before this place, which must be in the log.
     *
     * @param cursor the place
     */
    record Before(Cursor cursor) implements Position {}

    /**
     * Backward from before this number; {@link Long#MAX_VALUE} for the newest.
     *
     * @param seq the number
     */
    record BeforeSeq(long seq) implements Position {}
  }

  /**
   * A part of a log.
   *
   * @param fits false if the position is not in the log; then there are no entries
   * @param entries ascending
   * @param more whether there are more in the asked direction
   * @param head the channel's head when this was read
   * @param trimmed what retention removed behind a position that is read forward from
   */
  record Page(
      boolean fits, List<Entry> entries, boolean more, Head head, Optional<TrimmedRange> trimmed) {
    /** Copies its list. */
    public Page {
      entries = List.copyOf(entries);
    }

    /** The page of a position that is not in the log. */
    public static Page misfit(Head head) {
      return new Page(false, List.of(), false, head, Optional.empty());
    }
  }
}
