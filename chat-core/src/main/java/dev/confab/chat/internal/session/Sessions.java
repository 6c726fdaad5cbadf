package dev.confab.chat.internal.session;

import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result.PresentUser;
import dev.confab.chat.spi.ChatListener.Happening;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Finds sessions by id and by user, and counts them where there is a bound. Any thread; inside its lock only a session's own
 * and the line of happenings are locked.
 */
public final class Sessions {
  private final Limits limits;
  private final Happenings happenings;

  /** In order, so that a page of them looks at no more than the page. */
  private final ConcurrentSkipListMap<ConnectionId, Session> byId = new ConcurrentSkipListMap<>();

  private final AtomicInteger count = new AtomicInteger();

  // All guarded by this.
  private final NavigableMap<UserId, Map<ConnectionId, Session>> byUser = new TreeMap<>();
  private final Map<String, Integer> anonymousByAddress = new HashMap<>();
  private final Map<String, Integer> guestsByAddress = new HashMap<>();

  /** No sessions; who comes and goes is told to these. */
  public Sessions(Limits limits, Happenings happenings) {
    this.limits = limits;
    this.happenings = happenings;
  }

  /** Takes a new session; false if its address has too many without login. */
  public boolean add(Session session) {
    if (session.address().isPresent()) {
      synchronized (this) {
        String address = session.address().get();
        int others = anonymousByAddress.getOrDefault(address, 0);
        if (others >= limits.anonymousPerAddress()) {
          return false;
        }
        anonymousByAddress.put(address, others + 1);
      }
    }
    byId.put(session.id(), session);
    count.incrementAndGet();
    return true;
  }

  /**
   * Gives a session its identity.
   *
   * @return false if the session is over
   * @throws RefusedException if it is another user already, or this user has too many connections, or it is a guest and its
   *     address has too many of them
   */
  public boolean login(Session session, Identity identity) {
    synchronized (this) {
      Optional<Identity> before = session.identity();
      if (before.isPresent()) {
        if (!before.get().id().equals(identity.id())) {
          throw new RefusedException(ErrorCode.ALREADY_AUTHENTICATED);
        }
        return session.become(identity);
      }
      requireRoom(session, identity.id());
      if (!session.become(identity)) {
        return false;
      }
      session.address().ifPresent(address -> oneLess(anonymousByAddress, address));
      remember(session, identity);
      return true;
    }
  }

  /**
   * What came of a login from outside.
   *
   * @param before who the session was, if it was another user
   * @param alive false if the session is over: nothing has changed
   */
  public record Change(Optional<Identity> before, boolean alive) {}

  /**
   * Gives a session its identity, whoever it was before. Another user's subscriptions end.
   *
   * @throws RefusedException if this user has too many connections; nothing has changed then
   */
  public Change loginAs(Session session, Identity identity) {
    List<Subscription> left;
    Optional<Identity> before;
    synchronized (this) {
      before = session.identity().filter(was -> !was.id().equals(identity.id()));
      if (before.isEmpty()) {
        return new Change(before, login(session, identity));
      }
      requireRoom(session, identity.id());
      left = session.becomeAnother(identity);
      if (left == null) {
        return new Change(Optional.empty(), false);
      }
      forgetUser(session, before.get());
      remember(session, identity);
    }
    left.forEach(Subscription::end);
    return new Change(before, true);
  }

  private void requireRoom(Session session, UserId user) {
    boolean crowded = isGuest(session, user)
        && session
            .address()
            .filter(
                address -> guestsByAddress.getOrDefault(address, 0) >= limits.guestsPerAddress())
            .isPresent();
    if (crowded || byUser.getOrDefault(user, Map.of()).size() >= limits.connectionsPerUser()) {
      throw new RefusedException(ErrorCode.TOO_MANY_CONNECTIONS);
    }
  }

  /** Each guest is another user, so that no bound on a user's connections holds who has no account. */
  private static boolean isGuest(Session session, UserId user) {
    return user.value().equals(session.id().value());
  }

  private void remember(Session session, Identity identity) {
    Map<ConnectionId, Session> mine =
        byUser.computeIfAbsent(identity.id(), user -> new LinkedHashMap<>(2));
    mine.put(session.id(), session);
    if (isGuest(session, identity.id())) {
      session.address().ifPresent(address -> guestsByAddress.merge(address, 1, Integer::sum));
    }
    if (mine.size() == 1) {
      // Under the lock, so that of one user it is told in the order it happened.
      happenings.tell(new Happening.UserOnline(identity.user()));
    }
  }

  /** Takes a session's identity away; empty if it had none. */
  public Optional<Identity> logout(Session session, long nowNanos) {
    synchronized (this) {
      Identity before = session.becomeNobody(nowNanos);
      if (before != null) {
        forgetUser(session, before);
        // It is without login again, but came in when there was room: counted, never refused. Who
        // is gone already would be counted for ever.
        if (byId.containsKey(session.id())) {
          session
              .address()
              .ifPresent(address -> anonymousByAddress.merge(address, 1, Integer::sum));
        }
      }
      return Optional.ofNullable(before);
    }
  }

  /** Forgets a session that is over. */
  public void remove(Session session) {
    synchronized (this) {
      if (byId.remove(session.id()) == null) {
        return;
      }
      count.decrementAndGet();
      Optional<Identity> identity = session.identity();
      if (identity.isPresent()) {
        forgetUser(session, identity.get());
      } else {
        session.address().ifPresent(address -> oneLess(anonymousByAddress, address));
      }
    }
  }

  private void forgetUser(Session session, Identity identity) {
    Map<ConnectionId, Session> mine = byUser.get(identity.id());
    if (mine != null) {
      boolean was = mine.remove(session.id()) != null;
      if (was && isGuest(session, identity.id())) {
        session.address().ifPresent(address -> oneLess(guestsByAddress, address));
      }
      if (mine.isEmpty()) {
        byUser.remove(identity.id());
        happenings.tell(new Happening.UserOffline(identity.user()));
      }
    }
  }

  private static void oneLess(Map<String, Integer> byAddress, String address) {
    byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
  }

  /** The session with this id; null if there is none. */
  public @Nullable Session find(ConnectionId id) {
    return byId.get(id);
  }

  /** A copy of the sessions of this user, oldest login first. */
  public synchronized List<Session> of(UserId user) {
    return new ArrayList<>(byUser.getOrDefault(user, Map.of()).values());
  }

  /** All sessions, as they come and go. */
  public Collection<Session> all() {
    return byId.values();
  }

  /** At most so many sessions, by id, behind this one; from the first if it is null. */
  public List<Session> after(@Nullable ConnectionId after, int limit) {
    List<Session> page = new ArrayList<>(Math.min(limit, 16));
    for (Session session : (after == null ? byId : byId.tailMap(after, false)).values()) {
      if (page.size() == limit) {
        break;
      }
      page.add(session);
    }
    return page;
  }

  /** At most so many users who are logged in, by id, behind this one; from the first if it is null. */
  public synchronized List<PresentUser> usersAfter(@Nullable UserId after, int limit) {
    List<PresentUser> page = new ArrayList<>(Math.min(limit, byUser.size()));
    for (Map<ConnectionId, Session> mine :
        (after == null ? byUser : byUser.tailMap(after, false)).values()) {
      if (page.size() == limit) {
        break;
      }
      Session first = mine.values().iterator().next();
      // Nobody changes it but under this lock.
      first
          .identity()
          .ifPresent(identity -> page.add(new PresentUser(identity.user(), mine.size())));
    }
    return page;
  }

  /** True if this user is logged in on any connection. */
  public synchronized boolean isOnline(UserId user) {
    return byUser.containsKey(user);
  }

  /** How many sessions there are. */
  public int count() {
    return count.get();
  }

  /** How many users are logged in. */
  public synchronized int users() {
    return byUser.size();
  }
}
