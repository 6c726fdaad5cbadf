package dev.confab.chat.local;

import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.TrimmedRange;
import dev.confab.chat.spi.MessageStore.Page;
import dev.confab.chat.spi.MessageStore.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The log of one channel. Guarded by the store that owns it. */
final class ChannelLog {
  /** The entries from behind the floor up to the head, by seq. */
  private final Map<Long, Line> lines = new HashMap<>();

  /** Behind the newest entry there ever was. */
  private Head head = Head.EMPTY;

  /** Behind the newest entry that was removed. */
  private Cursor floor = Cursor.START;

  Head head() {
    return head;
  }

  /** How many entries are kept. */
  int size() {
    return lines.size();
  }

  Line append(Draft draft, Instant at) {
    long no = draft.kind() == EntryKind.MESSAGE ? head.no() + 1 : head.no();
    Line line = new Line(this, Entry.of(draft, head.seq() + 1, no, at));
    lines.put(line.entry.seq(), line);
    head = new Head(line.entry.cursor(), no);
    return line;
  }

  /** The entry with this number, if it is kept. */
  Optional<Line> line(long seq) {
    return Optional.ofNullable(lines.get(seq));
  }

  /** The entry with this id among those behind the place. */
  Optional<Entry> findBehind(Cursor place, EntryId id) {
    for (long seq = head.seq(); seq > Math.max(place.seq(), floor.seq()); seq--) {
      Entry entry = entry(seq);
      if (entry.id().equals(id)) {
        return Optional.of(entry);
      }
    }
    return Optional.empty();
  }

  /** The place right before this entry, which is kept. */
  Cursor before(Entry entry) {
    long seq = entry.seq() - 1;
    return seq == floor.seq() ? floor : entry(seq).cursor();
  }

  /** Takes out the oldest entry; there must be one. */
  Line removeOldest() {
    Line oldest = Objects.requireNonNull(lines.remove(floor.seq() + 1), "an entry above the floor");
    floor = oldest.entry.cursor();
    return oldest;
  }

  /** The number of the oldest entry that is kept, or would be. */
  long oldest() {
    return floor.seq() + 1;
  }

  Page read(Position position, int entries, int bytes) {
    if (position instanceof Position.After after) {
      return has(after.cursor()) ? forward(after.cursor().seq(), entries, bytes) : misfit();
    }
    if (position instanceof Position.Before before) {
      return has(before.cursor()) ? backward(before.cursor().seq(), entries, bytes) : misfit();
    }
    if (position instanceof Position.AfterSeq after) {
      return forward(after.seq(), entries, bytes);
    }
    return backward(((Position.BeforeSeq) position).seq(), entries, bytes);
  }

  /**
   * True for the places at which reading can begin: the start, the floor, behind every entry that is kept, and below the
   * floor, where nothing is left that a place could differ from.
   */
  private boolean has(Cursor place) {
    if (place.seq() < floor.seq() || place.equals(Cursor.START) || place.equals(floor)) {
      return true;
    }
    return line(place.seq()).map(line -> line.entry.cursor().equals(place)).orElse(false);
  }

  private Page misfit() {
    return Page.misfit(head);
  }

  private Page forward(long from, int entries, int bytes) {
    Optional<TrimmedRange> trimmed = from < floor.seq()
        ? Optional.of(new TrimmedRange(from + 1, floor.seq()))
        : Optional.empty();
    List<Entry> page = new ArrayList<>();
    long room = bytes;
    long seq = Math.max(Math.min(from, head.seq()), floor.seq()) + 1;
    while (seq <= head.seq() && page.size() < entries) {
      Entry entry = entry(seq);
      room -= entry.data().bytes();
      if (room < 0 && !page.isEmpty()) {
        break;
      }
      page.add(entry);
      seq++;
    }
    return new Page(true, page, seq <= head.seq(), head, trimmed);
  }

  private Page backward(long before, int entries, int bytes) {
    List<Entry> page = new ArrayList<>();
    long room = bytes;
    long seq = Math.min(before - 1, head.seq());
    while (seq > floor.seq() && page.size() < entries) {
      Entry entry = entry(seq);
      room -= entry.data().bytes();
      if (room < 0 && !page.isEmpty()) {
        break;
      }
      page.add(entry);
      seq--;
    }
    Collections.reverse(page);
    return new Page(true, page, seq > floor.seq(), head, Optional.empty());
  }

  private Entry entry(long seq) {
    return Objects.requireNonNull(lines.get(seq), "a kept entry").entry;
  }

  /** One entry at its place. Told apart by identity, because a redaction changes what stands there. */
  static final class Line {
    final ChannelLog log;
    Entry entry;

    /** False once the data is taken away; data that is {@code null} is data too. */
    boolean hasData;

    Line(ChannelLog log, Entry entry) {
      this.log = log;
      this.entry = entry;
      this.hasData = entry.kind() != EntryKind.REDACTION;
    }

    /** Leaves the entry in its place and takes its data away. */
    void redact() {
      hasData = false;
      entry = new Entry(
          entry.channel(),
          entry.seq(),
          entry.id(),
          entry.kind(),
          entry.no(),
          entry.about(),
          entry.from(),
          entry.key(),
          entry.at(),
          Json.NULL);
    }
  }
}
