package dev.confab.chat.internal.engine;

import dev.confab.chat.internal.cluster.Postings;
import dev.confab.chat.internal.cluster.Relay;
import dev.confab.chat.internal.command.Access;
import dev.confab.chat.internal.command.Commands;
import dev.confab.chat.internal.command.Drafting;
import dev.confab.chat.internal.command.Kinds;
import dev.confab.chat.internal.command.Rates;
import dev.confab.chat.internal.dialect.ChatV1Dialect;
import dev.confab.chat.internal.dialect.PlainDialect;
import dev.confab.chat.internal.hub.Hub;
import dev.confab.chat.internal.hub.Reads;
import dev.confab.chat.internal.hub.Watch;
import dev.confab.chat.internal.intake.Intake;
import dev.confab.chat.internal.journal.Journal;
import dev.confab.chat.internal.outlet.Flights;
import dev.confab.chat.internal.session.Audiences;
import dev.confab.chat.internal.session.Happenings;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.session.Sessions;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.local.NoBackplane;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.HostTransactions;
import dev.confab.chat.spi.MessageStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;

/**
 * All stages of one chat, connected:
 *
 * <pre>
 * transport → intake → command → journal → hub → outlet → transport
 * </pre>
 */
public final class Engine {
  private static final List<Dialect> DIALECTS = List.of(new PlainDialect(), new ChatV1Dialect());

  private final Threads threads;
  private final Time time;
  private final MessageStore store;
  private final Limits limits;
  private final Happenings happenings;
  private final Sessions sessions;
  private final Audiences audiences;
  private final Headcount headcount;
  private final Flights flights;
  private final Reads reads;
  private final Hub hub;
  private final Watch watch;
  private final Relay relay;
  private final Journal journal;
  private final Postings postings;
  private final Optional<HostTransactions> hostTransactions;
  private final Optional<HostTransactions.Link> hostLink;
  private final Kinds kinds;
  private final Drafting drafting;
  private final Rates rates;
  private final Intake intake;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  /**
   * Builds and starts the stages.
   *
   * @param ids where the ids of entries and connections come from
   */
  public Engine(Settings settings, Threads threads, RandomGenerator ids) {
    this.threads = threads;
    this.time = threads.time();
    this.store = settings.store();
    this.limits = settings.limits();
    happenings = new Happenings(settings.listeners(), threads.listeners(), limits.listenerQueue());
    sessions = new Sessions(limits, happenings);
    audiences = new Audiences(happenings, settings.onlineCounts());
    flights = new Flights(limits);
    reads = new Reads(store, threads.readers(), limits);
    hub = new Hub(reads, DIALECTS, audiences, threads.pumps(), time, limits);
    headcount = new Headcount(sessions, audiences, hub, happenings, settings.onlineCounts(), time);
    relay = new Relay(
        settings.backplane(), (previous, entries) -> hub.committed(previous, entries, false));
    journal = new Journal(
        store,
        (previous, entries, quiet) -> {
          hub.committed(previous, entries, quiet);
          relay.forward(previous, entries);
        },
        time,
        threads.journal(),
        threads.waiting(),
        limits);
    boolean alone = settings.backplane() instanceof NoBackplane;
    postings = new Postings(
        store,
        threads.readers(),
        limits,
        channel -> !alone || hub.isOpen(channel),
        (previous, entries) -> {
          hub.committed(previous, entries, false);
          relay.forward(previous, entries);
        });
    kinds = new Kinds(settings.kinds());
    drafting = new Drafting(settings.interceptors(), kinds, limits, ids);
    rates = new Rates(kinds, time);
    Commands commands = new Commands(new Commands.Parts(
        settings.authenticator(),
        new Access(settings.access(), settings.accessByPrefix()),
        kinds,
        drafting,
        rates,
        settings.ops(),
        settings.opsBeforeLogin(),
        journal,
        hub,
        reads,
        sessions,
        happenings,
        DIALECTS,
        limits,
        time,
        threads.doors()));
    intake = new Intake(
        commands,
        DIALECTS,
        sessions,
        happenings,
        flights,
        threads.pumps(),
        threads.doors(),
        ids,
        limits,
        time);
    hostTransactions =
        store instanceof HostTransactions host ? Optional.of(host) : Optional.empty();
    hostLink = hostTransactions.map(host -> host.attach(postings));
    watch = new Watch(hub, time, limits);
    if (settings.watches()) {
      watch.start();
    }
    tickSoon();
  }

  private void tickSoon() {
    time.after(intake.period(), () -> threads.pumps().execute(this::tick));
  }

  private void tick() {
    try {
      intake.tick();
      hub.tick();
      rates.tick();
      headcount.tick();
    } finally {
      tickSoon();
    }
  }

  /** What transports talk to. */
  public Intake intake() {
    return intake;
  }

  /** Records. */
  public Journal journal() {
    return journal;
  }

  /** Keeps channels and their followers. */
  public Hub hub() {
    return hub;
  }

  /** Reads from the store. */
  public Reads reads() {
    return reads;
  }

  /** Finds sessions. */
  public Sessions sessions() {
    return sessions;
  }

  /** Knows who is subscribed to what. */
  public Audiences audiences() {
    return audiences;
  }

  /** Tells listeners. */
  public Happenings happenings() {
    return happenings;
  }

  /** Counts writes. */
  public Flights flights() {
    return flights;
  }

  /** Makes items of what is said. */
  public Drafting drafting() {
    return drafting;
  }

  /** Knows how channels behave. */
  public Kinds kinds() {
    return kinds;
  }

  /** Why the calling thread must not wait for the journal now: a sentence for the host; empty if it may. */
  public Optional<String> objection() {
    return hostTransactions.flatMap(HostTransactions::objection);
  }

  /** What all stages run on. */
  public Threads threads() {
    return threads;
  }

  /** The bounds. */
  public Limits limits() {
    return limits;
  }

  /** Which dialects are spoken, in the order of their numbers. */
  public List<Dialect> dialects() {
    return DIALECTS;
  }

  /**
   * Takes no more connections and commands, lets what was begun end, says {@code bye}, and gives back every thread. Takes at
   * most the given time and a second; called again it waits for the first call.
   */
  public void close(Duration within) {
    if (!closing.compareAndSet(false, true)) {
      threads.await(closed::isDone, within);
      return;
    }
    long deadline = time.nanos() + within.toNanos();
    try {
      intake.stop();
      intake.closeLanes();
      // What was begun may still have something to say to the journal.
      threads.await(intake::isIdle, within.dividedBy(6));
      journal.close();
      CompletableFuture<Void> drained = new CompletableFuture<>();
      journal.whenDrained(() -> drained.complete(null));
      threads.await(drained::isDone, within.dividedBy(3));
      for (Session session : sessions.all()) {
        session.end(CloseReason.STOPPING);
      }
      threads.await(() -> sessions.count() == 0, within.dividedBy(3));
      for (Session session : sessions.all()) {
        session.cut(CloseReason.STOPPING);
      }
      threads.await(() -> sessions.count() == 0, within.dividedBy(6));
      watch.stop();
      hostLink.ifPresent(HostTransactions.Link::close);
      postings.stop();
      relay.close();
    } finally {
      long left = Math.max(0, deadline - time.nanos());
      threads.close(Duration.ofNanos(left));
      reads.close();
      try {
        store.close();
      } finally {
        closed.complete(null);
      }
    }
  }

  /** Done once the chat is closed: what nobody has done by then, nobody will do. */
  public CompletableFuture<Void> closed() {
    return closed;
  }
}
