package dev.confab.chat.internal.hub;

import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Head;
import dev.confab.chat.protocol.TrimmedRange;
import dev.confab.chat.spi.MessageStore.Page;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A position in one log and how to read on from it: from the tail where that holds the next entry, from the store where
 * it does not. Page and tail meet when the page's end lies in the tail.
 *
 * <p><b>Threads.</b> {@link #next} and {@link #moveTo} are for one thread at a time, the reader's; the rest for any.
 */
final class Reading implements Reads.Asker {
  private static final Duration TRY_AGAIN = Duration.ofSeconds(1);

  /** What comes next. */
  sealed interface Step {
    /** Encoded entries from the tail. */
    record Encoded(Run run) implements Step {}

    /** Entries from the store or the tail; whoever takes one moves the position behind it. */
    record Entries(List<Entry> entries) implements Step {}

    /** The log went backwards; the position is the new head now. */
    record Reset(Head head) implements Step {}

    /** Retention removed this. */
    record Trimmed(TrimmedRange range) implements Step {}

    /** Nothing now: the owner is woken when there is. */
    record Nothing() implements Step {}
  }

  /** Who reads. */
  @FunctionalInterface
  interface Owner {
    /** There may be something to read. Any thread. */
    void readable();
  }

  private static final Step NOTHING = new Step.Nothing();

  private final Channel channel;
  private final Reads reads;
  private final Time time;
  private final Owner owner;

  private volatile Cursor position;
  private volatile boolean asked;
  private volatile boolean behind;
  private volatile boolean suspect;
  private volatile boolean abandoned;

  /** The page being read. Changed under the lock of this. */
  private volatile Reads.@Nullable Lease held;

  // For the reader's thread only.
  private boolean inspected;
  private boolean fresh;

  /** Up to where the owner was told that retention removed what comes next: it stands behind that, by whatever name. */
  private long goneTo;

  private @Nullable Cursor emptyAt;
  private @Nullable Cursor emptyEnd;

  Reading(Channel channel, Reads reads, Time time, Cursor start, long trimmedTold, Owner owner) {
    this.channel = channel;
    this.reads = reads;
    this.time = time;
    this.position = start;
    this.goneTo = trimmedTold;
    this.owner = owner;
  }

  Cursor position() {
    return position;
  }

  void moveTo(Cursor place) {
    position = place;
  }

  boolean behind() {
    return behind;
  }

  /** True while what comes next is in a page, or asked of the store. For the reader's thread. */
  boolean elsewhere() {
    return asked || held != null;
  }

  /** The position has to be looked up before anything else is read. */
  void suspect() {
    suspect = true;
  }

  /** True while the position has to be looked up: what was taken from here and not used may be of another past. */
  boolean isSuspect() {
    return suspect;
  }

  /** True if the log ends at the position, as far as this node knows. */
  boolean isAtEnd() {
    return position.equals(channel.tail().end());
  }

  /**
   * True if the owner stands behind what retention removed. Then only the store can say what comes next: what is gone may still
   * lie in the tail.
   */
  boolean isBehindGone() {
    return position.seq() < goneTo;
  }

  /**
   * What comes next.
   *
   * @param dialect the number of the dialect; negative for entries that are not encoded
   * @param maxBytes about how much
   */
  Step next(int dialect, int maxBytes) {
    while (true) {
      // Read before what is held: an answer is put there first, so one that comes between the two
      // looks is never asked for again.
      boolean waiting = asked;
      Reads.Lease lease = held;
      if (lease != null && lease.rollbacks() != channel.rollbacks()) {
        // The page is of before the log went back.
        drop(lease);
        suspect = true;
        continue;
      }
      if (lease != null) {
        Step step = fromPage(lease);
        if (step != null) {
          return step;
        }
        continue;
      }
      if (waiting) {
        return NOTHING;
      }
      if (suspect) {
        suspect = false;
        ask(true);
        return NOTHING;
      }
      if (isBehindGone()) {
        ask(false);
        return NOTHING;
      }
      Tail.Look look;
      if (dialect >= 0) {
        look = channel.tail().look(position, dialect, maxBytes, channel.horizon());
      } else {
        List<Entry> entries = channel.tail().entries(position, 100);
        if (entries != null) {
          setBehind(false);
          return new Step.Entries(entries);
        }
        look = channel.tail().standing(position);
      }
      if (look instanceof Tail.Look.Here here) {
        setBehind(false);
        if (dialect < 0) {
          continue; // The tail has grown between the two looks.
        }
        return new Step.Encoded(here.run());
      }
      if (look instanceof Tail.Look.Current) {
        setBehind(false);
        return NOTHING;
      }
      // Who stands ahead of the end asks too: either this node does not know better, or the log
      // went
      // back unnoticed by this reader.
      if (position.equals(emptyAt) && channel.tail().end().equals(emptyEnd)) {
        // The store has nothing behind it either; the channel is finding out why it seemed so.
        return NOTHING;
      }
      ask(false);
    }
  }

  private void ask(boolean fresh) {
    asked = true;
    inspected = false;
    this.fresh = fresh;
    setBehind(true);
    reads.page(channel, position, fresh, this);
  }

  private @Nullable Step fromPage(Reads.Lease lease) {
    Page page = lease.page();
    if (!inspected) {
      inspected = true;
      boolean fits = page.fits();
      boolean back = fits && bringsBack(page);
      if (back && !fresh) {
        // It may have been read before what is gone was removed.
        drop(lease);
        ask(true);
        return NOTHING;
      }
      if (!fits || back) {
        Cursor wrong = position;
        position = page.head().cursor();
        goneTo = 0;
        drop(lease);
        if (fits) {
          channel.storeSaid(page.head().cursor(), lease.endBefore());
        } else {
          channel.misfit(wrong, page.head().cursor(), lease.endBefore());
        }
        return new Step.Reset(page.head());
      }
      channel.storeSaid(page.head().cursor(), lease.endBefore());
      channel.read(page.entries());
      if (page.entries().isEmpty()) {
        emptyAt = position;
        // What was committed since the store was asked is no part of its answer.
        emptyEnd = lease.endBefore();
      }
      TrimmedRange trimmed = page.trimmed().orElse(null);
      if (trimmed != null) {
        // It is told once, also if the page it came with was given up and read again.
        long from = Math.max(trimmed.from(), goneTo + 1);
        goneTo = trimmed.to();
        if (page.entries().isEmpty()) {
          position = page.head().cursor();
        }
        if (from <= trimmed.to()) {
          return new Step.Trimmed(new TrimmedRange(from, trimmed.to()));
        }
      }
    }
    List<Entry> entries = page.entries();
    if (!entries.isEmpty()) {
      int index = (int) Math.max(0, position.seq() + 1 - entries.get(0).seq());
      if (index < entries.size()) {
        return new Step.Entries(entries.subList(index, entries.size()));
      }
    }
    drop(lease);
    return null;
  }

  /**
   * True if some of what the owner was told is gone is there, or the log ends before it: then the log went back, and what is
   * there may be another past.
   */
  private boolean bringsBack(Page page) {
    return isBehindGone()
        && (page.entries().isEmpty()
            ? page.head().seq() < goneTo
            : page.entries().get(0).seq() <= goneTo);
  }

  private void drop(Reads.Lease lease) {
    synchronized (this) {
      if (held != lease) {
        return;
      }
      held = null;
    }
    lease.release();
  }

  @Override
  public void answered(Reads.Lease lease) {
    synchronized (this) {
      held = lease;
    }
    asked = false;
    if (abandoned) {
      shrink();
    } else {
      owner.readable();
    }
  }

  @Override
  public void failed(Throwable failure) {
    // Readers stay connected while the store is away and go on by themselves when it is back.
    time.after(TRY_AGAIN, () -> {
      // The tail may seem to answer what only the store can: whether the position is in the log.
      suspect = true;
      asked = false;
      owner.readable();
    });
  }

  /** Gives up a page that is not being read; it is asked for again when it can be. */
  void shrink() {
    Reads.Lease lease;
    synchronized (this) {
      lease = held;
      held = null;
    }
    if (lease != null) {
      lease.release();
    }
  }

  /** Nothing is read any more. */
  void abandon() {
    abandoned = true;
    shrink();
    setBehind(false);
  }

  /** Who has ended is behind nothing, whatever its pump is still about to find. */
  private synchronized void setBehind(boolean now) {
    boolean counted = now && !abandoned;
    if (behind != counted) {
      behind = counted;
      channel.behind(counted ? 1 : -1);
    }
  }
}
