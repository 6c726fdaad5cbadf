package dev.confab.chat.internal.session;

import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Finds sessions by id and by user, and counts them where there is a bound. Any thread; its lock is a leaf. */
public final class Sessions {
  private final Limits limits;
  private final Map<ConnectionId, Session> byId = new ConcurrentHashMap<>();

  // Both guarded by this.
  private final Map<UserId, Map<ConnectionId, Session>> byUser = new HashMap<>();
  private final Map<String, Integer> anonymousByAddress = new HashMap<>();

  /** No sessions. */
  public Sessions(Limits limits) {
    this.limits = limits;
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
    return true;
  }

  /**
   * Gives a session its identity.
   *
   * @return false if the session is over
   * @throws RefusedException if it is another user already, or this user has too many connections
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
      Map<ConnectionId, Session> mine = byUser.getOrDefault(identity.id(), Map.of());
      if (mine.size() >= limits.connectionsPerUser()) {
        throw new RefusedException(ErrorCode.TOO_MANY_CONNECTIONS);
      }
      if (!session.become(identity)) {
        return false;
      }
      byUser
          .computeIfAbsent(identity.id(), user -> new LinkedHashMap<>(2))
          .put(session.id(), session);
      session.address().ifPresent(this::oneAnonymousLess);
      return true;
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
      Optional<Identity> identity = session.identity();
      if (identity.isPresent()) {
        forgetUser(session, identity.get());
      } else {
        session.address().ifPresent(this::oneAnonymousLess);
      }
    }
  }

  private void forgetUser(Session session, Identity identity) {
    Map<ConnectionId, Session> mine = byUser.get(identity.id());
    if (mine != null) {
      mine.remove(session.id());
      if (mine.isEmpty()) {
        byUser.remove(identity.id());
      }
    }
  }

  private void oneAnonymousLess(String address) {
    anonymousByAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
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

  /** How many sessions there are. */
  public int count() {
    return byId.size();
  }

  /** How many users are logged in. */
  public synchronized int users() {
    return byUser.size();
  }
}
