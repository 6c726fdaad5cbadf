package dev.confab.chat.simulation;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.TrimmedRange;
import dev.confab.chat.spi.HostTransactions;
import dev.confab.chat.spi.OutcomeUnknownException;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import dev.confab.chat.testkit.StoreWrapper;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One node's way to the log: slow, broken at times, and sometimes without an answer. While it is called, others go on. */
final class FaultyStore extends StoreWrapper implements HostTransactions {
  private final Ledger ledger;
  private final Simulation simulation;

  private final List<Listener> attached = new ArrayList<>(1);

  /** What it said first of each channel. */
  private final Map<ChannelName, Head> said = new HashMap<>();

  private boolean closed;

  FaultyStore(Ledger ledger, Simulation simulation) {
    super(ledger);
    this.ledger = ledger;
    this.simulation = simulation;
  }

  @Override
  public Appended append(Append append) {
    begin();
    List<Item> free = new ArrayList<>();
    Map<Item, Outcome> waits = new HashMap<>();
    // A channel that is held is held for the whole transaction, also if it is let go meanwhile.
    Set<ChannelName> held = new LinkedHashSet<>();
    for (Item item : append.items()) {
      ChannelName holder = holderOf(item, held);
      if (holder != null && !append.patience().isZero() && !held.contains(holder)) {
        simulation.meanwhile();
        holder = holderOf(item, held);
      }
      if (holder == null) {
        free.add(item);
      } else {
        held.add(holder);
        waits.put(item, new Outcome.Held(holder));
      }
    }
    if (free.isEmpty()) {
      return new Appended(append.items().stream().map(waits::get).toList(), Map.of());
    }
    Append rest = new Append(free, append.at(), append.patience(), append.seen());
    if (append.items().stream().anyMatch(item -> item.draft().data().text().contains("poison"))) {
      throw new StoreException("the store does not like poison");
    }
    Appended appended = commit(rest);
    simulation.meanwhile();
    Iterator<Outcome> outcomes = appended.outcomes().iterator();
    List<Outcome> all = new ArrayList<>();
    for (Item item : append.items()) {
      Outcome waiting = waits.get(item);
      all.add(waiting != null ? waiting : outcomes.next());
    }
    return new Appended(all, appended.previous());
  }

  private @Nullable ChannelName holderOf(Item item, Set<ChannelName> held) {
    Set<ChannelName> channels = channels(List.of(item));
    for (ChannelName channel : channels) {
      if (held.contains(channel)) {
        return channel;
      }
    }
    return simulation.heldOf(channels);
  }

  private Appended commit(Append append) {
    if (simulation.plants(Planted.STORE_LOSES, 30)) {
      return pretend(append);
    }
    if (simulation.plants(Planted.STORE_REFUSES_TOO_LATE, 10)) {
      super.append(append);
      throw new StoreUnavailableException("planted");
    }
    if (simulation.plants(Planted.STORE_FORGETS_COPIES, 2)) {
      return super.append(changed(append, item -> Item.of(item.draft())));
    }
    if (append.items().size() > 1 && simulation.plants(Planted.STORE_TURNS_ROUND, 2)) {
      List<Item> items = new ArrayList<>(append.items());
      Collections.reverse(items);
      Appended turned =
          super.append(new Append(items, append.at(), append.patience(), append.seen()));
      List<Outcome> outcomes = new ArrayList<>(turned.outcomes());
      Collections.reverse(outcomes);
      return new Appended(outcomes, turned.previous());
    }
    if (simulation.plants(Planted.STORE_DOUBLES, 2)) {
      return super.append(changed(
          append,
          item -> new Item(withoutKey(item.draft()), item.copy().map(FaultyStore::withoutKey))));
    }
    if (simulation.faultHappens()) {
      Map<ChannelName, Cursor> seen = new HashMap<>();
      super.heads(channels(append.items())).forEach((name, head) -> seen.put(name, head.cursor()));
      boolean committed = simulation.random().nextBoolean();
      simulation.trace("  a commit's answer is lost, committed", committed);
      if (committed) {
        ledger.appendUnheard(append);
      }
      simulation.meanwhile();
      throw new OutcomeUnknownException("the connection broke", new IOException("reset"), seen);
    }
    return super.append(append);
  }

  private Appended pretend(Append append) {
    Map<ChannelName, Cursor> previous = new HashMap<>();
    List<Outcome> outcomes = new ArrayList<>();
    for (Item item : append.items()) {
      ChannelName channel = item.draft().channel();
      Head head = super.heads(List.of(channel)).getOrDefault(channel, Head.EMPTY);
      previous.putIfAbsent(channel, head.cursor());
      outcomes.add(new Outcome.Recorded(
          Entry.of(item.draft(), head.seq() + 1, head.no() + 1, append.at()), Optional.empty()));
    }
    return new Appended(outcomes, previous);
  }

  private static Draft withoutKey(Draft draft) {
    return new Draft(
        draft.channel(),
        draft.id(),
        draft.kind(),
        draft.about(),
        draft.from(),
        Optional.empty(),
        draft.data());
  }

  @Override
  public Page read(ChannelName channel, Position position, int entries, int bytes) {
    begin();
    Page page = tampered(channel, position, entries, bytes);
    simulation.meanwhile();
    if (page.entries().size() > 2
        && position instanceof Position.After
        && simulation.plants(Planted.STORE_SKIPS, 10)) {
      List<Entry> some = new ArrayList<>(page.entries());
      some.remove(1);
      return new Page(true, some, page.more(), page.head(), page.trimmed());
    }
    if (position instanceof Position.After after
        && after.cursor().seq() > 0
        && simulation.plants(Planted.STORE_FORGETS, 10)) {
      return Page.misfit(page.head());
    }
    return page;
  }

  private Page tampered(ChannelName channel, Position position, int entries, int bytes) {
    if (position instanceof Position.After after
        && simulation.plants(Planted.STORE_TRUSTS_NUMBERS, 1)
        && after.cursor().seq() <= ledger.head(channel)) {
      return super.read(channel, new Position.AfterSeq(after.cursor().seq()), entries, bytes);
    }
    Page page = super.read(channel, position, entries, bytes);
    if (position instanceof Position.After && simulation.plants(Planted.STORE_GIVES_TOO_MUCH, 5)) {
      Json much = Json.string("x".repeat(400_000));
      return changed(
          page,
          entry -> new Entry(
              channel,
              entry.seq(),
              entry.id(),
              entry.kind(),
              entry.no(),
              entry.about(),
              entry.from(),
              entry.key(),
              entry.at(),
              much));
    }
    if (simulation.plants(Planted.STORE_REMEMBERS, 1)) {
      return changed(page, entry -> ledger.ever(channel, entry.cursor()).orElse(entry));
    }
    if (position instanceof Position.After after
        && page.fits()
        && page.entries().size() > 1
        && page.trimmed().isEmpty()
        && simulation.plants(Planted.STORE_TRIMS_IN_WORDS, 10)) {
      Entry first = page.entries().get(0);
      return new Page(
          true,
          page.entries().subList(1, page.entries().size()),
          page.more(),
          page.head(),
          Optional.of(new TrimmedRange(after.cursor().seq() + 1, first.seq())));
    }
    return page;
  }

  @Override
  public Map<ChannelName, Head> heads(Collection<ChannelName> channels) {
    begin();
    Map<ChannelName, Head> heads = super.heads(channels);
    simulation.meanwhile();
    if (simulation.plants(Planted.STORE_KEEPS_QUIET, 1)) {
      heads.forEach(said::putIfAbsent);
      return said;
    }
    return heads;
  }

  @Override
  public Optional<Appended> redact(ChannelName channel, long seq, EntryId id, Instant at) {
    begin();
    if (simulation.heldOf(List.of(channel)) != null) {
      simulation.meanwhile();
      if (simulation.heldOf(List.of(channel)) != null) {
        throw new StoreUnavailableException("held");
      }
    }
    if (simulation.faultHappens()) {
      Map<ChannelName, Cursor> seen = Map.of(
          channel,
          super.heads(List.of(channel)).getOrDefault(channel, Head.EMPTY).cursor());
      boolean committed = simulation.random().nextBoolean();
      simulation.trace("  a redaction's answer is lost, committed", committed);
      if (committed) {
        super.redact(channel, seq, id, at);
      }
      throw new OutcomeUnknownException("the connection broke", new IOException("reset"), seen);
    }
    Optional<Appended> done = super.redact(channel, seq, id, at);
    simulation.meanwhile();
    return done;
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public HostTransactions.Link attach(Listener listener) {
    attached.add(listener);
    return () -> attached.remove(listener);
  }

  @Override
  public Optional<String> objection() {
    return Optional.empty();
  }

  /** The host says that its transaction is committed, whether it is or not. */
  void claimed(List<Stretch> stretches) {
    if (closed && !attached.isEmpty()) {
      simulation.violated(Rule.SILENT_ONCE_CLOSED, "a closed chat still listens to the host");
    }
    List.copyOf(attached).forEach(listener -> listener.committed(stretches));
  }

  private void begin() {
    requireOpen();
    if (simulation.storeStalls()) {
      simulation.trace("  the store takes its time");
      for (int i = 0; i < 4; i++) {
        simulation.atLeisure();
      }
    }
    simulation.meanwhile();
    requireOpen();
    requireStore();
  }

  private void requireOpen() {
    if (closed) {
      simulation.violated(Rule.SILENT_ONCE_CLOSED, "a store is called that was closed");
    }
  }

  private void requireStore() {
    if (simulation.storeIsGone() || simulation.faultHappens()) {
      simulation.trace("  the store can not be used");
      throw new StoreUnavailableException("the database is gone");
    }
  }

  private static Set<ChannelName> channels(List<Item> items) {
    Set<ChannelName> channels = new LinkedHashSet<>();
    for (Item item : items) {
      channels.add(item.draft().channel());
      item.copy().ifPresent(copy -> channels.add(copy.channel()));
    }
    return channels;
  }
}
