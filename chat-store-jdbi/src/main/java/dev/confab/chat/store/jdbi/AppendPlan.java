package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Appended;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of the items of one append, from what its transaction has read; knows no SQL. Used by one thread, for
 * one attempt.
 */
final class AppendPlan {
  private final Append append;
  private final Instant at;
  private final Map<ChannelName, ChannelRow> held;
  private final Set<ChannelName> heldByOthers;

  /** The heads as they will be, of channels that are written to. */
  private final Map<ChannelName, ChannelRow> moved = new LinkedHashMap<>();

  private final Map<ChannelName, Cursor> previous = new HashMap<>();
  private final List<EntryRow> entries = new ArrayList<>();
  private final Map<Spot, Entry> recordedBefore = new HashMap<>();
  private final Map<KeyRow, KeyRow.Place> keys = new HashMap<>();

  AppendPlan(Append append, Locked locked) {
    this.append = append;
    this.at = Instant.ofEpochMilli(append.at().toEpochMilli());
    this.held = locked.rows();
    this.heldByOthers = locked.held();
  }

  /** Where an id stands; a message and its copy share the id. */
  private record Spot(ChannelName channel, EntryId id, String about) {
    static Spot of(Draft draft) {
      return new Spot(draft.channel(), draft.id(), draft.about());
    }
  }

  /** Every channel the items write to. */
  static SortedSet<ChannelName> channels(List<Item> items) {
    SortedSet<ChannelName> channels = new TreeSet<>();
    for (Item item : items) {
      channels.add(item.draft().channel());
      item.copy().ifPresent(copy -> channels.add(copy.channel()));
    }
    return channels;
  }

  /**
   * A channel of which nobody can say whether the attempt before this one wrote to it, because another transaction holds it:
   * perhaps that very attempt, still on its way. Calling it held would promise that nothing was recorded.
   */
  Optional<ChannelName> undecided() {
    return heldByOthers.stream().filter(append.seen()::containsKey).findFirst();
  }

  /** Where an earlier attempt may have written. */
  Map<ChannelRow, Cursor> places() {
    Map<ChannelRow, Cursor> places = new HashMap<>();
    append.seen().forEach((name, cursor) -> {
      ChannelRow row = held.get(name);
      if (row != null) {
        places.put(row, cursor);
      }
    });
    return places;
  }

  Set<EntryId> ids() {
    Set<EntryId> ids = new HashSet<>();
    append.items().forEach(item -> ids.add(item.draft().id()));
    return ids;
  }

  /** Takes what an earlier attempt was found to have written. */
  void recordedBefore(Collection<EntryRow> found) {
    for (EntryRow row : found) {
      Entry entry = row.entry();
      recordedBefore.put(new Spot(entry.channel(), entry.id(), entry.about()), entry);
    }
  }

  /** The keys that have to be asked for. */
  Set<KeyRow> wantedKeys() {
    Set<KeyRow> wanted = new LinkedHashSet<>();
    for (Item item : append.items()) {
      if (holder(item).isEmpty() && !recordedBefore.containsKey(Spot.of(item.draft()))) {
        key(item.draft()).ifPresent(wanted::add);
        item.copy().flatMap(this::key).ifPresent(wanted::add);
      }
    }
    return wanted;
  }

  void known(Map<KeyRow, KeyRow.Place> found) {
    keys.putAll(found);
  }

  /** Decides; called once, last. */
  Appended decide() {
    List<Outcome> outcomes = new ArrayList<>(append.items().size());
    for (Item item : append.items()) {
      outcomes.add(decide(item));
    }
    return new Appended(outcomes, previous);
  }

  private Outcome decide(Item item) {
    Optional<ChannelName> holder = holder(item);
    if (holder.isPresent()) {
      return new Outcome.Held(holder.get());
    }
    Entry before = recordedBefore.get(Spot.of(item.draft()));
    if (before != null) {
      return new Outcome.Recorded(foundAgain(before), copyFoundAgain(item));
    }
    Optional<KeyRow> key = key(item.draft());
    KeyRow.@Nullable Place first = key.map(keys::get).orElse(null);
    if (first != null) {
      return new Outcome.Duplicate(
          new Receipt(item.draft().channel(), first.seq(), first.id(), first.at(), true));
    }
    Entry entry = place(item.draft());
    return new Outcome.Recorded(entry, item.copy().map(this::placeCopy));
  }

  private Optional<Entry> copyFoundAgain(Item item) {
    Entry copy = item.copy().map(draft -> recordedBefore.get(Spot.of(draft))).orElse(null);
    return copy == null ? Optional.empty() : Optional.of(foundAgain(copy));
  }

  /** Its readers may not have been told: what was seen before it is what it continues. */
  private Entry foundAgain(Entry entry) {
    Cursor seen = append.seen().get(entry.channel());
    if (seen != null) {
      previous.put(entry.channel(), seen);
    }
    return entry;
  }

  /**
   * A copy is recorded with its original. If the key of an older copy is in its way – the original's was forgotten by then –
   * it is recorded without one.
   */
  private Entry placeCopy(Draft copy) {
    boolean taken = key(copy).map(keys::containsKey).orElse(false);
    return place(
        taken
            ? new Draft(
                copy.channel(),
                copy.id(),
                copy.kind(),
                copy.about(),
                copy.from(),
                Optional.empty(),
                copy.data())
            : copy);
  }

  private Entry place(Draft draft) {
    ChannelRow channel = row(draft.channel());
    long seq = channel.head().seq() + 1;
    long no = channel.head().no() + (draft.kind() == EntryKind.MESSAGE ? 1 : 0);
    Entry entry = Entry.of(draft, seq, no, at);
    previous.putIfAbsent(draft.channel(), channel.cursor());
    entries.add(new EntryRow(channel.row(), entry));
    moved.put(
        draft.channel(),
        new ChannelRow(
            channel.row(),
            channel.name(),
            new Head(entry.cursor(), no),
            channel.floor(),
            channel.floorId()));
    key(draft).ifPresent(key -> keys.put(key, new KeyRow.Place(seq, entry.id(), at)));
    return entry;
  }

  private ChannelRow row(ChannelName name) {
    ChannelRow now = moved.get(name);
    if (now == null) {
      now = held.get(name);
    }
    if (now == null) {
      throw new IllegalStateException("Channel " + name + " was not asked for");
    }
    return now;
  }

  private Optional<KeyRow> key(Draft draft) {
    return draft.key().map(key -> KeyRow.of(row(draft.channel()).row(), draft, key));
  }

  private Optional<ChannelName> holder(Item item) {
    return heldByOthers.contains(item.draft().channel())
        ? Optional.of(item.draft().channel())
        : item.copy().map(Draft::channel).filter(heldByOthers::contains);
  }

  /** What is to be written. */
  List<EntryRow> entries() {
    return entries;
  }

  /** The heads that follow from it. */
  Collection<ChannelRow> heads() {
    return moved.values();
  }

  /**
   * The places behind which this attempt's entries stand if it is committed; empty if it writes nothing. Where it found
   * entries of an attempt before it, theirs.
   */
  Map<ChannelName, Cursor> seen() {
    return entries.isEmpty() ? Map.of() : Map.copyOf(previous);
  }
}
