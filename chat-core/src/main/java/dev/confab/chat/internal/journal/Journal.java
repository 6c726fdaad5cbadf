package dev.confab.chat.internal.journal;

import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Appended;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Outcome;
import dev.confab.chat.spi.MessageStore.Page;
import dev.confab.chat.spi.MessageStore.Position;
import dev.confab.chat.spi.OutcomeUnknownException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.IntConsumer;

/**
 * Records what is said, in batches: a batch is what arrived while the last one was committing, so there is no delay when
 * little is said and large batches when much is.
 *
 * <p><b>Threads.</b> {@link #append} and {@link #redact} never block. The store is called on the two executors: on {@code
 * main}, which must run one task at a time, and for channels that wait by themselves on {@code waiting}, of which at most
 * two tasks are given at once. {@link Commits} and {@link Settled} are told on {@code main}, one at a time, and must return
 * quickly; only refusals of what was not taken, and what an executor that has been shut down leaves behind, are told on the
 * thread that notices. No lock is held while anything outside is called.
 *
 * <p><b>Order.</b> What arrived earlier at a channel is committed earlier, as long as it is recorded. Of a batch the hub is
 * told first, then each sender in turn, and only then those who follow the channels are woken: so a sender's reply and its own
 * entry are there together and leave in one write. Replies that nobody has taken along by then are left to the pumps.
 *
 * <p><b>Held channels.</b> A channel that another transaction holds gets a lane: what writes to it waits there, up to {@link
 * Limits#heldWait()} and its turn, and is then refused with {@code store_unavailable}; all other channels go on. A message
 * with a copy waits if either of its channels has a lane, but the other channel does not wait for it; so copies may stand in
 * their sender's own channel in another order than the messages they are copies of, which are in other channels. For the
 * same reason such a channel can be in two batches at once and be told of out of order: the hub sees from {@code previous}
 * that something is missing, as it does for what other nodes commit. A redaction goes through its channel's lane too,
 * because the store may block for it. What waits in one lane takes at most a quarter of {@link Limits#journalBytes()} and
 * {@link Limits#journalDrafts()}, what waits in all of them at most half; beyond that it is refused with {@code overloaded},
 * and the channels that nobody holds have the rest.
 *
 * <p><b>Unknown outcomes.</b> The same items are given to the store again until it knows, for up to {@link
 * Limits#lookupWithin()}; then they are refused with {@code outcome_unknown}. On the main line everything but the lanes waits
 * for that: it means that the store could not be reached, which concerns every channel.
 *
 * <p><b>Faults.</b> If the store can not be used the batch is refused with {@code store_unavailable}. After any other fault
 * its items are tried one by one, once; who then fails is refused with {@code internal} and named in our log.
 */
public final class Journal {
  private static final Logger LOG = System.getLogger(Journal.class.getName());

  /** The replies to so many connections are one task of the pumps. */
  private static final int LEAVING_TOGETHER = 16;

  private final MessageStore store;
  private final Commits commits;
  private final Time time;
  private final Executor main;
  private final Executor waiting;
  private final Executor pumps;
  private final Limits limits;

  private final Object lock = new Object();

  /** What no batch or lane has taken yet, oldest first. Guarded by {@code lock}, as is all that follows. */
  private final ArrayDeque<Work> arrived = new ArrayDeque<>();

  private final Lanes lanes;
  private final List<Runnable> drainedListeners = new ArrayList<>();

  /** True from when the main line is woken until it has found nothing more to do. */
  private boolean busy;

  private boolean closed;

  /** True after the store could not be used, until it could: said once in the log, not for every batch. */
  private boolean storeDown;

  private int drafts;
  private long bytes;
  private long appends;
  private long recorded;
  private long duplicates;
  private long held;
  private long overloaded;
  private long unavailable;
  private long failed;
  private long lookups;
  private long unknown;

  /**
   * A journal that has nothing to do yet.
   *
   * @param main runs one task at a time
   * @param waiting runs what may block for a held channel; two at once is enough
   * @param pumps write the replies that do not leave with something else
   */
  public Journal(
      MessageStore store,
      Commits commits,
      Time time,
      Executor main,
      Executor waiting,
      Executor pumps,
      Limits limits) {
    this.store = store;
    this.commits = commits;
    this.time = time;
    this.main = main;
    this.waiting = waiting;
    this.pumps = pumps;
    this.limits = limits;
    this.lanes = new Lanes(limits);
  }

  /**
   * Takes an item to be recorded. Refuses it with {@code overloaded}, before this returns, if {@link Limits#journalBytes()}
   * or {@link Limits#journalDrafts()} would be passed or the journal is closed, or if it would wait for a held channel that
   * has no room left; an item that finds the journal empty is taken whatever its size.
   *
   * <p><b>Threads.</b> Any; never blocks.
   */
  public void append(Item item, Settled settled) {
    take(new Work.Sent(item, settled));
  }

  /**
   * Takes a redaction of an entry; like {@link #append}, and in order with it.
   *
   * @param seq the entry whose data goes
   * @param id the id of the redaction's own entry
   */
  public void redact(ChannelName channel, long seq, EntryId id, Redacted redacted) {
    take(new Work.Redaction(channel, seq, id, redacted));
  }

  /** What was done and what is held. Any thread. */
  public JournalCounters counters() {
    synchronized (lock) {
      return new JournalCounters(
          drafts,
          bytes,
          lanes.size(),
          appends,
          recorded,
          duplicates,
          held,
          overloaded,
          unavailable,
          failed,
          lookups,
          unknown);
    }
  }

  /** Takes nothing more; what was taken still gets its outcome. Any thread; returns at once; further calls do nothing. */
  public void close() {
    List<Runnable> told;
    synchronized (lock) {
      closed = true;
      told = drained();
    }
    told.forEach(this::run);
  }

  /**
   * Runs the task once, when the journal is closed and everything it took has its outcome: at once, if that is so already,
   * else on the thread that told the last outcome.
   */
  public void whenDrained(Runnable task) {
    List<Runnable> told;
    synchronized (lock) {
      drainedListeners.add(task);
      told = drained();
    }
    told.forEach(this::run);
  }

  // Taking.

  private void take(Work work) {
    boolean taken;
    boolean wake;
    synchronized (lock) {
      taken = !closed
          && (drafts == 0
              || (drafts + work.drafts() <= limits.journalDrafts()
                  && bytes + work.weight() <= limits.journalBytes()))
          && lanes.admit(work);
      wake = taken && !busy;
      if (taken) {
        busy = true;
        drafts += work.drafts();
        bytes += work.weight();
        arrived.add(work);
      } else {
        overloaded++;
      }
    }
    if (!taken) {
      tellRefused(work, Refusal.of(ErrorCode.OVERLOADED));
    } else if (wake) {
      wakeMain();
    }
  }

  private void wakeMain() {
    try {
      main.execute(this::begin);
    } catch (RejectedExecutionException e) {
      abandon();
    }
  }

  /** A task of the main line: takes a batch and has it recorded. */
  private void begin() {
    List<Work> part;
    List<Work> over = new ArrayList<>(0);
    List<Batch> besides;
    synchronized (lock) {
      part = gather(over);
      besides = lanes.next();
    }
    besides.forEach(this::start);
    refuseOverloaded(over);
    Batch batch = new Batch(part, List.of());
    if (part.isEmpty()) {
      finish(batch);
    } else {
      attempt(batch);
    }
  }

  /**
   * Takes what goes together from the front of what arrived, and sends what has to wait to its lanes.
   *
   * @param over what its lane has no room for
   */
  private List<Work> gather(List<Work> over) {
    long nanos = time.nanos();
    List<Work> part = new ArrayList<>(Math.min(arrived.size(), limits.batchItems()));
    long partBytes = 0;
    while (part.size() < limits.batchItems()) {
      Work next = arrived.peek();
      if (next == null) {
        break;
      }
      if (next instanceof Work.Redaction redaction && !lanes.hold(next)) {
        // What was sent to the channel before must be committed first.
        if (part.stream().anyMatch(work -> work.channels().contains(redaction.channel))) {
          break;
        }
        lanes.open(redaction.channel);
      }
      if (lanes.hold(next)) {
        Work parked = arrived.remove();
        if (!lanes.park(parked, nanos)) {
          over.add(parked);
        }
        continue;
      }
      partBytes += next.weight();
      if (!part.isEmpty() && partBytes > limits.batchBytes()) {
        break;
      }
      part.add(arrived.remove());
    }
    return part;
  }

  // Asking the store.

  private void start(Batch batch) {
    try {
      (batch.isOnMainLine() ? main : waiting).execute(() -> attempt(batch));
    } catch (RejectedExecutionException e) {
      rejected(batch);
    }
  }

  private void attempt(Batch batch) {
    batch.attempt(time.now().truncatedTo(ChronoUnit.MILLIS), patience(batch));
    Answer answer = ask(batch);
    if (batch.isOnMainLine()) {
      answered(batch, answer);
      return;
    }
    try {
      main.execute(() -> answered(batch, answer));
    } catch (RejectedExecutionException e) {
      // It may be recorded: its senders get the truth, from this thread.
      answered(batch, answer);
    }
  }

  /** On the main line nobody waits for a channel. In a lane who has waited for its turn long enough only asks once. */
  private Duration patience(Batch batch) {
    return batch.isOnMainLine() || hasWaited(batch.part().get(0))
        ? Duration.ZERO
        : limits.heldWait();
  }

  private boolean hasWaited(Work work) {
    return time.nanos() - work.laneSince >= limits.heldWait().toNanos();
  }

  private Answer ask(Batch batch) {
    try {
      if (batch.part().get(0) instanceof Work.Redaction redaction) {
        return redact(batch, redaction);
      }
      List<Item> items = new ArrayList<>(batch.part().size());
      for (Work work : batch.part()) {
        items.add(((Work.Sent) work).item);
      }
      return new Answer.Done(
          store.append(new Append(items, batch.at(), batch.patience(), batch.seen())));
    } catch (RuntimeException | Error e) {
      return new Answer.Failed(e);
    }
  }

  private Answer redact(Batch batch, Work.Redaction redaction) {
    Optional<Appended> done =
        store.redact(redaction.channel, redaction.seq, redaction.id(), batch.at());
    if (done.isPresent()) {
      return new Answer.Done(done.get());
    }
    if (!batch.isUnknown()) {
      return new Answer.Absent();
    }
    // The data is gone: perhaps through an attempt whose outcome is unknown, which then stands
    // right behind what it saw.
    List<Cursor> sightings = batch.sightings(redaction.channel);
    if (sightings.isEmpty()) {
      throw new IllegalStateException("an unknown outcome must tell the head it saw");
    }
    for (Cursor before : sightings) {
      Page page = store.read(redaction.channel, new Position.AfterSeq(before.seq()), 1, 1);
      for (Entry entry : page.entries()) {
        if (entry.id().equals(redaction.id())) {
          return new Answer.Done(new Appended(
              List.of(new Outcome.Recorded(entry, Optional.empty())),
              Map.of(redaction.channel, before)));
        }
      }
    }
    return new Answer.Absent();
  }

  // What became of it. Tasks of the main line, unless that takes no more tasks.

  private void answered(Batch batch, Answer answer) {
    if (answer instanceof Answer.Failed failure) {
      failed(batch, failure.failure());
      return;
    }
    storeAnswered();
    if (answer instanceof Answer.Done done) {
      done(batch, done.appended());
    } else {
      List<Work> part = batch.next();
      release(part);
      for (Work work : part) {
        if (work instanceof Work.Redaction redaction) {
          run(redaction.settled()::absent);
        }
      }
      proceed(batch);
    }
  }

  private void failed(Batch batch, Throwable failure) {
    if (failure instanceof OutcomeUnknownException outcome) {
      LOG.log(Level.WARNING, "The outcome of a commit is unknown; it is looked up", failure);
      if (!batch.isUnknown()) {
        synchronized (lock) {
          lookups++;
        }
      }
      batch.unknown(outcome.seen(), time.nanos());
      lookUp(batch);
    } else if (batch.isUnknown()) {
      // That the database is away is what made the outcome unknown; anything else is news.
      LOG.log(
          failure instanceof StoreUnavailableException ? Level.DEBUG : Level.WARNING,
          "An unknown outcome could not be looked up yet",
          failure);
      lookUp(batch);
    } else if (failure instanceof StoreUnavailableException) {
      storeUnavailable(failure);
      while (batch.hasParts()) {
        refuseUnavailable(batch.next());
      }
      finish(batch);
    } else if (failure instanceof Error) {
      // What an error interrupted is not known, and repeating it would be a guess.
      Refusal refusal = traced(ErrorCode.OUTCOME_UNKNOWN, batch, failure);
      refuse(batch.next(), refusal, count -> unknown += count);
      proceed(batch);
    } else if (batch.part().size() > 1) {
      LOG.log(Level.WARNING, "A batch failed; trying its items one by one", failure);
      batch.split();
      proceed(batch);
    } else {
      refuseFailed(batch, failure);
    }
  }

  private void refuseFailed(Batch batch, Throwable failure) {
    Refusal refusal = traced(ErrorCode.INTERNAL, batch, failure);
    refuse(batch.next(), refusal, count -> failed += count);
    proceed(batch);
  }

  private void lookUp(Batch batch) {
    Duration delay = batch.untilNextLookup(limits.lookupWithin(), time.nanos());
    if (delay.isZero() || delay.isNegative()) {
      refuseUnknown(batch.next());
      proceed(batch);
    } else {
      time.after(delay, () -> start(batch));
    }
  }

  private void done(Batch batch, Appended appended) {
    List<Work> part = batch.part();
    List<Outcome> outcomes = appended.outcomes();
    if (outcomes.size() != part.size()) {
      // Some of it is recorded, and nobody can say what.
      Throwable failure = new IllegalStateException("the store was given " + part.size()
          + " items and told " + outcomes.size() + " outcomes");
      refuseFailed(batch, failure);
      return;
    }
    List<Work> heldWorks = new ArrayList<>();
    List<ChannelName> heldChannels = new ArrayList<>();
    List<Work> settled = new ArrayList<>(part.size());
    List<Receipt> receipts = new ArrayList<>(part.size());
    List<Entry> entries = new ArrayList<>(part.size());
    for (int i = 0; i < part.size(); i++) {
      Outcome outcome = outcomes.get(i);
      if (outcome instanceof Outcome.Held one) {
        heldWorks.add(part.get(i));
        heldChannels.add(one.channel());
        continue;
      }
      settled.add(part.get(i));
      if (outcome instanceof Outcome.Duplicate duplicate) {
        receipts.add(duplicate.receipt());
      } else if (outcome instanceof Outcome.Recorded one) {
        Entry entry = one.entry();
        entries.add(entry);
        one.copy().ifPresent(entries::add);
        receipts.add(new Receipt(entry.channel(), entry.seq(), entry.id(), entry.at(), false));
      }
    }
    release(settled);
    synchronized (lock) {
      for (Receipt receipt : receipts) {
        if (receipt.duplicate()) {
          duplicates++;
        } else {
          recorded++;
        }
      }
      held += heldWorks.size();
      appends += entries.isEmpty() ? 0 : 1;
    }
    List<Waking> sleepers = tellCommits(entries, appended.previous());
    List<Outlet> replied = new ArrayList<>(settled.size());
    try {
      tellSenders(settled, receipts, replied);
    } finally {
      sleepers.forEach(this::wake);
    }
    letLeave(replied);
    if (heldWorks.stream().anyMatch(batch::mayHoldAlready)) {
      // Held, perhaps by the very attempt whose outcome is unknown.
      batch.narrow(heldWorks);
      lookUp(batch);
      return;
    }
    if (batch.isOnMainLine()) {
      park(heldWorks, heldChannels);
    } else {
      giveUp(batch, heldWorks);
    }
    batch.next();
    proceed(batch);
  }

  private void park(List<Work> works, List<ChannelName> channels) {
    if (works.isEmpty()) {
      return;
    }
    long nanos = time.nanos();
    List<Work> over = new ArrayList<>(0);
    synchronized (lock) {
      for (int i = 0; i < works.size(); i++) {
        lanes.open(channels.get(i));
        if (!lanes.park(works.get(i), nanos)) {
          over.add(works.get(i));
        }
      }
    }
    refuseOverloaded(over);
  }

  /** A lane's channel is still held: who waited long enough is refused, the others have another turn. */
  private void giveUp(Batch batch, List<Work> works) {
    boolean wasPatient = !batch.patience().isZero();
    List<Work> over = new ArrayList<>();
    List<Work> again = new ArrayList<>();
    for (Work work : works) {
      (wasPatient || hasWaited(work) || work instanceof Work.Redaction ? over : again).add(work);
    }
    refuseUnavailable(over);
    synchronized (lock) {
      lanes.putBack(again);
    }
  }

  /** Goes on with the batch's next transaction, if there is one. */
  private void proceed(Batch batch) {
    long nanos = time.nanos();
    while (batch.hasParts()) {
      Work first = batch.part().get(0);
      boolean parked;
      synchronized (lock) {
        // One that was tried alone may have found its channel held: then those behind it wait there
        // too.
        if (!batch.isOnMainLine() || !lanes.hold(first)) {
          break;
        }
        parked = lanes.park(first, nanos);
      }
      batch.next();
      if (!parked) {
        refuseOverloaded(List.of(first));
      }
    }
    if (batch.hasParts()) {
      start(batch);
    } else {
      finish(batch);
    }
  }

  private void finish(Batch batch) {
    boolean wake = false;
    List<Batch> besides;
    List<Runnable> told;
    synchronized (lock) {
      if (!batch.isOnMainLine()) {
        lanes.finished(batch);
      } else if (arrived.isEmpty()) {
        busy = false;
      } else {
        wake = true;
      }
      besides = lanes.next();
      told = drained();
    }
    besides.forEach(this::start);
    if (wake) {
      wakeMain();
    }
    told.forEach(this::run);
  }

  // Executors that take no more tasks.

  private void rejected(Batch batch) {
    if (batch.isUnknown()) {
      refuseUnknown(batch.next());
    }
    while (batch.hasParts()) {
      refuseUnavailable(batch.next());
    }
    List<Work> behind;
    synchronized (lock) {
      behind = lanes.drain(batch.lanes);
    }
    refuseUnavailable(behind);
    finish(batch);
  }

  /** Nothing runs on the main line any more: what waits is refused. */
  private void abandon() {
    while (true) {
      List<Work> works = new ArrayList<>();
      List<Runnable> told = List.of();
      synchronized (lock) {
        works.addAll(lanes.drainAll());
        works.addAll(arrived);
        arrived.clear();
        if (works.isEmpty()) {
          busy = false;
          told = drained();
        }
      }
      if (works.isEmpty()) {
        told.forEach(this::run);
        return;
      }
      refuseUnavailable(works);
    }
  }

  // Telling.

  /** Tells the hub what one transaction recorded, channel by channel; gives what wakes those who follow them. */
  private List<Waking> tellCommits(List<Entry> entries, Map<ChannelName, Cursor> previous) {
    List<Waking> sleepers = new ArrayList<>();
    Map<ChannelName, List<Entry>> byChannel = new LinkedHashMap<>();
    for (Entry entry : entries) {
      byChannel.computeIfAbsent(entry.channel(), channel -> new ArrayList<>()).add(entry);
    }
    byChannel.forEach((channel, recordedThere) -> {
      Cursor before = previous.get(channel);
      if (before == null) {
        LOG.log(
            Level.ERROR,
            "The store recorded entries and did not tell the place before them; the hub is not told of them");
        return;
      }
      recordedThere.sort(Comparator.comparingLong(Entry::seq));
      // After a lookup others' entries may stand between ours: then each run of ours is told by
      // itself.
      Cursor place = before;
      int start = 0;
      for (int end = 1; end <= recordedThere.size(); end++) {
        if (end == recordedThere.size()
            || recordedThere.get(end).seq() != recordedThere.get(end - 1).seq() + 1) {
          List<Entry> run = List.copyOf(recordedThere.subList(start, end));
          Cursor runsBehind = place;
          run(() -> sleepers.add(commits.committed(runsBehind, run)));
          place = recordedThere.get(end - 1).cursor();
          start = end;
        }
      }
    });
    return sleepers;
  }

  /** Adds the outlets in which a reply waits now. */
  private void tellSenders(List<Work> settled, List<Receipt> receipts, List<Outlet> replied) {
    for (int i = 0; i < settled.size(); i++) {
      Settled told = settled.get(i).settled();
      Receipt receipt = receipts.get(i);
      run(() -> told.recorded(receipt).ifPresent(replied::add));
    }
  }

  private void wake(Waking sleepers) {
    boolean quiet;
    synchronized (lock) {
      quiet = arrived.isEmpty();
    }
    run(() -> sleepers.wake(quiet));
  }

  /** Most have left by now, or are leaving, with the entry that the sender's own connection was woken for. */
  private void letLeave(List<Outlet> replied) {
    List<Outlet> left = new ArrayList<>();
    for (Outlet outlet : replied) {
      if (outlet.waits()) {
        left.add(outlet);
      }
    }
    // Together, because each hand-over may wake a thread; not all, because others wait for that
    // thread.
    for (int from = 0; from < left.size(); from += LEAVING_TOGETHER) {
      List<Outlet> some = left.subList(from, Math.min(left.size(), from + LEAVING_TOGETHER));
      run(() -> pumps.execute(() -> some.forEach(Outlet::leave)));
    }
  }

  private void refuseUnavailable(List<Work> works) {
    refuse(works, Refusal.of(ErrorCode.STORE_UNAVAILABLE), count -> unavailable += count);
  }

  private void refuseOverloaded(List<Work> works) {
    refuse(works, Refusal.of(ErrorCode.OVERLOADED), count -> overloaded += count);
  }

  private void refuseUnknown(List<Work> works) {
    refuse(works, Refusal.of(ErrorCode.OUTCOME_UNKNOWN), count -> unknown += count);
  }

  private void refuse(List<Work> works, Refusal refusal, IntConsumer counter) {
    release(works);
    synchronized (lock) {
      counter.accept(works.size());
    }
    for (Work work : works) {
      tellRefused(work, refusal);
    }
  }

  private void tellRefused(Work work, Refusal refusal) {
    run(() -> work.settled().refused(refusal));
  }

  /** Refuses for a fault of ours, or of an item, and says in our log which fault that was. */
  private static Refusal traced(ErrorCode code, Batch batch, Throwable failure) {
    // The id of what was to be recorded: random, and no secret.
    String trace = batch.part().get(0).id().value();
    LOG.log(Level.ERROR, "Trace " + trace + ": the store failed on what it was given", failure);
    return Refusal.of(code).traced(trace);
  }

  /** Foreign code, whose faults are its own. */
  private void run(Runnable told) {
    try {
      told.run();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "Whoever was told what became of a draft failed", e);
    }
  }

  // Counting.

  /** These have their outcome: their room is free again before anybody is told, so that who is told may send. */
  private void release(List<Work> works) {
    synchronized (lock) {
      for (Work work : works) {
        drafts -= work.drafts();
        bytes -= work.weight();
        lanes.release(work);
      }
    }
  }

  private void storeAnswered() {
    boolean wasDown;
    synchronized (lock) {
      wasDown = storeDown;
      storeDown = false;
    }
    if (wasDown) {
      LOG.log(Level.INFO, "The store can be used again");
    }
  }

  private void storeUnavailable(Throwable failure) {
    boolean wasDown;
    synchronized (lock) {
      wasDown = storeDown;
      storeDown = true;
    }
    if (!wasDown) {
      LOG.log(Level.WARNING, "The store can not be used now", failure);
    }
  }

  /** Who is to be told that the journal is drained, if it is. */
  private List<Runnable> drained() {
    if (!closed || busy || !lanes.isIdle()) {
      return List.of();
    }
    List<Runnable> told = List.copyOf(drainedListeners);
    drainedListeners.clear();
    return told;
  }

  /** What was recorded, as the hub is told. */
  @FunctionalInterface
  public interface Commits {
    /**
     * Entries of one channel were committed together. Told before their senders are, who are told before what this returns is
     * run: so long nobody is to be shown the entries but those senders.
     *
     * <p><b>Threads.</b> The journal's, one call at a time; must return quickly.
     *
     * <p><b>Order.</b> As committed. Where that does not hold, or where others' entries stand between, {@code previous} is
     * not the place that was told last, and its seq may lie more than one before the first entry.
     *
     * @param previous the place before the first of them
     * @param entries at least one, ascending without gap
     * @return wakes those who follow the channel; run once
     */
    Waking committed(Cursor previous, List<Entry> entries);
  }

  /** Wakes those who follow a channel. */
  @FunctionalInterface
  public interface Waking {
    /**
     * Wakes them. Called as {@link Commits#committed} is.
     *
     * @param quiet true if nothing waits to be committed
     */
    void wake(boolean quiet);
  }

  /**
   * Is told once what became of an item.
   *
   * <p><b>Threads.</b> The journal's, one call at a time and in order; or the caller's, before {@link #append} returns, if it
   * was not taken. Must return quickly; may send again.
   */
  public interface Settled {
    /**
     * It is committed, now or, as the receipt says, before under the same key.
     *
     * @return where the reply waits now; it leaves with the entry, or is let leave once the entry's followers have been woken.
     *     Empty if none waits
     */
    Optional<Outlet> recorded(Receipt receipt);

    /**
     * It was not recorded; only after {@link ErrorCode#OUTCOME_UNKNOWN} it may have been. Other codes are {@link
     * ErrorCode#STORE_UNAVAILABLE}, {@link ErrorCode#OVERLOADED} and {@link ErrorCode#INTERNAL}.
     */
    void refused(Refusal refusal);
  }

  /** Is told once what became of a redaction. */
  public interface Redacted extends Settled {
    /** There is no such entry, or its data is gone already. */
    void absent();
  }
}
