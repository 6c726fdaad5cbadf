package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Head;
import dev.confab.chat.protocol.TrimmedRange;
import dev.confab.chat.spi.MessageStore.Page;
import dev.confab.chat.spi.MessageStore.Position;
import dev.confab.chat.spi.StoreException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What has to be read for a position, and what page comes of it; knows no SQL.
 *
 * @param start the number reading begins at, excluded
 * @param cursor the place that must be in the log; absent if a number was given, or the place before the first entry
 */
record Reading(LogPart.Stretch stretch, long start, Optional<Cursor> cursor) {
  static Reading of(Position position, int entries, int bytes) {
    if (position instanceof Position.After after) {
      return of(true, after.cursor().seq(), known(after.cursor()), entries, bytes);
    }
    if (position instanceof Position.AfterSeq after) {
      return of(true, after.seq(), Optional.empty(), entries, bytes);
    }
    if (position instanceof Position.Before before) {
      return of(false, before.cursor().seq(), known(before.cursor()), entries, bytes);
    }
    return of(false, ((Position.BeforeSeq) position).seq(), Optional.empty(), entries, bytes);
  }

  private static Optional<Cursor> known(Cursor cursor) {
    return cursor.seq() == 0 ? Optional.empty() : Optional.of(cursor);
  }

  private static Reading of(
      boolean forward, long start, Optional<Cursor> cursor, int entries, int bytes) {
    // With a cursor reading begins at its own row, whose id is compared. Without, behind or before
    // the number.
    long first;
    if (cursor.isPresent()) {
      first = start;
    } else if (forward) {
      first = start == Long.MAX_VALUE ? start : start + 1;
    } else {
      first = start == Long.MIN_VALUE ? start : start - 1;
    }
    return new Reading(
        new LogPart.Stretch(forward, first, cursor.isPresent() ? start : 0, entries, bytes),
        start,
        cursor);
  }

  /** The page that comes of what was read. */
  Page page(ChannelName name, LogPart part) {
    if (part.channel().isEmpty()) {
      return cursor.isPresent()
          ? Page.misfit(Head.EMPTY)
          : new Page(true, List.of(), false, Head.EMPTY, Optional.empty());
    }
    ChannelRow channel = part.channel().get();
    List<Entry> entries = new ArrayList<>(part.entries());
    if (cursor.isPresent() && !fits(cursor.get(), channel, entries)) {
      return Page.misfit(channel.head());
    }
    return stretch.forward() ? after(name, channel, entries) : before(name, channel, entries);
  }

  /** Whether the place is in the log; takes its own entry off the list. */
  private static boolean fits(Cursor cursor, ChannelRow channel, List<Entry> entries) {
    if (cursor.seq() > channel.head().seq()) {
      return false;
    }
    if (cursor.seq() == channel.floor()) {
      return cursor.id().equals(channel.floorId());
    }
    if (cursor.seq() < channel.floor()) {
      // Nothing is left to compare it with; what is gone is told as trimmed.
      return true;
    }
    return !entries.isEmpty() && entries.remove(0).cursor().equals(cursor);
  }

  private Page after(ChannelName name, ChannelRow channel, List<Entry> entries) {
    long from = Math.max(Math.max(0, start), channel.floor());
    requireDense(name, entries, from, 1);
    long last = entries.isEmpty() ? from : entries.get(entries.size() - 1).seq();
    Optional<TrimmedRange> trimmed = start < channel.floor()
        ? Optional.of(new TrimmedRange(Math.max(0, start) + 1, channel.floor()))
        : Optional.empty();
    return new Page(true, entries, last < channel.head().seq(), channel.head(), trimmed);
  }

  private Page before(ChannelName name, ChannelRow channel, List<Entry> entries) {
    long from = Math.min(start, channel.head().seq() + 1);
    requireDense(name, entries, from, -1);
    long first = entries.isEmpty() ? from : entries.get(entries.size() - 1).seq();
    Collections.reverse(entries);
    return new Page(true, entries, first > channel.floor() + 1, channel.head(), Optional.empty());
  }

  /** A hole can only come of somebody's hand in the tables; showing the rest would break what every reader relies on. */
  private static void requireDense(ChannelName name, List<Entry> entries, long from, int step) {
    long expected = from;
    for (Entry entry : entries) {
      expected += step;
      if (entry.seq() != expected) {
        throw new StoreException("The log of channel " + name + " lacks entry " + expected
            + "; its rows were changed by something else.");
      }
    }
  }
}
