package dev.confab.chat.local;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.time.Duration;
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
import java.util.stream.Stream;

/**
 * Keeps the log in memory: what a chat uses unless it is given another store, and the reference for those. It is gone with
 * the process, and no other node sees it.
 *
 * <p><b>Threads.</b> Any may call any method; calls take turns and none waits for anything else.
 *
 * <p><b>Limits.</b>
 *
 * <ul>
 *   <li>{@link Builder#channelEntries} entries a channel, default {@value #CHANNEL_ENTRIES}; more, and the channel's oldest
 *       are removed.
 *   <li>{@link Builder#totalBytes} in all, default 256 MiB; more, and the oldest entries of all channels are removed. What
 *       was removed is told as trimmed, as by retention.
 *   <li>A message's key is known as long as the message is kept, and then until it is seven days old by the times of later
 *       appends. The keys of removed messages may take a quarter of {@code totalBytes}, {@value #KEY_BYTES} bytes each:
 *       262,144 of them by default. <b>Where more messages with keys are removed within seven days, the oldest keys are
 *       forgotten before their time</b>, and the store warns once: a repeat of so old a message is then recorded anew.
 *       A store with a database has no such bound.
 *   <li>A channel never goes away, for its numbers must not be given out again. Channels may take a quarter of {@code
 *       totalBytes}, {@value #CHANNEL_BYTES} bytes each: 131,072 of them by default. An append to one more is refused with
 *       {@link StoreException}, and so is an append that weighs more than half of {@code totalBytes}.
 * </ul>
 */
public final class InMemoryMessageStore implements MessageStore {
  /** How many entries a channel keeps unless told otherwise. */
  public static final int CHANNEL_ENTRIES = 10_000;

  /** How many bytes everything may take unless told otherwise: 256 MiB. */
  public static final long TOTAL_BYTES = 256L << 20;

  /** How long a key is known at least, as far as there is room. */
  static final Duration KEY_LIFE = Duration.ofDays(7);

  /** Roughly what it takes to find an entry again: by number, by age and by key. */
  private static final int INDEX_BYTES = 256;

  /** Roughly what the key of a removed message takes. */
  static final int KEY_BYTES = 256;

  /** Roughly what a channel takes besides its entries. */
  static final int CHANNEL_BYTES = 512;

  private static final System.Logger LOG = System.getLogger(InMemoryMessageStore.class.getName());

  private final int channelEntries;
  private final long totalBytes;

  // All guarded by this.

  private final Map<ChannelName, ChannelLog> logs = new HashMap<>();

  /** Every entry that is kept, in the order they were committed, so that the oldest can give way. */
  private final Set<ChannelLog.Line> byAge = new LinkedHashSet<>();

  /** Where the messages with a key stand, as long as they are kept. */
  private final Map<Repeatable, Place> keys = new HashMap<>();

  /** Where removed messages stood, in the order they were removed. */
  private final Map<Repeatable, Place> keysOfRemoved = new LinkedHashMap<>();

  /** What the kept entries cost, in bytes. */
  private long entryBytes;

  /** The latest time an append came with: the clock by which keys grow old. */
  private Instant latest = Instant.MIN;

  /** True once a key was forgotten before its time. */
  private boolean forgetful;

  private boolean warned;
  private boolean closed;

  private InMemoryMessageStore(Builder builder) {
    channelEntries = builder.channelEntries;
    totalBytes = builder.totalBytes;
  }

  /** An empty store with the default limits. */
  public static InMemoryMessageStore create() {
    return builder().build();
  }

  /** Makes stores with other limits. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public Appended append(Append append) {
    Appended appended = record(append);
    warnIfForgetful();
    return appended;
  }

  @Override
  public synchronized Page read(ChannelName channel, Position position, int entries, int bytes) {
    requireOpen();
    if (entries < 1 || bytes < 1) {
      throw new IllegalArgumentException("a read asks for at least 1 entry and 1 byte, got "
          + entries + " entries and " + bytes + " bytes");
    }
    ChannelLog log = logs.get(channel);
    return (log == null ? new ChannelLog() : log).read(position, entries, bytes);
  }

  @Override
  public synchronized Map<ChannelName, Head> heads(Collection<ChannelName> channels) {
    requireOpen();
    Map<ChannelName, Head> heads = new HashMap<>();
    for (ChannelName channel : channels) {
      ChannelLog log = logs.get(channel);
      heads.put(channel, log == null ? Head.EMPTY : log.head());
    }
    return heads;
  }

  @Override
  public synchronized Optional<Appended> redact(
      ChannelName channel, long seq, EntryId id, Instant at) {
    requireOpen();
    ChannelLog log = logs.get(channel);
    ChannelLog.Line line = log == null ? null : log.line(seq).orElse(null);
    if (log == null || line == null || !line.hasData) {
      return Optional.empty();
    }
    entryBytes -= cost(line);
    line.redact();
    entryBytes += cost(line);
    Cursor previous = log.head().cursor();
    Entry redaction = keep(
        log,
        new Draft(
            channel,
            id,
            EntryKind.REDACTION,
            Long.toString(seq),
            Optional.empty(),
            Optional.empty(),
            Json.NULL),
        at);
    makeRoom(Set.of(log));
    return Optional.of(new Appended(
        List.of(new Outcome.Recorded(redaction, Optional.empty())), Map.of(channel, previous)));
  }

  /**
   * Removes a channel's entries up to this number, as retention does. Does nothing where they are gone already.
   *
   * @param upTo the last number to remove; numbers above the head remove everything
   */
  public synchronized void trim(ChannelName channel, long upTo) {
    requireOpen();
    ChannelLog log = logs.get(channel);
    while (log != null && log.size() > 0 && log.oldest() <= upTo) {
      removeOldest(log);
    }
  }

  /** Forgets everything. Closing again does nothing. */
  @Override
  public synchronized void close() {
    closed = true;
    logs.clear();
    byAge.clear();
    keys.clear();
    keysOfRemoved.clear();
    entryBytes = 0;
  }

  /** Whether something was ever said in this channel. */
  synchronized boolean knows(ChannelName channel) {
    return logs.containsKey(channel);
  }

  private synchronized Appended record(Append append) {
    requireOpen();
    requireRoom(append.items());
    if (append.at().isAfter(latest)) {
      latest = append.at();
    }
    forgetOldKeys();
    Map<ChannelName, Cursor> previous = new HashMap<>();
    List<Outcome> outcomes = new ArrayList<>(append.items().size());
    Set<ChannelLog> touched = new HashSet<>();
    for (Item item : append.items()) {
      outcomes.add(record(item, append, previous, touched));
    }
    makeRoom(touched);
    return new Appended(outcomes, previous);
  }

  private Outcome record(
      Item item, Append append, Map<ChannelName, Cursor> previous, Set<ChannelLog> touched) {
    Optional<Entry> first = find(item.draft(), append, previous);
    if (first.isPresent()) {
      return new Outcome.Recorded(
          first.get(), item.copy().flatMap(copy -> find(copy, append, previous)));
    }
    Optional<Place> earlier = Repeatable.of(item.draft())
        .flatMap(key -> Optional.ofNullable(keys.get(key))
            .or(() -> Optional.ofNullable(keysOfRemoved.get(key))));
    if (earlier.isPresent()) {
      return new Outcome.Duplicate(earlier.get().receipt(item.draft().channel()));
    }
    Entry entry = keep(item.draft(), append.at(), previous, touched);
    Repeatable.of(item.draft()).ifPresent(key -> keys.put(key, Place.of(entry)));
    return new Outcome.Recorded(
        entry, item.copy().map(copy -> keep(copy, append.at(), previous, touched)));
  }

  /** What the first attempt recorded of this draft, if this append is the second. */
  private Optional<Entry> find(Draft draft, Append append, Map<ChannelName, Cursor> previous) {
    Cursor seen = append.seen().get(draft.channel());
    ChannelLog log = logs.get(draft.channel());
    if (seen == null || log == null) {
      return Optional.empty();
    }
    Optional<Entry> found = log.findBehind(seen, draft.id());
    found.ifPresent(entry -> previous.putIfAbsent(draft.channel(), log.before(entry)));
    return found;
  }

  private Entry keep(
      Draft draft, Instant at, Map<ChannelName, Cursor> previous, Set<ChannelLog> touched) {
    ChannelLog log = logs.computeIfAbsent(draft.channel(), name -> new ChannelLog());
    previous.putIfAbsent(draft.channel(), log.head().cursor());
    touched.add(log);
    return keep(log, draft, at);
  }

  private Entry keep(ChannelLog log, Draft draft, Instant at) {
    ChannelLog.Line line = log.append(draft, at);
    byAge.add(line);
    entryBytes += cost(line);
    return line.entry;
  }

  /** Refuses what could never be kept, before anything is recorded. */
  private void requireRoom(List<Item> items) {
    long weight = items.stream().mapToLong(Item::weight).sum();
    if (weight > totalBytes / 2) {
      throw new StoreException("an append may weigh at most " + totalBytes / 2 + " bytes, got "
          + weight + "; give the store more totalBytes");
    }
    long unknown = items.stream()
        .flatMap(item ->
            Stream.concat(Stream.of(item.draft()), item.copy().stream()).map(Draft::channel))
        .distinct()
        .filter(channel -> !logs.containsKey(channel))
        .count();
    long most = totalBytes / 4 / CHANNEL_BYTES;
    if (unknown > 0 && logs.size() + unknown > most) {
      throw new StoreException("a store in memory of " + totalBytes + " bytes has at most " + most
          + " channels; give it more totalBytes or use one with a database");
    }
  }

  private void makeRoom(Set<ChannelLog> touched) {
    for (ChannelLog log : touched) {
      while (log.size() > channelEntries) {
        removeOldest(log);
      }
    }
    while (used() > totalBytes && !byAge.isEmpty()) {
      // The oldest of all is the oldest of its own channel too.
      removeOldest(byAge.iterator().next().log);
    }
  }

  private static long cost(ChannelLog.Line line) {
    return INDEX_BYTES + line.entry.weight();
  }

  private long used() {
    return entryBytes
        + (long) KEY_BYTES * keysOfRemoved.size()
        + (long) CHANNEL_BYTES * logs.size();
  }

  private void removeOldest(ChannelLog log) {
    ChannelLog.Line line = log.removeOldest();
    byAge.remove(line);
    entryBytes -= cost(line);
    Repeatable.of(line.entry).ifPresent(key -> {
      Place place = keys.remove(key);
      // Copies and the like have keys too, but are never looked up by them.
      if (place != null && place.youngerThanKeyLife(latest)) {
        keysOfRemoved.put(key, place);
      }
    });
    long most = totalBytes / 4 / KEY_BYTES;
    if (keysOfRemoved.size() > most) {
      var oldest = keysOfRemoved.values().iterator();
      forgetful |= oldest.next().youngerThanKeyLife(latest);
      oldest.remove();
    }
  }

  /** Entries are removed in about the order they were said, so the first key that is young ends the search. */
  private void forgetOldKeys() {
    var oldest = keysOfRemoved.values().iterator();
    while (oldest.hasNext() && !oldest.next().youngerThanKeyLife(latest)) {
      oldest.remove();
    }
  }

  private void warnIfForgetful() {
    synchronized (this) {
      if (!forgetful || warned) {
        return;
      }
      warned = true;
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "keys of removed messages are forgotten before they are seven days old, because more than"
            + " {0} bytes are full of them: give the store more totalBytes, or use one with a"
            + " database",
        totalBytes / 4);
  }

  private void requireOpen() {
    if (closed) {
      throw new StoreUnavailableException("the store is closed");
    }
  }

  /** What makes two sends the same. The host has no id, and no user has an empty one. */
  private record Repeatable(ChannelName channel, String sender, SendKey key, String about) {
    static Optional<Repeatable> of(Draft draft) {
      return of(draft.channel(), draft.from(), draft.key(), draft.about());
    }

    static Optional<Repeatable> of(Entry entry) {
      return of(entry.channel(), entry.from(), entry.key(), entry.about());
    }

    private static Optional<Repeatable> of(
        ChannelName channel, Optional<UserRef> from, Optional<SendKey> key, String about) {
      String sender = from.map(user -> user.id().value()).orElse("");
      return key.map(present -> new Repeatable(channel, sender, present, about));
    }
  }

  /** Where a message with a key stands or stood. */
  private record Place(long seq, EntryId id, Instant at) {
    static Place of(Entry entry) {
      return new Place(entry.seq(), entry.id(), entry.at());
    }

    Receipt receipt(ChannelName channel) {
      return new Receipt(channel, seq, id, at, true);
    }

    boolean youngerThanKeyLife(Instant now) {
      return at.plus(KEY_LIFE).isAfter(now);
    }
  }

  /** Sets the limits of a store; each says its range and refuses what is outside. Not for several threads at once. */
  public static final class Builder {
    private int channelEntries = CHANNEL_ENTRIES;
    private long totalBytes = TOTAL_BYTES;

    private Builder() {}

    /** How many entries a channel keeps, 1 to 10,000,000; default {@value InMemoryMessageStore#CHANNEL_ENTRIES}. */
    public Builder channelEntries(int entries) {
      this.channelEntries = (int) within("channelEntries", entries, 1, 10_000_000);
      return this;
    }

    /** How many bytes everything may take, roughly, 1 MiB to 1 TiB; default 256 MiB. */
    public Builder totalBytes(long bytes) {
      this.totalBytes = within("totalBytes", bytes, 1L << 20, 1L << 40);
      return this;
    }

    /** An empty store with these limits. */
    public InMemoryMessageStore build() {
      return new InMemoryMessageStore(this);
    }

    private static long within(String name, long value, long least, long most) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            name + " must be at least " + least + " and at most " + most + ", got " + value);
      }
      return value;
    }
  }
}
