package dev.confab.chat.internal.hub;

import dev.confab.chat.internal.session.Audiences;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Result.PresencePage;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.MessageStore.Page;
import dev.confab.chat.spi.MessageStore.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Opens, finds and retires channels.
 *
 * <p><b>Threads.</b> Any. What it does for others ends on a pump, a reader, or the caller's own thread.
 */
public final class Hub implements Channel.Home {
  private static final int HEADS = 1_000;

  /** With more channels open than this, those that nobody uses are not kept open. */
  private static final int CROWDED = 10_000;

  private static final Duration RECHECK = Duration.ofMillis(50);

  /** No longer than a node may be behind others anyway: after that the watch says what the store would have said. */
  private static final Duration COMPARED_WITHIN = Duration.ofSeconds(1);

  private final Reads reads;
  private final List<Dialect> dialects;
  private final Audiences audiences;
  private final Executor pumps;
  private final Time time;
  private final Limits limits;
  private final Map<ChannelName, Channel> channels = new ConcurrentHashMap<>();
  private final LongAdder delivered = new LongAdder();
  private final LongAdder behind = new LongAdder();
  private final LongAdder followers = new LongAdder();
  private final LongAdder subscriptions = new LongAdder();

  private final Tails tails;

  /** One for all pins. */
  private final Consumer<Channel> onRelease = this::unpinned;

  /** A hub without channels. */
  public Hub(
      Reads reads,
      List<Dialect> dialects,
      Audiences audiences,
      Executor pumps,
      Time time,
      Limits limits) {
    this.reads = reads;
    this.dialects = List.copyOf(dialects);
    this.audiences = audiences;
    this.pumps = pumps;
    this.time = time;
    this.limits = limits;
    this.tails = new Tails(limits.tailsBytes());
  }

  /**
   * Keeps these channels open, and opens them if need be, with one question to the store for all. Those that nobody here
   * follows are compared with the store once more, if it answers within a second: they may have gone back since somebody
   * did.
   *
   * @return a pin for each, in order, once all heads are known; failed as the store failed, with nothing pinned
   */
  public CompletableFuture<List<Pin>> pin(List<ChannelName> names) {
    List<Pin> pins = new ArrayList<>(names.size());
    List<Channel> fresh = new ArrayList<>(0);
    List<Channel> unwatched = new ArrayList<>(0);
    List<CompletableFuture<Void>> opening = new ArrayList<>(0);
    List<CompletableFuture<Void>> comparing = new ArrayList<>(0);
    for (ChannelName name : names) {
      Channel channel = pinned(name, fresh);
      pins.add(new Pin(channel, onRelease));
      if (!channel.opened().isDone() || channel.opened().isCompletedExceptionally()) {
        opening.add(channel.opened());
      } else if (channel.followers().count() == 0) {
        // The watch asks only for what is followed.
        CompletableFuture<Void> underWay = channel.comparison();
        if (underWay.isDone()) {
          unwatched.add(channel);
        } else {
          comparing.add(underWay);
        }
      }
    }
    for (int from = 0; from < unwatched.size(); from += HEADS) {
      List<Channel> some = unwatched.subList(from, Math.min(unwatched.size(), from + HEADS));
      // If the store is away, what is known here is as good as for those that follow already.
      CompletableFuture<Void> compared = compare(some).exceptionally(away -> null);
      some.forEach(channel -> channel.compares(compared));
      comparing.add(compared);
    }
    for (int from = 0; from < fresh.size(); from += HEADS) {
      open(fresh.subList(from, Math.min(fresh.size(), from + HEADS)));
    }
    if (!comparing.isEmpty()) {
      opening.add(
          forAWhile(CompletableFuture.allOf(comparing.toArray(new CompletableFuture<?>[0]))));
    }
    if (opening.isEmpty()) {
      return CompletableFuture.completedFuture(pins);
    }
    return CompletableFuture.allOf(opening.toArray(new CompletableFuture<?>[0]))
        .handle((opened, failure) -> {
          if (failure != null) {
            pins.forEach(Pin::release);
            throw failure instanceof RuntimeException runtime
                ? runtime
                : new IllegalStateException(failure);
          }
          return pins;
        });
  }

  /** Who comes does not wait longer for a store that hangs: what lies in memory is as good as for those that follow. */
  private CompletableFuture<Void> forAWhile(CompletableFuture<Void> comparing) {
    if (!comparing.isDone()) {
      Time.Alarm enough =
          time.after(COMPARED_WITHIN, () -> pumps.execute(() -> comparing.complete(null)));
      comparing.whenComplete((done, failure) -> enough.cancel());
    }
    return comparing;
  }

  /** Where many are open one that nobody uses goes at once: subscribing to ever new names must not cost memory. */
  private void unpinned(Channel channel) {
    long now = time.nanos();
    channel.unpin(now);
    if (channels.size() > CROWDED && channel.retire(now, 0)) {
      channels.remove(channel.name(), channel);
      tails.forget(channel);
    }
  }

  private Channel pinned(ChannelName name, List<Channel> fresh) {
    while (true) {
      Channel channel = channels.get(name);
      if (channel == null) {
        Presence presence = new Presence(name, dialects, pumps, time, limits);
        channel = new Channel(name, this, dialects, limits.tailBytes(), pumps, presence);
        channel.pin();
        if (channels.putIfAbsent(name, channel) == null) {
          fresh.add(channel);
          return channel;
        }
      } else if (channel.pin()) {
        return channel;
      } else {
        channels.remove(name, channel);
      }
    }
  }

  private void open(List<Channel> fresh) {
    List<Channel> asked = List.copyOf(fresh);
    List<ChannelName> names = new ArrayList<>(asked.size());
    asked.forEach(channel -> names.add(channel.name()));
    reads.heads(names).whenComplete((heads, failure) -> {
      for (Channel channel : asked) {
        if (failure == null) {
          channel.open(heads.getOrDefault(channel.name(), Head.EMPTY));
        } else {
          channel.failed();
          channels.remove(channel.name(), channel);
          tails.forget(channel);
          channel.opened().completeExceptionally(failure);
        }
      }
    });
  }

  /**
   * Entries of one channel were committed, here or on another node.
   *
   * @param previous the place before the first of them
   */
  public void committed(Cursor previous, List<Entry> entries) {
    Channel channel = channels.get(entries.get(0).channel());
    if (channel != null) {
      channel.committed(previous, entries);
      used(channel);
    }
  }

  /**
   * Entries of one channel were committed here, and their senders are told before those who follow the channel are: these read
   * no further until {@link Recorded#tell} is called.
   *
   * @param previous the place before the first of them
   */
  public Recorded recorded(Cursor previous, List<Entry> entries) {
    Channel channel = channels.get(entries.get(0).channel());
    if (channel == null) {
      return quiet -> {};
    }
    boolean held = channel.hold(previous, entries);
    try {
      used(channel);
    } catch (RuntimeException | Error e) {
      // Nobody else would ever let them read on.
      if (held) {
        channel.release(false);
      }
      throw e;
    }
    return held ? channel::release : quiet -> {};
  }

  /** What those who follow a channel are not told yet. */
  @FunctionalInterface
  public interface Recorded {
    /**
     * Tells them; to be called once.
     *
     * @param quiet true if the caller has nothing better to do than to wake a small channel's followers
     */
    void tell(boolean quiet);
  }

  private void used(Channel channel) {
    tails.used(channel);
    if (channels.get(channel.name()) != channel) {
      // It has retired meanwhile.
      tails.forget(channel);
    }
  }

  /**
   * Adds a session to a channel's followers. In this order: {@link #prepare}, queue the reply, {@link Prepared#start}.
   *
   * @param liveAt where {@code live} is said; negative for nowhere
   * @param trimmedTold up to where the reply tells what retention removed; 0 if it tells nothing
   */
  public Prepared prepare(
      Pin pin,
      Session session,
      int dialect,
      UserRef user,
      Cursor start,
      long liveAt,
      long trimmedTold) {
    return new Prepared(
        new SessionFollower(pin, this, session, dialect, user, start, liveAt, trimmedTold),
        pin,
        session,
        user);
  }

  /** A subscription whose reply is not queued yet. */
  public final class Prepared {
    private final SessionFollower follower;
    private final Pin pin;
    private final Session session;
    private final UserRef user;
    private boolean watching;

    private Prepared(SessionFollower follower, Pin pin, Session session, UserRef user) {
      this.follower = follower;
      this.pin = pin;
      this.session = session;
      this.user = user;
      pin.channel().presence().join(user);
    }

    /** Who is there; what changes from now on is told once the subscription has started. */
    public PresencePage watch(int limit) {
      watching = true;
      return pin.channel().presence().watch(follower, limit);
    }

    /** The reply will not be queued. */
    public void cancel() {
      follower.end();
    }

    /** The reply is queued: events may come. False if the session has ended or logged out meanwhile. */
    public boolean start() {
      return begin(session.add(follower, user.id()));
    }

    /** As {@link #start}, but the session's own subscription stays if it has one by now: false then, too. */
    public boolean startIfAbsent() {
      return begin(session.addIfAbsent(follower, user.id()));
    }

    private boolean begin(boolean added) {
      if (!added) {
        follower.end();
        return false;
      }
      follower.start(watching);
      subscriptions.increment();
      return true;
    }

    /** Which channel. */
    public ChannelName channel() {
      return pin.name();
    }
  }

  /**
   * Lets a session that follows a channel be told of its presence, from {@link Watching#start} on.
   *
   * @return empty if it does not follow the channel
   */
  public Optional<Watching> watch(Session session, ChannelName name, int limit) {
    return session.subscription(name) instanceof SessionFollower follower
        ? Optional.of(new Watching(follower, follower.watch(limit)))
        : Optional.empty();
  }

  /** Who is there, and from then on what changes. */
  public static final class Watching {
    private final SessionFollower follower;
    private final PresencePage page;

    private Watching(SessionFollower follower, PresencePage page) {
      this.follower = follower;
      this.page = page;
    }

    /** Who is there. */
    public PresencePage page() {
      return page;
    }

    /** The reply is queued: events may come. */
    public void start() {
      follower.openWatch();
    }
  }

  /**
   * The store said where a pinned channel's log ends.
   *
   * @param endBefore {@link Pin#head} as it was before the store was asked
   */
  public void learn(Pin pin, Cursor head, Cursor endBefore) {
    pin.channel().storeSaid(head, endBefore);
  }

  /**
   * Reads a part of a log, for who does not follow it. If the log turns out to have gone back, those who do are told.
   *
   * @return failed as the store failed
   */
  public CompletableFuture<Page> read(ChannelName name, Position position, int entries, int bytes) {
    Channel channel = channels.get(name);
    if (channel == null || !channel.opened().isDone()) {
      return reads.read(name, position, entries, bytes);
    }
    Cursor endBefore = channel.tail().end();
    return reads.read(name, position, entries, bytes).thenApply(page -> {
      Cursor head = page.head().cursor();
      if (head.seq() <= endBefore.seq()) {
        // What lies ahead is being told already, or is the watch's to find.
        channel.storeSaid(head, endBefore);
      }
      return page;
    });
  }

  /** Who is in a channel on this node; it is not opened for that. */
  public PresencePage presence(ChannelName name, Optional<String> after, int limit) {
    Channel channel = channels.get(name);
    return channel == null
        ? new PresencePage(0, List.of(), false)
        : channel.presence().page(after, limit);
  }

  /** Tells the current followers of a channel on this node something that is not recorded. */
  public CompletableFuture<Reach> tell(ChannelName name, Event event, Predicate<ConnectionId> to) {
    Channel channel = channels.get(name);
    return channel == null
        ? CompletableFuture.completedFuture(new Reach(0, 0))
        : channel.tell(event, to);
  }

  /** Where a channel's log ends, as far as this node knows; 0 if it is not open here. */
  public long headHere(ChannelName name) {
    Channel channel = channels.get(name);
    return channel == null ? 0 : channel.tail().end().seq();
  }

  /** True if somebody on this node uses the channel, or did lately: news of it are wanted. */
  public boolean isOpen(ChannelName name) {
    return channels.containsKey(name);
  }

  /** Lets the host follow a channel. */
  public HostFollower follow(
      Pin pin, Cursor start, Executor executor, Consumer<HostFollower.Told> consumer) {
    return new HostFollower(pin, this, start, executor, time, consumer);
  }

  /**
   * Reads on from a place in a log.
   *
   * @param trimmedTold up to where who reads was told already what retention removed behind it; 0 if it was told nothing
   */
  Reading reading(Channel channel, Cursor start, long trimmedTold, Reading.Owner owner) {
    return new Reading(channel, reads, time, start, trimmedTold, owner);
  }

  LongAdder delivered() {
    return delivered;
  }

  Audiences audiences() {
    return audiences;
  }

  @Override
  public void behind(int more) {
    behind.add(more);
  }

  @Override
  public void followed(int more) {
    followers.add(more);
  }

  @Override
  public void recheck(Channel channel) {
    // Not at once: what contradicts is usually a commit whose news are still on their way.
    time.after(RECHECK, () -> compare(List.of(channel)));
  }

  /** Looks after what takes time: leaves, counts, channels nobody uses. */
  public void tick() {
    long now = time.nanos();
    long idle = limits.channelIdle().toNanos();
    List<Channel> gone = new ArrayList<>(0);
    channels.values().removeIf(channel -> {
      channel.presence().tick();
      if (!channel.presence().isEmpty() || !channel.retire(now, idle)) {
        return false;
      }
      gone.add(channel);
      return true;
    });
    // Only now: a commit that still finds it in the map counts it once more, and looks again
    // afterwards.
    gone.forEach(tails::forget);
    tails.measure();
    reads.tick(now);
  }

  /** The channels that are followed on this node. */
  Collection<Channel> followed() {
    List<Channel> followed = new ArrayList<>();
    for (Channel channel : channels.values()) {
      if (channel.followers().count() > 0 && channel.opened().isDone()) {
        followed.add(channel);
      }
    }
    return followed;
  }

  /** Compares what the store says with where each channel ended before it was asked. */
  CompletableFuture<Void> compare(List<Channel> asked) {
    Map<ChannelName, Cursor> ends = new LinkedHashMap<>();
    for (Channel channel : asked) {
      ends.put(channel.name(), channel.tail().end());
    }
    return reads.heads(ends.keySet()).thenAccept(heads -> {
      for (Channel channel : asked) {
        Head head = heads.getOrDefault(channel.name(), Head.EMPTY);
        channel.storeSaid(head.cursor(), ends.getOrDefault(channel.name(), Cursor.START));
      }
    });
  }

  /** How the hub does; looks at no channel, however many there are. */
  public Counters counters() {
    long late = behind.sum();
    // The two are counted one after the other.
    long live = Math.max(0, followers.sum() - late);
    return new Counters(channels.size(), live, late, delivered.sum(), tails.bytes());
  }

  /**
   * How the hub does.
   *
   * @param channels open on this node
   * @param live followers whose next entry lies in memory
   * @param catchingUp followers that read from the store
   * @param delivered entries shown to clients so far
   * @param tailBytes bytes of the newest entries in memory
   */
  public record Counters(
      int channels, long live, long catchingUp, long delivered, long tailBytes) {}
}
