package dev.confab.chat.simulation;

import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Head;
import dev.confab.chat.spi.MessageStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The one log all nodes stand on, and a memory of everything that was ever committed to it. It can go back to any earlier
 * state of itself, as a database does that fails over to a copy; what is committed then is another past.
 */
final class Ledger implements MessageStore {
  /** What is known of one channel. */
  private static final class Story {
    /** What was committed and not lost since; what stands at index i has number i + 1, removed or not. */
    final List<Entry> now = new ArrayList<>();

    /** What retention removed of that, and what lost its data. */
    long floor;

    final Set<Long> redacted = new HashSet<>();

    /** Everything there ever was, and what ever stood right behind it. */
    final Map<Cursor, Entry> ever = new HashMap<>();

    final Map<Cursor, Set<Cursor>> followers = new HashMap<>();

    /** What a rollback took, and how many rollbacks took something before an entry was committed. */
    final Set<Cursor> lost = new HashSet<>();

    final Map<Cursor, Integer> born = new HashMap<>();
    int rollbacks;

    /** How far retention ever went, and redactions ever did, in whichever past. */
    long everFloor;

    long everHead;
    boolean trimsUndone;

    final Set<Cursor> everRedacted = new HashSet<>();

    /** True if the same entry was committed twice at the same number, the first of which was lost. */
    boolean same;

    /** The first entry whose commit was not answered. */
    long doubtful = Long.MAX_VALUE;

    Cursor at(long seq) {
      return seq == 0 ? Cursor.START : now.get((int) seq - 1).cursor();
    }
  }

  /** Something that changed the log, and can be done again to another one. */
  private record Change(
      @org.jspecify.annotations.Nullable Append append,
      ChannelName channel,
      long redacts,
      EntryId id,
      Instant at,
      long trims) {
    void redo(InMemoryMessageStore log) {
      if (append != null) {
        log.append(append);
      } else if (redacts > 0) {
        log.redact(channel, redacts, id, at);
      } else {
        log.trim(channel, trims);
      }
    }
  }

  private static final EntryId NO_ID = new EntryId("----------------");

  private final Simulation simulation;
  private InMemoryMessageStore log = InMemoryMessageStore.create();
  private final List<Change> changes = new ArrayList<>();
  private final Map<ChannelName, Story> stories = new LinkedHashMap<>();
  private int rollbacks;
  private int sameAgain;
  private int trims;
  private int redactions;

  Ledger(Simulation simulation) {
    this.simulation = simulation;
  }

  @Override
  public Appended append(Append append) {
    Appended appended = log.append(append);
    changes.add(
        new Change(append, append.items().get(0).draft().channel(), 0, NO_ID, Instant.EPOCH, 0));
    for (Item item : append.items()) {
      note(item.draft().channel());
      item.copy().ifPresent(copy -> note(copy.channel()));
    }
    return appended;
  }

  @Override
  public Page read(ChannelName channel, Position position, int entries, int bytes) {
    return log.read(channel, position, entries, bytes);
  }

  @Override
  public Map<ChannelName, Head> heads(Collection<ChannelName> channels) {
    return log.heads(channels);
  }

  @Override
  public Optional<Appended> redact(ChannelName channel, long seq, EntryId id, Instant at) {
    Optional<Appended> done = log.redact(channel, seq, id, at);
    if (done.isPresent()) {
      changes.add(new Change(null, channel, seq, id, at, 0));
      Story story = story(channel);
      story.redacted.add(seq);
      story.everRedacted.add(story.at(seq));
      redactions++;
      note(channel);
    }
    return done;
  }

  /** Appends and does not say so. */
  void appendUnheard(Append append) {
    for (Item item : append.items()) {
      doubt(item.draft().channel());
      item.copy().ifPresent(copy -> doubt(copy.channel()));
    }
    append(append);
  }

  private void doubt(ChannelName channel) {
    Story story = story(channel);
    story.doubtful = Math.min(story.doubtful, story.now.size() + 1L);
  }

  /**
   * Retention removes everything up to this number, but nothing that is still looked up: what a journal does not find it
   * records again, and no retention removes what is younger than ten seconds.
   */
  void trim(ChannelName channel, long upTo) {
    Story story = story(channel);
    long most = Math.min(Math.min(upTo, story.now.size()), story.doubtful - 1);
    if (most > story.floor) {
      changes.add(new Change(null, channel, 0, NO_ID, Instant.EPOCH, most));
      log.trim(channel, most);
      story.floor = most;
      story.everFloor = Math.max(story.everFloor, most);
      trims++;
    }
  }

  /** How many states the log can go back to. */
  int states() {
    return changes.size();
  }

  /** The log is what it was after so many changes; what came behind them is lost. */
  void rollBack(int toState) {
    rollbacks++;
    changes.subList(toState, changes.size()).clear();
    log = InMemoryMessageStore.create();
    stories.values().forEach(story -> {
      story.floor = 0;
      story.redacted.clear();
    });
    for (Change change : changes) {
      change.redo(log);
      if (change.redacts > 0) {
        story(change.channel).redacted.add(change.redacts);
      } else if (change.trims > 0) {
        story(change.channel).floor = change.trims;
      }
    }
    stories.values().forEach(story -> story.trimsUndone |= story.floor < story.everFloor);
    log.heads(stories.keySet()).forEach((channel, head) -> {
      Story story = story(channel);
      if (head.seq() < story.now.size()) {
        List<Entry> lost = story.now.subList((int) head.seq(), story.now.size());
        simulation.trace("  lost of", channel, lost.size(), "behind", head.cursor());
        lost.forEach(entry -> story.lost.add(entry.cursor()));
        lost.clear();
        story.rollbacks++;
      }
      if (story.doubtful > head.seq()) {
        story.doubtful = Long.MAX_VALUE;
      }
    });
  }

  @Override
  public void close() {
    // The log outlives every node.
  }

  private Story story(ChannelName channel) {
    return stories.computeIfAbsent(channel, name -> new Story());
  }

  private void note(ChannelName channel) {
    Story story = story(channel);
    while (true) {
      Page page = log.read(channel, new Position.AfterSeq(story.now.size()), 1_000, 1 << 20);
      for (Entry entry : page.entries()) {
        if (entry.seq() != story.now.size() + 1
            || simulation.plants(Planted.STORE_LEAVES_A_HOLE, 200)) {
          simulation.violated(Rule.LOG_IS_DENSE, entry + " behind " + story.now.size());
          return;
        }
        Cursor cursor = entry.cursor();
        story
            .followers
            .computeIfAbsent(story.at(story.now.size()), place -> new HashSet<>())
            .add(cursor);
        if (story.ever.put(cursor, entry) != null) {
          story.same = true;
          sameAgain++;
        }
        story.born.put(cursor, story.rollbacks);
        story.now.add(entry);
        story.everHead = Math.max(story.everHead, entry.seq());
        simulation.trace("  committed", channel, cursor, entry.kind(), entry.data());
      }
      if (!page.more()) {
        return;
      }
    }
  }

  // What is.

  long head(ChannelName channel) {
    return story(channel).now.size();
  }

  long floor(ChannelName channel) {
    return story(channel).floor;
  }

  /** What was committed to the channel and not lost; what stands at index i has number i + 1. */
  List<Entry> of(ChannelName channel) {
    return story(channel).now;
  }

  /** The place behind this number, which is in the log. */
  Cursor at(ChannelName channel, long seq) {
    return story(channel).at(seq);
  }

  boolean isInTheLog(ChannelName channel, Cursor place) {
    Story story = story(channel);
    return place.seq() <= story.now.size() && story.at(place.seq()).equals(place);
  }

  List<ChannelName> channels() {
    return List.copyOf(stories.keySet());
  }

  boolean isRedacted(ChannelName channel, long seq) {
    return story(channel).redacted.contains(seq);
  }

  /** True if there is a message between these two places of today's log, both excluded. */
  boolean hasMessageBetween(ChannelName channel, long after, long before) {
    List<Entry> all = of(channel);
    for (long seq = after + 1; seq < before && seq <= all.size(); seq++) {
      if (all.get((int) seq - 1).kind() == EntryKind.MESSAGE) {
        return true;
      }
    }
    return false;
  }

  // What ever was.

  /** What was committed there, lost or not. */
  Optional<Entry> ever(ChannelName channel, Cursor place) {
    return Optional.ofNullable(story(channel).ever.get(place));
  }

  boolean wasRedacted(ChannelName channel, Cursor place) {
    return story(channel).everRedacted.contains(place);
  }

  /** True if a rollback ever took it. */
  boolean wasLost(ChannelName channel, Cursor place) {
    return story(channel).lost.contains(place);
  }

  /** True if a rollback ever took something at or behind this number. */
  boolean wasLostFrom(ChannelName channel, long seq) {
    return story(channel).lost.stream().anyMatch(place -> place.seq() >= seq);
  }

  /** How long the log ever was. */
  long everHead(ChannelName channel) {
    return Math.max(story(channel).now.size(), story(channel).everHead);
  }

  /** How far retention went, in whichever past. */
  long everFloor(ChannelName channel) {
    return story(channel).everFloor;
  }

  /** True if a rollback ever brought back what retention had removed, or took what stood behind it. */
  boolean trimsUndone(ChannelName channel) {
    Story story = story(channel);
    return story.trimsUndone
        || story.lost.stream().anyMatch(place -> place.seq() > story.everFloor);
  }

  /** How many rollbacks had touched the channel when this was committed. */
  int born(ChannelName channel, Cursor place) {
    return story(channel).born.getOrDefault(place, -1);
  }

  /** True if in some past the second stood right behind the first. */
  boolean follows(ChannelName channel, Cursor first, Cursor second) {
    return story(channel).followers.getOrDefault(first, Set.of()).contains(second);
  }

  /** True if in some past the second came behind the first with no message between. */
  boolean followsUnlessMessages(ChannelName channel, Cursor first, Cursor second) {
    if (follows(channel, first, second)) {
      return true;
    }
    for (Cursor next : story(channel).followers.getOrDefault(first, Set.of())) {
      Entry entry = story(channel).ever.get(next);
      if (entry != null
          && entry.kind() != EntryKind.MESSAGE
          && next.seq() < second.seq()
          && followsUnlessMessages(channel, next, second)) {
        return true;
      }
    }
    return false;
  }

  /**
   * True if a commit that was lost happened again, at the same number: such an entry is the same in both pasts, and who
   * stands behind it can not know which he has seen.
   */
  boolean isSameInTwoPasts(ChannelName channel) {
    return story(channel).same;
  }

  /** Adds how often what happened to the log. */
  void addTo(Map<String, Long> totals) {
    totals.merge("rollbacks", (long) rollbacks, Long::sum);
    totals.merge("trims", (long) trims, Long::sum);
    totals.merge("redactions", (long) redactions, Long::sum);
    totals.merge("entries same in two pasts", (long) sameAgain, Long::sum);
  }
}
