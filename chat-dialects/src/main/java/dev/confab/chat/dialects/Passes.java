package dev.confab.chat.dialects;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.UserId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who may be where because the application has signed for it: by user, as long as the connection is there that showed it. For
 * any thread; all locks are leaves.
 */
final class Passes {
  /** More than this many channels no connection has at once. */
  private static final int MAX_CHANNELS = 10_000;

  private final Map<UserId, Set<Pass>> byUser = new ConcurrentHashMap<>();

  /** That of a new connection, with nothing on it. */
  Pass open() {
    return new Pass();
  }

  /** True if one of this user's connections has this channel on its pass. */
  boolean has(UserId user, ChannelName channel) {
    return byUser.getOrDefault(user, Set.of()).stream().anyMatch(pass -> pass.has(channel));
  }

  /** As whom the application has signed this user in there. */
  Optional<SignedMember> member(UserId user, ChannelName channel) {
    return byUser.getOrDefault(user, Set.of()).stream()
        .flatMap(pass -> pass.member(channel).stream())
        .findFirst();
  }

  private void register(UserId user, Pass pass) {
    byUser.compute(user, (id, before) -> {
      Set<Pass> passes = before == null ? ConcurrentHashMap.newKeySet(2) : before;
      passes.add(pass);
      return passes;
    });
  }

  private void unregister(UserId user, Pass pass) {
    byUser.computeIfPresent(user, (id, passes) -> {
      passes.remove(pass);
      return passes.isEmpty() ? null : passes;
    });
  }

  /** One connection's. */
  final class Pass {
    // All guarded by this.
    private final Map<ChannelName, Optional<SignedMember>> channels = new HashMap<>(4);

    /** Who the connection is; two while it becomes another. */
    private final Set<UserId> bearers = new HashSet<>(2);

    private boolean closed;

    private Pass() {}

    /** Who the connection turned out to be. Of somebody else nothing is left: that user's subscriptions have ended, too. */
    synchronized void borneBy(Optional<UserId> user) {
      if (user.isEmpty() || !bearers.contains(user.get())) {
        channels.clear();
      }
      for (UserId before : List.copyOf(bearers)) {
        if (user.isEmpty() || !user.get().equals(before)) {
          bearers.remove(before);
          unregister(before, this);
        }
      }
      user.ifPresent(this::soonBorneBy);
    }

    /** The connection is about to become this user, and keeps what it has. */
    synchronized void soonBorneBy(UserId user) {
      if (!closed && bearers.add(user)) {
        register(user, this);
      }
    }

    /** False if there is no room for it. */
    synchronized boolean add(ChannelName channel, Optional<SignedMember> as) {
      if (closed || (channels.size() >= MAX_CHANNELS && !channels.containsKey(channel))) {
        return false;
      }
      channels.put(channel, as);
      return true;
    }

    synchronized void remove(List<ChannelName> gone) {
      gone.forEach(channels::remove);
    }

    synchronized boolean has(ChannelName channel) {
      return channels.containsKey(channel);
    }

    private synchronized Optional<SignedMember> member(ChannelName channel) {
      return channels.getOrDefault(channel, Optional.empty());
    }

    /** Everything on it. */
    synchronized List<ChannelName> channels() {
      return List.copyOf(channels.keySet());
    }

    /** The connection is over: it stands for nothing from now on. */
    synchronized void close() {
      closed = true;
      channels.clear();
      bearers.forEach(user -> unregister(user, this));
      bearers.clear();
    }
  }
}
