package dev.confab.chat;

import dev.confab.chat.internal.engine.Engine;
import dev.confab.chat.internal.session.Sessions;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.Result.PresentUser;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Who is logged in on this node. Any thread; nothing here waits. */
public final class Users {
  private final Sessions sessions;

  Users(Engine engine) {
    this.sessions = engine.sessions();
  }

  /** How many users are logged in. */
  public int count() {
    return sessions.users();
  }

  /** True if this user is logged in on any connection. */
  public boolean isOnline(UserId user) {
    return sessions.isOnline(user);
  }

  /** Those of these users who are logged in, in the order given. */
  public Set<UserId> online(Collection<UserId> users) {
    Set<UserId> online = new LinkedHashSet<>(users);
    online.removeIf(user -> !sessions.isOnline(user));
    return online;
  }

  /** The connections of a user, oldest login first; at most {@code Limits.connectionsPerUser()}. */
  public List<SessionInfo> sessions(UserId user) {
    return sessions.of(user).stream().map(Connections::info).toList();
  }

  /**
   * All users who are logged in, by id, and on how many connections.
   *
   * @param after {@link Listing#next} of the page before; empty for the first page
   * @param limit 1 to {@value Listing#MAX_ITEMS}
   */
  public Listing<PresentUser> list(Optional<String> after, int limit) {
    return Listing.of(
        sessions.usersAfter(after.map(UserId::of).orElse(null), Listing.requireLimit(limit) + 1),
        limit,
        user -> user,
        user -> user.user().id().value());
  }
}
