package dev.confab.chat.internal.hub;

import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Result.PresencePage;
import dev.confab.chat.protocol.Result.PresentUser;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Frame;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Who is in one channel on this node, and who wants to be told.
 *
 * <p>What changes is put into a line and told by one task at a time, so a watcher is told in the order things happened. A
 * watcher whose reply is not queued yet is told nothing; what happens meanwhile is held for it.
 *
 * <p><b>Threads.</b> Any. Its lock is a leaf.
 */
final class Presence {
  private static final System.Logger LOG = System.getLogger(Presence.class.getName());
  private static final long COUNT_PERIOD_NANOS = 1_000_000_000L;

  private static final class Present {
    UserRef user;
    int connections;

    /** When the last connection left; means something only while there are none. */
    long leftAt;

    Present(UserRef user) {
      this.user = user;
    }
  }

  private record Leaving(UserRef user, long at) {}

  /** Touched only by the task that tells, but for being made. */
  private static final class Watcher {
    final SessionFollower follower;

    /** The number of the last item its reply already tells of. */
    final long after;

    boolean open;
    final List<Event> held = new ArrayList<>(0);

    Watcher(SessionFollower follower, long after) {
      this.follower = follower;
      this.after = after;
    }
  }

  /** Something to tell everybody, or, without event, somebody who is told from now on. */
  private record Item(
      long number, @Nullable Event event, @Nullable Watcher opens) {}

  private final ChannelName name;
  private final List<Dialect> dialects;
  private final Executor pumps;
  private final Time time;
  private final Limits limits;

  // All below guarded by this.
  private final NavigableMap<String, Present> users = new TreeMap<>();
  private final Deque<Leaving> leaving = new ArrayDeque<>(0);
  private final Map<SessionFollower, Watcher> watchers = new LinkedHashMap<>(0);
  private final Deque<Item> line = new ArrayDeque<>(0);
  private long lastNumber;
  private boolean telling;
  private boolean countDue;
  private long countTold;

  Presence(ChannelName name, List<Dialect> dialects, Executor pumps, Time time, Limits limits) {
    this.name = name;
    this.dialects = dialects;
    this.pumps = pumps;
    this.time = time;
    this.limits = limits;
    this.countTold = time.nanos() - COUNT_PERIOD_NANOS;
  }

  /** One connection more of this user. */
  void join(UserRef user) {
    synchronized (this) {
      Present present = users.get(user.id().value());
      if (present != null) {
        present.connections++;
        present.user = user;
        return;
      }
      present = new Present(user);
      present.connections = 1;
      users.put(user.id().value(), present);
      changed(new Event.Joined(name, user, now()));
    }
    tellSoon();
  }

  /**
   * One connection less of this user; the last one counts as gone only after a grace.
   *
   * @param forEver whether the user can not come back: nobody waits for that then
   */
  void leave(UserRef user, boolean forEver) {
    synchronized (this) {
      Present present = users.get(user.id().value());
      if (present == null || --present.connections > 0) {
        return;
      }
      if (forEver) {
        users.remove(user.id().value());
        changed(new Event.Left(name, present.user, now()));
      } else {
        present.leftAt = time.nanos();
        leaving.addLast(new Leaving(present.user, present.leftAt));
        if (!limits.presenceGrace().isZero()) {
          return;
        }
        reap();
      }
    }
    tellSoon();
  }

  /** Looks after what takes time. */
  void tick() {
    synchronized (this) {
      reap();
      if (countDue && time.nanos() - countTold >= COUNT_PERIOD_NANOS) {
        countDue = false;
        countTold = time.nanos();
        enqueue(new Event.PresenceCount(name, users.size()));
      }
    }
    tellSoon();
  }

  private void reap() {
    long now = time.nanos();
    for (Leaving next = leaving.peekFirst();
        next != null && now - next.at() >= limits.presenceGrace().toNanos();
        next = leaving.peekFirst()) {
      leaving.removeFirst();
      Present present = users.get(next.user().id().value());
      if (present != null && present.connections == 0 && present.leftAt == next.at()) {
        users.remove(next.user().id().value());
        changed(new Event.Left(name, present.user, now()));
      }
    }
  }

  private Instant now() {
    return time.now().truncatedTo(ChronoUnit.MILLIS);
  }

  private void changed(Event event) {
    if (users.size() > limits.presenceNames()) {
      countDue = true;
    } else {
      enqueue(event);
    }
  }

  private void enqueue(Event event) {
    if (!watchers.isEmpty()) {
      line.addLast(new Item(++lastNumber, event, null));
    }
  }

  /** True if nobody is here or about to be told gone. */
  synchronized boolean isEmpty() {
    return users.isEmpty();
  }

  /** Users in the order of their ids. */
  synchronized PresencePage page(Optional<String> after, int limit) {
    NavigableMap<String, Present> rest =
        after.isPresent() ? users.tailMap(after.get(), false) : users;
    List<PresentUser> page = new ArrayList<>(Math.min(limit, rest.size()));
    for (Present present : rest.values()) {
      if (page.size() == limit) {
        return new PresencePage(users.size(), page, true);
      }
      page.add(new PresentUser(present.user, present.connections));
    }
    return new PresencePage(users.size(), page, false);
  }

  /** Who is here, and from then on what changes, once {@link #open} was called. */
  synchronized PresencePage watch(SessionFollower follower, int limit) {
    watchers.put(follower, new Watcher(follower, lastNumber));
    return page(Optional.empty(), limit);
  }

  /** The watcher's reply is queued: it may be told now. */
  void open(SessionFollower follower) {
    synchronized (this) {
      Watcher watcher = watchers.get(follower);
      if (watcher == null) {
        return;
      }
      line.addLast(new Item(++lastNumber, null, watcher));
    }
    tellSoon();
  }

  synchronized void unwatch(SessionFollower follower) {
    watchers.remove(follower);
  }

  private void tellSoon() {
    synchronized (this) {
      if (telling || line.isEmpty()) {
        return;
      }
      telling = true;
    }
    pumps.execute(this::tell);
  }

  private void tell() {
    while (true) {
      Item item;
      List<Watcher> all;
      synchronized (this) {
        item = line.pollFirst();
        if (item == null) {
          telling = false;
          return;
        }
        all = item.event() == null ? List.of() : new ArrayList<>(watchers.values());
      }
      try {
        tell(item, all);
      } catch (RuntimeException | Error e) {
        // What can not be told must not keep what comes later from being told.
        LOG.log(System.Logger.Level.ERROR, "a change of presence could not be told", e);
      }
    }
  }

  private void tell(Item item, List<Watcher> all) {
    Watcher opens = item.opens();
    if (opens != null) {
      opens.open = true;
      for (Event event : opens.held) {
        dialects
            .get(opens.follower.dialect())
            .encode(event)
            .map(Frame::of)
            .ifPresent(opens.follower::signal);
      }
      opens.held.clear();
    }
    Event event = item.event();
    if (event != null) {
      tellAll(item.number(), event, all);
    }
  }

  private void tellAll(long number, Event event, List<Watcher> all) {
    @Nullable Frame[] frames = new @Nullable Frame[dialects.size()];
    for (Watcher watcher : all) {
      if (number <= watcher.after) {
        continue;
      }
      if (!watcher.open) {
        watcher.held.add(event);
        continue;
      }
      int dialect = watcher.follower.dialect();
      Frame frame = frames[dialect];
      if (frame == null) {
        frame = dialects.get(dialect).encode(event).map(Frame::of).orElse(null);
        frames[dialect] = frame;
      }
      if (frame != null) {
        watcher.follower.signal(frame);
      }
    }
  }
}
