package dev.confab.chat.internal.hub;

import dev.confab.chat.internal.outlet.Turn;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The newest part of one channel's log in memory, each entry encoded at most once per dialect, and where the log ends as
 * far as this node knows. It takes an entry only if seq and id continue what it has.
 *
 * <p><b>Threads.</b> Any. Its lock is a leaf; dialects are called outside of it.
 */
final class Tail {
  /** What a piece of news means for the followers. */
  enum News {
    /** Nothing this node did not know. */
    OLD,
    /** The log goes on. */
    AHEAD,
    /** The log is not what it was: every follower has to look where it stands. */
    ROLLBACK,
    /** It can not be told without asking the store for the head. */
    UNCLEAR
  }

  /** What lies at a position. */
  sealed interface Look {
    /** Entries that follow it. */
    record Here(Run run) implements Look {}

    /** Nothing: it is where the log ends. */
    record Current() implements Look {}

    /** It is behind where the log ends, which may be because this node does not know better. */
    record Ahead() implements Look {}

    /** Only the store can say. */
    record Elsewhere() implements Look {}
  }

  private static final Look CURRENT = new Look.Current();
  private static final Look AHEAD = new Look.Ahead();
  private static final Look ELSEWHERE = new Look.Elsewhere();

  /** Stands for the text of an entry that a dialect does not show. */
  private static final Frame NOT_SHOWN = new Frame("", 0);

  /** How many runs are remembered per dialect: those at the same place then share one text. */
  private static final int RUNS = 8;

  /** How many entries one run has at most. */
  private static final int RUN_ENTRIES = 512;

  private static final class Kept {
    final Entry entry;

    /** Made outside the lock by whoever needs it first; made twice, it is the same text. */
    final @Nullable Frame[] frames;

    /** What it is counted for; 0 once it is gone. Guarded by the tail. */
    long counted;

    Kept(Entry entry, int dialects) {
      this.entry = entry;
      this.frames = new @Nullable Frame[dialects];
      this.counted = entry.weight();
    }
  }

  private record Remembered(int dialect, Cursor from, int maxBytes, long end, Run run) {}

  private final List<Dialect> dialects;
  private final int maxBytes;

  // All below guarded by this.
  private Cursor end = Cursor.START;
  private boolean opened;
  private @Nullable Kept[] ring = new @Nullable Kept[4];
  private int first;
  private int size;
  private Cursor before = Cursor.START;
  private long keptBytes;
  private long runBytes;
  private final List<Remembered> runs = new ArrayList<>(0);
  private int nextRun;

  /** How often something that lay here was taken away: a run made of it before is not shared afterwards. */
  private long takenAway;

  /** How often the log was found to be another than before: what was read of it before is no longer true. */
  private long changes;

  /** The newest redaction this node knows of. */
  private long lastRedaction;

  Tail(List<Dialect> dialects, int maxBytes) {
    this.dialects = dialects;
    this.maxBytes = maxBytes;
  }

  /** The place where the log ends as far as this node knows. */
  synchronized Cursor end() {
    return end;
  }

  /** Changes whenever this node learns that the log was cut, went backwards, or lost data to a redaction. */
  synchronized long changes() {
    return changes;
  }

  /** Bytes of memory that the entries and their texts take. */
  synchronized long bytes() {
    return keptBytes + runBytes;
  }

  /** The head was read for the first time; what was committed meanwhile is noted already. */
  synchronized void open(Head head) {
    opened = true;
    if (head.seq() > end.seq()) {
      drop();
      end = head.cursor();
    }
  }

  /**
   * Entries were committed, by this node or another.
   *
   * @param previous a place before the first of them; others' entries may stand between
   */
  synchronized News committed(Cursor previous, List<Entry> entries) {
    Entry first = entries.get(0);
    if (first.seq() != previous.seq() + 1) {
      return behindOthers(previous, first, entries.subList(1, entries.size()));
    }
    Entry last = entries.get(entries.size() - 1);
    if (!opened && end.seq() == 0) {
      restart(previous, entries);
      return News.AHEAD;
    }
    if (previous.equals(end)) {
      if (size == 0) {
        before = previous;
      }
      if (size > 0 && !keptEnd().equals(end)) {
        restart(previous, entries);
      } else {
        entries.forEach(this::keep);
        end = last.cursor();
        shed(maxBytes);
      }
      return News.AHEAD;
    }
    if (last.seq() <= end.seq()) {
      Optional<EntryId> known = idAt(last.seq());
      if (known.isEmpty()) {
        return News.UNCLEAR;
      }
      if (known.get().equals(last.id())) {
        if (last.seq() == end.seq()) {
          fill(previous, entries);
        }
        return News.OLD;
      }
      restart(previous, entries);
      return News.ROLLBACK;
    }
    // A gap, unless the place it continues from, or one it passes, is one that this node knew
    // otherwise.
    boolean other = isOther(previous)
        || (end.seq() > previous.seq()
            && !entries.get((int) (end.seq() - first.seq())).cursor().equals(end));
    restart(previous, entries);
    return other ? News.ROLLBACK : News.AHEAD;
  }

  /** What is kept must be without gap: so it begins behind the first of these, whose place is known. */
  private News behindOthers(Cursor previous, Entry firstEntry, List<Entry> rest) {
    Cursor place = firstEntry.cursor();
    boolean other = opened && isOther(previous);
    if (!rest.isEmpty()) {
      News news = committed(place, rest);
      return other ? News.ROLLBACK : news;
    }
    if (place.seq() > end.seq()) {
      end = place;
      return other ? News.ROLLBACK : News.AHEAD;
    }
    return idAt(place.seq()).equals(place.id()) ? News.OLD : News.UNCLEAR;
  }

  /**
   * The store said where the log ends.
   *
   * @param endBefore {@link #end} as it was before the store was asked
   */
  synchronized News head(Cursor head, Cursor endBefore) {
    if (end.seq() < endBefore.seq()) {
      // The log was found to have gone back since: the answer may be one of before.
      return head.equals(end) ? News.OLD : News.UNCLEAR;
    }
    if (head.seq() > end.seq()) {
      // What is kept stays, for when what lies between is told; until then nobody is shown it.
      end = head;
      return News.AHEAD;
    }
    boolean backwards =
        head.seq() < endBefore.seq() || (head.seq() == endBefore.seq() && !head.equals(endBefore));
    if (backwards && end.equals(endBefore)) {
      drop();
      end = head;
      return News.ROLLBACK;
    }
    if (backwards || isOther(head)) {
      return News.UNCLEAR;
    }
    return News.OLD;
  }

  /**
   * The store said that this position is not in the log.
   *
   * @param head where the store's log ends
   * @param endBefore {@link #end} as it was before the store was asked
   */
  synchronized News misfit(Cursor position, Cursor head, Cursor endBefore) {
    boolean mine = position.seq() > 0 && idAt(position.seq()).equals(position.id());
    if (mine) {
      drop();
      if (end.equals(endBefore) || end.equals(position)) {
        end = head;
      }
      return News.ROLLBACK;
    }
    return head(head, endBefore);
  }

  /** What follows this position, encoded for a dialect. */
  Look look(Cursor position, int dialect, int maxRunBytes) {
    return look(position, dialect, maxRunBytes, Long.MAX_VALUE);
  }

  /**
   * As above.
   *
   * @param horizon what has a higher number is not looked at yet
   */
  Look look(Cursor position, int dialect, int maxRunBytes, long horizon) {
    Kept[] found;
    boolean more;
    long endSeq;
    long takenAwayBefore;
    synchronized (this) {
      Look elsewhere = locate(position);
      if (elsewhere != null) {
        return elsewhere;
      }
      endSeq = Math.min(horizon, end.seq());
      if (position.seq() >= endSeq) {
        return CURRENT;
      }
      Run known = remembered(position, dialect, maxRunBytes, endSeq);
      if (known != null) {
        return new Look.Here(known);
      }
      int index = (int) (position.seq() - before.seq());
      int count = (int) Math.min(RUN_ENTRIES, Math.min(size - index, endSeq - position.seq()));
      found = new Kept[count];
      for (int i = 0; i < count; i++) {
        found[i] = kept(index + i);
      }
      // The log may end behind what is kept; then the store has the rest, and somebody has to ask.
      more = found[count - 1].entry.seq() < endSeq;
      takenAwayBefore = takenAway;
    }
    return new Look.Here(
        encode(position, found, more, dialect, maxRunBytes, endSeq, takenAwayBefore));
  }

  /** What follows this position, as entries; null if they do not lie here. */
  synchronized @Nullable List<Entry> entries(Cursor position, int most) {
    if (locate(position) != null) {
      return null;
    }
    int index = (int) (position.seq() - before.seq());
    int count = Math.min(most, size - index);
    List<Entry> found = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      found.add(kept(index + i).entry);
    }
    return found;
  }

  /** True if the entry behind this position lies here. */
  synchronized boolean covers(Cursor position) {
    return locate(position) == null;
  }

  /** Where this position stands; null if the entry behind it is kept. */
  synchronized Look standing(Cursor position) {
    Look elsewhere = locate(position);
    return elsewhere == null ? new Look.Here(new Run(List.of(), 0, 0, position, true)) : elsewhere;
  }

  /**
   * Gives up the oldest entries until at most so many bytes are left. Runs stay, or else a full tail would have each follower
   * make its own, but for what is more than half of it.
   */
  synchronized long shed(long most) {
    long had = keptBytes + runBytes;
    if (had > most && runBytes > most / 2) {
      forgetRuns();
    }
    while (size > 0 && keptBytes + runBytes > most) {
      Kept oldest = kept(0);
      keptBytes -= oldest.counted;
      oldest.counted = 0;
      before = oldest.entry.cursor();
      ring[first] = null;
      first = (first + 1) % ring.length;
      size--;
    }
    return had - keptBytes - runBytes;
  }

  private @Nullable Look locate(Cursor position) {
    if (position.seq() > end.seq()) {
      return AHEAD;
    }
    if (position.seq() == end.seq()) {
      return position.equals(end) ? CURRENT : ELSEWHERE;
    }
    long index = position.seq() - before.seq();
    if (index < 0 || index >= size || !keptEnd().equals(end)) {
      // What does not reach the end may be of a log that has gone back and grown past it since.
      return ELSEWHERE;
    }
    Cursor here = index == 0 ? before : kept((int) index - 1).entry.cursor();
    return here.equals(position) ? null : ELSEWHERE;
  }

  private Optional<EntryId> idAt(long seq) {
    if (seq == end.seq()) {
      return end.id();
    }
    if (size > 0 && seq == before.seq()) {
      return before.id();
    }
    long index = seq - before.seq() - 1;
    return index >= 0 && index < size
        ? Optional.of(kept((int) index).entry.id())
        : Optional.empty();
  }

  /** True if this node knew another entry at this place. */
  private boolean isOther(Cursor place) {
    Optional<EntryId> known = idAt(place.seq());
    return known.isPresent() && !known.equals(place.id());
  }

  private Cursor keptEnd() {
    return kept(size - 1).entry.cursor();
  }

  /** The head was seen in the store before the commit was told: then its entries are not here yet. */
  private void fill(Cursor previous, List<Entry> entries) {
    if (size > 0 && keptEnd().equals(end)) {
      return;
    }
    if (size == 0 || !keptEnd().equals(previous)) {
      restart(previous, entries);
      return;
    }
    entries.forEach(this::keep);
    shed(maxBytes);
  }

  private void restart(Cursor previous, List<Entry> entries) {
    drop();
    before = previous;
    entries.forEach(this::keep);
    end = entries.get(entries.size() - 1).cursor();
    shed(maxBytes);
  }

  private void drop() {
    for (int i = 0; i < size; i++) {
      kept(i).counted = 0;
    }
    ring = new @Nullable Kept[4];
    first = 0;
    size = 0;
    keptBytes = 0;
    takenAway++;
    changes++;
    // Those of another log may stand below it.
    lastRedaction = 0;
    forgetRuns();
  }

  private void keep(Entry entry) {
    if (entry.kind() == EntryKind.REDACTION) {
      redacted(entry);
    }
    if (size == ring.length) {
      @Nullable Kept[] larger = new @Nullable Kept[2 * size];
      for (int i = 0; i < size; i++) {
        larger[i] = kept(i);
      }
      ring = larger;
      first = 0;
    }
    Kept kept = new Kept(entry, dialects.size());
    ring[(first + size) % ring.length] = kept;
    size++;
    keptBytes += kept.counted;
  }

  /** A redaction was committed, or found in the store without having been told here. */
  synchronized void redacted(Entry redaction) {
    if (redaction.seq() > lastRedaction) {
      lastRedaction = redaction.seq();
      changes++;
    }
    blank(Long.parseLong(redaction.about()));
  }

  /** A redacted entry is kept without its data, so that nobody who comes to it later is shown it. */
  private void blank(long seq) {
    int index = (int) (seq - before.seq() - 1);
    if (index < 0 || index >= size) {
      return;
    }
    Kept old = kept(index);
    Entry e = old.entry;
    if (e.data().equals(Json.NULL)) {
      return;
    }
    Kept blank = new Kept(
        new Entry(
            e.channel(),
            e.seq(),
            e.id(),
            e.kind(),
            e.no(),
            e.about(),
            e.from(),
            e.key(),
            e.at(),
            Json.NULL),
        dialects.size());
    ring[(first + index) % ring.length] = blank;
    keptBytes += blank.counted - old.counted;
    old.counted = 0;
    takenAway++;
    forgetRuns();
  }

  private Kept kept(int index) {
    return Objects.requireNonNull(ring[(first + index) % ring.length]);
  }

  private Run encode(
      Cursor from,
      Kept[] found,
      boolean more,
      int dialect,
      int maxRunBytes,
      long endSeq,
      long takenAwayBefore) {
    Dialect speech = dialects.get(dialect);
    List<Frame> frames = new ArrayList<>();
    List<Kept> encodedNow = new ArrayList<>();
    int length = 0;
    int shown = 0;
    int taken = 0;
    for (Kept kept : found) {
      Frame frame = kept.frames[dialect];
      if (frame == null) {
        frame = speech.encode(new Event.Recorded(kept.entry)).map(Frame::of).orElse(NOT_SHOWN);
        kept.frames[dialect] = frame;
        encodedNow.add(kept);
      }
      if (frame != NOT_SHOWN) {
        if (length > 0 && length + frame.length() > maxRunBytes) {
          break;
        }
        frames.add(frame);
        length += frame.length() + 1;
        shown++;
      }
      taken++;
    }
    boolean cut = taken < found.length || more;
    List<Frame> written = frames;
    if (speech.manners().joinsFrames() && frames.size() > 1) {
      Frame joined = Turn.join(frames);
      written = List.of(joined);
      length = joined.length();
    } else {
      written = List.copyOf(frames);
    }
    Run run = new Run(written, length, shown, found[taken - 1].entry.cursor(), cut);
    synchronized (this) {
      for (Kept kept : encodedNow) {
        Frame frame = kept.frames[dialect];
        if (kept.counted > 0 && frame != null) {
          kept.counted += 48L + frame.length();
          keptBytes += 48L + frame.length();
        }
      }
      if (takenAway == takenAwayBefore) {
        remember(new Remembered(dialect, from, maxRunBytes, endSeq, run));
      }
      shed(maxBytes);
    }
    return run;
  }

  private @Nullable Run remembered(Cursor from, int dialect, int maxRunBytes, long endSeq) {
    for (Remembered each : runs) {
      if (each.dialect() == dialect
          && each.maxBytes() == maxRunBytes
          && (each.run().more() || each.end() == endSeq)
          && each.from().equals(from)) {
        return each.run();
      }
    }
    return null;
  }

  private void remember(Remembered run) {
    Cursor to = run.run().to();
    if (!idAt(to.seq()).equals(to.id())) {
      return; // The log went another way while this was encoded.
    }
    if (runs.size() < RUNS * dialects.size()) {
      runs.add(run);
    } else {
      runBytes -= runs.set(nextRun, run).run().length();
      nextRun = (nextRun + 1) % runs.size();
    }
    runBytes += run.run().length();
  }

  private void forgetRuns() {
    runs.clear();
    nextRun = 0;
    runBytes = 0;
  }
}
