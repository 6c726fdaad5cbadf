package dev.confab.chat.internal.cluster;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.HostTransactions;
import dev.confab.chat.spi.HostTransactions.Stretch;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.MessageStore.Page;
import dev.confab.chat.spi.MessageStore.Position;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/**
 * Reads what the host says it has committed in transactions of its own, and passes on what it finds.
 *
 * <p>It passes on nothing but what it has read: the host may be wrong about its commit, and an entry that was rolled back
 * may have been recorded again with another time. One round trip a channel is the price of never having to believe.
 *
 * <p><b>Threads.</b> Any; it reads on a reader, one channel at a time and one page a turn, so that who catches up gets on
 * meanwhile. Its lock is a leaf. What does not fit into its line is left to the watch.
 */
public final class Postings implements HostTransactions.Listener {
  /** How many channels wait to be read at most. */
  static final int WAITING = 10_000;

  private static final int PAGE_ENTRIES = 256;

  private static final System.Logger LOG = System.getLogger(Postings.class.getName());

  private final MessageStore store;
  private final Executor readers;
  private final Predicate<ChannelName> wanted;
  private final Relay.Arrivals arrivals;
  private final int pageBytes;

  // All below guarded by this.
  private final Deque<Stretch> waiting = new ArrayDeque<>();
  private boolean reading;
  private boolean stopped;

  /**
   * Reads from this store on these readers.
   *
   * @param wanted whether anybody wants to know what is new in a channel
   * @param arrivals who is told of what was found
   */
  public Postings(
      MessageStore store,
      Executor readers,
      Limits limits,
      Predicate<ChannelName> wanted,
      Relay.Arrivals arrivals) {
    this.store = store;
    this.readers = readers;
    this.wanted = wanted;
    this.arrivals = arrivals;
    this.pageBytes = limits.pageBytes();
  }

  @Override
  public void committed(List<Stretch> stretches) {
    // Who opens a channel from now on reads a head that has it already.
    List<Stretch> asked =
        stretches.stream().filter(stretch -> wanted.test(stretch.channel())).toList();
    int left = 0;
    boolean begin;
    synchronized (this) {
      for (Stretch stretch : asked) {
        if (stopped || waiting.size() >= WAITING) {
          left++;
        } else {
          waiting.addLast(stretch);
        }
      }
      begin = !reading && !waiting.isEmpty();
      reading |= begin;
    }
    if (left > 0) {
      LOG.log(
          System.Logger.Level.DEBUG,
          "{0} channels the host wrote to are left to the watch: {1} wait to be read already",
          left,
          WAITING);
    }
    if (begin) {
      readSoon();
    }
  }

  /** Reads no more. */
  public synchronized void stop() {
    stopped = true;
    waiting.clear();
  }

  private void readSoon() {
    try {
      readers.execute(this::read);
    } catch (RuntimeException ended) {
      // The chat is being closed.
      stop();
    }
  }

  private void read() {
    Stretch stretch;
    synchronized (this) {
      stretch = waiting.pollFirst();
    }
    try {
      if (stretch != null) {
        read(stretch);
      }
    } catch (RuntimeException failure) {
      LOG.log(
          System.Logger.Level.DEBUG,
          "what the host committed could not be read; the watch will find it",
          failure);
    }
    synchronized (this) {
      reading = !waiting.isEmpty();
      if (!reading) {
        return;
      }
    }
    readSoon();
  }

  private void read(Stretch stretch) {
    long entries = stretch.last().seq() - stretch.previous().seq();
    Page page = store.read(
        stretch.channel(),
        new Position.After(stretch.previous()),
        (int) Math.min(PAGE_ENTRIES, entries),
        pageBytes);
    if (page.entries().isEmpty()) {
      // Rolled back, or not committed yet, or the log is not what it was: not ours to say.
      return;
    }
    arrivals.committed(stretch.previous(), page.entries());
    Entry last = page.entries().get(page.entries().size() - 1);
    if (last.seq() < stretch.last().seq()) {
      synchronized (this) {
        if (!stopped) {
          waiting.addFirst(new Stretch(stretch.channel(), last.cursor(), stretch.last()));
        }
      }
    }
  }
}
