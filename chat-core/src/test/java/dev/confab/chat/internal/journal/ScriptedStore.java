package dev.confab.chat.internal.journal;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.OutcomeUnknownException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A store whose faults a test writes down beforehand. It never waits: who is patient with a held channel is told at once that
 * it is still held.
 */
final class ScriptedStore implements MessageStore {
  /** How one call goes wrong. */
  enum Fault {
    /** Not at all. */
    NONE,
    /** The database is away. */
    UNAVAILABLE,
    /** A fault that is not the database's. */
    BROKEN,
    /** Committed, but the answer is lost. */
    COMMITTED_UNKNOWN,
    /** Rolled back, and the answer is lost. */
    LOST_UNKNOWN,
    /** The answer is lost, and the transaction keeps its channels until {@link #endLingering}. */
    LINGERING_UNKNOWN
  }

  private record KeyOfSender(ChannelName channel, String sender, String key, String about) {}

  private record Lingering(Optional<Append> append, Set<ChannelName> channels) {}

  /** What the next calls of append and redact do, first to come first; without one a call does what it should. */
  final Deque<Fault> faults = new ArrayDeque<>();

  /** Items with one of these ids make any append that holds them fail. */
  final Set<EntryId> poisoned = new HashSet<>();

  /** Channels that another transaction holds. */
  final Set<ChannelName> held = new HashSet<>();

  /** Every call, as it was made. */
  final List<Append> appends = new ArrayList<>();

  /** Runs at the start of each append. */
  Runnable onAppend = () -> {};

  private final Map<ChannelName, List<Entry>> logs = new HashMap<>();
  private final Map<KeyOfSender, Receipt> keys = new HashMap<>();
  private final Set<String> redacted = new HashSet<>();
  private final List<Lingering> lingering = new ArrayList<>();

  @Override
  public synchronized Appended append(Append append) {
    appends.add(append);
    onAppend.run();
    Fault fault = faults.isEmpty() ? Fault.NONE : faults.remove();
    fail(fault);
    for (Item item : append.items()) {
      if (poisoned.contains(item.draft().id())) {
        throw new IllegalStateException("this item can not be recorded");
      }
    }
    Map<ChannelName, Cursor> seen = new HashMap<>();
    List<Item> writable = new ArrayList<>();
    for (Item item : append.items()) {
      if (holder(item).isEmpty()) {
        writable.add(item);
        channels(item).forEach(channel -> seen.put(channel, head(channel)));
      }
    }
    switch (fault) {
      case LOST_UNKNOWN -> throw unknown(seen);
      case LINGERING_UNKNOWN -> {
        Optional<Append> writes = writable.isEmpty()
            ? Optional.empty()
            : Optional.of(new Append(writable, append.at(), append.patience(), append.seen()));
        lingering.add(new Lingering(writes, Set.copyOf(seen.keySet())));
        throw unknown(seen);
      }
      default -> {
        Appended appended = record(append);
        if (fault == Fault.COMMITTED_UNKNOWN) {
          throw unknown(seen);
        }
        return appended;
      }
    }
  }

  @Override
  public synchronized Optional<Appended> redact(
      ChannelName channel, long seq, EntryId id, Instant at) {
    Fault fault = faults.isEmpty() ? Fault.NONE : faults.remove();
    fail(fault);
    if (poisoned.contains(id)) {
      throw new IllegalStateException("this redaction can not be recorded");
    }
    if (allHeld().contains(channel)) {
      throw new StoreUnavailableException("held for too long");
    }
    Cursor before = head(channel);
    if (fault == Fault.LOST_UNKNOWN || fault == Fault.LINGERING_UNKNOWN) {
      throw unknown(Map.of(channel, before));
    }
    if (seq > log(channel).size()
        || log(channel).get((int) seq - 1).kind() == EntryKind.REDACTION
        || !redacted.add(channel + "/" + seq)) {
      return Optional.empty();
    }
    Entry entry = add(
        new Draft(
            channel,
            id,
            EntryKind.REDACTION,
            Long.toString(seq),
            Optional.empty(),
            Optional.empty(),
            Json.NULL),
        at);
    if (fault == Fault.COMMITTED_UNKNOWN) {
      throw unknown(Map.of(channel, before));
    }
    return Optional.of(new Appended(
        List.of(new Outcome.Recorded(entry, Optional.empty())), Map.of(channel, before)));
  }

  @Override
  public synchronized Page read(ChannelName channel, Position position, int entries, int bytes) {
    long after = ((Position.AfterSeq) position).seq();
    List<Entry> found = log(channel).stream()
        .filter(entry -> entry.seq() > after)
        .limit(entries)
        .toList();
    return new Page(
        true, found, false, new Head(head(channel), log(channel).size()), Optional.empty());
  }

  @Override
  public Map<ChannelName, Head> heads(Collection<ChannelName> channels) {
    throw new UnsupportedOperationException("no part of this test");
  }

  @Override
  public void close() {}

  /** The log of a channel as it is now. */
  synchronized List<Entry> entries(ChannelName channel) {
    return List.copyOf(log(channel));
  }

  /** Another node writes to the channel. */
  synchronized void writeElsewhere(Draft draft) {
    add(draft, Instant.EPOCH);
  }

  /** The transactions that linger end, by a commit or by a rollback. */
  synchronized void endLingering(boolean commit) {
    List<Lingering> ended = List.copyOf(lingering);
    lingering.clear();
    if (commit) {
      ended.forEach(each -> each.append().ifPresent(this::record));
    }
  }

  /** How many transactions linger. */
  synchronized int lingering() {
    return lingering.size();
  }

  private Appended record(Append append) {
    List<Outcome> outcomes = new ArrayList<>();
    Map<ChannelName, Cursor> previous = new HashMap<>();
    for (Item item : append.items()) {
      Optional<ChannelName> holder = holder(item);
      if (holder.isPresent()) {
        outcomes.add(new Outcome.Held(holder.get()));
        continue;
      }
      Optional<Entry> own = standing(item.draft(), append.seen());
      if (own.isPresent()) {
        Optional<Entry> copy = item.copy().flatMap(draft -> standing(draft, append.seen()));
        outcomes.add(new Outcome.Recorded(own.get(), copy));
        noteBefore(own.get(), previous);
        copy.ifPresent(entry -> noteBefore(entry, previous));
        continue;
      }
      Optional<KeyOfSender> key = keyOf(item.draft());
      if (key.isPresent() && keys.containsKey(key.get())) {
        outcomes.add(new Outcome.Duplicate(keys.get(key.get())));
        continue;
      }
      Entry entry = add(item.draft(), append.at());
      key.ifPresent(present -> keys.put(
          present, new Receipt(entry.channel(), entry.seq(), entry.id(), entry.at(), true)));
      Optional<Entry> copy = item.copy().map(draft -> add(draft, append.at()));
      outcomes.add(new Outcome.Recorded(entry, copy));
      noteBefore(entry, previous);
      copy.ifPresent(each -> noteBefore(each, previous));
    }
    return new Appended(outcomes, previous);
  }

  private void noteBefore(Entry entry, Map<ChannelName, Cursor> previous) {
    Cursor before = entry.seq() == 1
        ? Cursor.START
        : log(entry.channel()).get((int) entry.seq() - 2).cursor();
    previous.merge(entry.channel(), before, (one, other) -> one.seq() <= other.seq() ? one : other);
  }

  private Optional<Entry> standing(Draft draft, Map<ChannelName, Cursor> seen) {
    Cursor from = seen.get(draft.channel());
    return from == null
        ? Optional.empty()
        : log(draft.channel()).stream()
            .filter(entry -> entry.seq() > from.seq() && entry.id().equals(draft.id()))
            .findFirst();
  }

  private Entry add(Draft draft, Instant at) {
    List<Entry> log = log(draft.channel());
    Entry entry = Entry.of(draft, log.size() + 1L, log.size() + 1L, at);
    log.add(entry);
    return entry;
  }

  private Optional<ChannelName> holder(Item item) {
    Set<ChannelName> all = allHeld();
    return channels(item).stream().filter(all::contains).findFirst();
  }

  private Set<ChannelName> allHeld() {
    Set<ChannelName> all = new HashSet<>(held);
    lingering.forEach(each -> all.addAll(each.channels()));
    return all;
  }

  private Cursor head(ChannelName channel) {
    List<Entry> log = log(channel);
    return log.isEmpty() ? Cursor.START : log.get(log.size() - 1).cursor();
  }

  private List<Entry> log(ChannelName channel) {
    return logs.computeIfAbsent(channel, name -> new ArrayList<>());
  }

  private static List<ChannelName> channels(Item item) {
    List<ChannelName> channels = new ArrayList<>();
    channels.add(item.draft().channel());
    item.copy().ifPresent(copy -> channels.add(copy.channel()));
    return channels;
  }

  private static Optional<KeyOfSender> keyOf(Draft draft) {
    return draft
        .key()
        .map(key -> new KeyOfSender(
            draft.channel(),
            draft.from().map(user -> user.id().value()).orElse(""),
            key.value(),
            draft.about()));
  }

  private static void fail(Fault fault) {
    if (fault == Fault.UNAVAILABLE) {
      throw new StoreUnavailableException("the database is away");
    }
    if (fault == Fault.BROKEN) {
      throw new IllegalStateException("a fault that is not the database's");
    }
  }

  private static OutcomeUnknownException unknown(Map<ChannelName, Cursor> seen) {
    return new OutcomeUnknownException(
        "no answer", new IllegalStateException("connection lost"), seen);
  }
}
