package dev.confab.chat.internal.hub;

import dev.confab.chat.internal.hub.Tail.News;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Head;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Frame;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A log people write to and follow, as long as somebody uses it on this node.
 *
 * <p><b>Threads.</b> Any. Its lock guards the pins and the line of what is told; it is a leaf.
 */
final class Channel {
  /** What a channel needs of the hub. */
  interface Home {
    /** The head has to be asked of the store, because news of it contradict each other. */
    void recheck(Channel channel);

    /** So many followers more are behind what lies in memory. */
    void behind(int more);

    /** So many followers more are there at all. */
    void followed(int more);
  }

  private static final System.Logger LOG = System.getLogger(Channel.class.getName());

  private final ChannelName name;
  private final Home home;
  private final List<Dialect> dialects;
  private final Executor pumps;
  private final Tail tail;
  private final Followers followers;
  private final Passes passes;
  private final Presence presence;
  private final CompletableFuture<Void> opened = new CompletableFuture<>();

  /** How often the log was found to have gone back. */
  private final AtomicLong rollbacks = new AtomicLong();

  private volatile CompletableFuture<Void> comparison = CompletableFuture.completedFuture(null);

  // All below guarded by this.
  private int pins;
  private boolean retired;
  private long idleSince;

  /** What is told followers beside the log, one after the other, the first of them now. */
  private final Deque<Telling> tellings = new ArrayDeque<>(0);

  Channel(
      ChannelName name,
      Home home,
      List<Dialect> dialects,
      int tailBytes,
      Executor pumps,
      Presence presence) {
    this.name = name;
    this.home = home;
    this.dialects = dialects;
    this.pumps = pumps;
    this.tail = new Tail(dialects, tailBytes);
    this.followers = new Followers(home::followed);
    this.passes = new Passes(followers, pumps, () -> tail.end().seq());
    this.presence = presence;
  }

  ChannelName name() {
    return name;
  }

  Tail tail() {
    return tail;
  }

  Followers followers() {
    return followers;
  }

  /** {@link Passes#horizon}. */
  long horizon() {
    return passes.horizon();
  }

  Presence presence() {
    return presence;
  }

  /** Done once the head has been read; failed if it could not be. */
  CompletableFuture<Void> opened() {
    return opened;
  }

  /** How often the log was found to have gone back: what was read before that may be of another past. */
  long rollbacks() {
    return rollbacks.get();
  }

  /** Done once the store was asked where the log ends, for who came when nobody here followed it. */
  CompletableFuture<Void> comparison() {
    return comparison;
  }

  /** Who comes while this is under way waits for it, too, instead of asking again. */
  void compares(CompletableFuture<Void> underWay) {
    comparison = underWay;
  }

  /** Keeps it open; false if it has retired. */
  synchronized boolean pin() {
    if (retired) {
      return false;
    }
    pins++;
    return true;
  }

  synchronized void unpin(long nowNanos) {
    pins--;
    idleSince = nowNanos;
  }

  /** From zero pins to retired in one step. */
  synchronized boolean retire(long nowNanos, long idleNanos) {
    if (retired || pins > 0 || nowNanos - idleSince < idleNanos) {
      return false;
    }
    retired = true;
    return true;
  }

  /** Retired whoever has it pinned: its head could not be read. */
  synchronized void failed() {
    retired = true;
  }

  void open(Head head) {
    tail.open(head);
    opened.complete(null);
    passes.want(false, false);
  }

  /** Entries were committed; their followers are woken. */
  void committed(Cursor previous, List<Entry> entries) {
    react(append(previous, entries));
  }

  /**
   * Entries were committed, whose senders are told before anybody else is.
   *
   * @return true if the followers have to be let read them, by {@link #release}; so long they do not
   */
  boolean hold(Cursor previous, List<Entry> entries) {
    passes.hold();
    News news = News.UNCLEAR;
    try {
      news = append(previous, entries);
    } finally {
      if (news != News.AHEAD) {
        // Somebody else may have brought more meanwhile, whose pass could not show it.
        release(false);
      }
    }
    if (news == News.AHEAD) {
      return true;
    }
    react(news);
    return false;
  }

  /**
   * The senders are told.
   *
   * @param here true if the followers may be woken on this thread
   */
  void release(boolean here) {
    passes.release();
    passes.want(false, here);
  }

  private News append(Cursor previous, List<Entry> entries) {
    // Whatever place they have: the tail keeps only what continues it.
    read(entries);
    return tail.committed(previous, entries);
  }

  /** The store said where the log ends; asked when it ended, as far as this node knew, where given. */
  void storeSaid(Cursor head, Cursor endBefore) {
    react(tail.head(head, endBefore));
  }

  /** The store said that a position is not in the log. */
  void misfit(Cursor position, Cursor head, Cursor endBefore) {
    react(tail.misfit(position, head, endBefore));
  }

  /** These are in the store; a redaction among them is news for what lies in memory. */
  void read(List<Entry> entries) {
    for (Entry entry : entries) {
      if (entry.kind() == EntryKind.REDACTION) {
        tail.redacted(entry);
      }
    }
  }

  private void react(News news) {
    switch (news) {
      case OLD -> {}
      case AHEAD -> passes.want(false, false);
      case ROLLBACK -> {
        rollbacks.incrementAndGet();
        passes.want(true, false);
      }
      case UNCLEAR -> home.recheck(this);
    }
  }

  void behind(int more) {
    home.behind(more);
  }

  /**
   * Tells the current followers something that is not recorded, behind what others want them told. Who asks for it waits
   * for the result before asking for more: that bounds how much waits here.
   *
   * @param to which connections
   * @return to how many it was given and for how many it was dropped because they are behind
   */
  CompletableFuture<Reach> tell(Event event, Predicate<ConnectionId> to) {
    CompletableFuture<Reach> done = new CompletableFuture<>();
    Telling telling = new Telling(event, to, done);
    synchronized (this) {
      tellings.addLast(telling);
      if (tellings.size() > 1) {
        return done;
      }
    }
    pumps.execute(telling);
    return done;
  }

  /** Walks the slices in turns with other channels. */
  private final class Telling implements Runnable {
    private final Event event;
    private final Predicate<ConnectionId> to;
    private final CompletableFuture<Reach> done;
    private Followers.Slice[] slices = new Followers.Slice[0];
    private final @Nullable Optional<Frame>[] frames;
    private int next;
    private int given;
    private int dropped;

    @SuppressWarnings({"unchecked", "rawtypes"
    }) // An array of a generic type can not be made otherwise.
    Telling(Event event, Predicate<ConnectionId> to, CompletableFuture<Reach> done) {
      this.event = event;
      this.to = to;
      this.done = done;
      this.frames = (Optional<Frame>[]) new Optional[dialects.size()];
    }

    @Override
    public void run() {
      if (next == 0) {
        slices = followers.slices();
      }
      if (next < slices.length) {
        for (Follower follower : slices[next].members()) {
          if (follower instanceof SessionFollower reader && to.test(reader.connection())) {
            try {
              tell(reader);
            } catch (RuntimeException | Error e) {
              // One that can not be told must not keep the others, and all that is told later, from
              // it.
              LOG.log(System.Logger.Level.ERROR, "a follower could not be told", e);
            }
          }
        }
        next++;
      }
      if (next < slices.length) {
        pumps.execute(this);
      } else {
        end();
      }
    }

    private void end() {
      Telling following;
      synchronized (Channel.this) {
        tellings.removeFirst();
        following = tellings.peekFirst();
      }
      if (following != null) {
        pumps.execute(following);
      }
      done.complete(new Reach(given, dropped));
    }

    private void tell(SessionFollower reader) {
      Optional<Frame> frame = frames[reader.dialect()];
      if (frame == null) {
        frame = dialects.get(reader.dialect()).encode(event).map(Frame::of);
        frames[reader.dialect()] = frame;
      }
      if (frame.isEmpty()) {
        return;
      }
      if (reader.behind()) {
        dropped++;
      } else {
        given++;
        reader.signal(frame.get());
      }
    }
  }
}
