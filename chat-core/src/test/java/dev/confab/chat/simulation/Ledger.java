package dev.confab.chat.simulation;

import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.testkit.StoreWrapper;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The one log all nodes stand on, and a memory of everything that was ever committed to it. */
final class Ledger extends StoreWrapper {
  private final InMemoryMessageStore log;
  private final Simulation simulation;
  private final Map<ChannelName, List<Entry>> entries = new LinkedHashMap<>();
  private final Map<ChannelName, Set<Long>> redacted = new HashMap<>();
  private final Map<ChannelName, Long> floors = new HashMap<>();

  /** The first entry of each channel whose commit was not answered. */
  private final Map<ChannelName, Long> doubtful = new HashMap<>();

  Ledger(InMemoryMessageStore log, Simulation simulation) {
    super(log);
    this.log = log;
    this.simulation = simulation;
  }

  @Override
  public Appended append(Append append) {
    Appended appended = super.append(append);
    for (Item item : append.items()) {
      note(item.draft().channel());
      item.copy().ifPresent(copy -> note(copy.channel()));
    }
    return appended;
  }

  @Override
  public Optional<Appended> redact(ChannelName channel, long seq, EntryId id, Instant at) {
    Optional<Appended> done = super.redact(channel, seq, id, at);
    done.ifPresent(
        redaction -> redacted.computeIfAbsent(channel, name -> new HashSet<>()).add(seq));
    note(channel);
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
    doubtful.putIfAbsent(channel, head(channel) + 1);
  }

  /**
   * Retention removes everything up to this number, but nothing that is still looked up: what a journal does not find it
   * records again, and no retention removes what is younger than ten seconds.
   */
  void trim(ChannelName channel, long upTo) {
    long most = Math.min(upTo, doubtful.getOrDefault(channel, Long.MAX_VALUE) - 1);
    if (most > 0) {
      log.trim(channel, most);
      floors.merge(channel, most, Math::max);
    }
  }

  @Override
  public void close() {
    // The log outlives every node.
  }

  private void note(ChannelName channel) {
    List<Entry> known = entries.computeIfAbsent(channel, name -> new ArrayList<>());
    while (true) {
      Page page = log.read(channel, new Position.AfterSeq(known.size()), 1_000, 1 << 20);
      for (Entry entry : page.entries()) {
        if (entry.seq() != known.size() + 1) {
          simulation.violated(Rule.LOG_IS_DENSE, entry + " behind " + known.size());
          return;
        }
        known.add(entry);
        simulation.trace("  committed", channel, entry.seq(), entry.kind(), entry.data());
      }
      if (!page.more()) {
        return;
      }
    }
  }

  long head(ChannelName channel) {
    return of(channel).size();
  }

  long floor(ChannelName channel) {
    return floors.getOrDefault(channel, 0L);
  }

  /** Everything that was committed to the channel; what stands at index i has number i + 1. */
  List<Entry> of(ChannelName channel) {
    return entries.getOrDefault(channel, List.of());
  }

  Set<ChannelName> channels() {
    return entries.keySet();
  }

  boolean isRedacted(ChannelName channel, long seq) {
    return redacted.getOrDefault(channel, Set.of()).contains(seq);
  }

  /** Numbers of the messages between these two places, both excluded. */
  boolean hasMessageBetween(ChannelName channel, long after, long before) {
    List<Entry> all = of(channel);
    for (long seq = after + 1; seq < before; seq++) {
      if (all.get((int) seq - 1).kind() == EntryKind.MESSAGE) {
        return true;
      }
    }
    return false;
  }
}
