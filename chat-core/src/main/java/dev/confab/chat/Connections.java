package dev.confab.chat;

import dev.confab.chat.internal.engine.Engine;
import dev.confab.chat.internal.hub.Hub;
import dev.confab.chat.internal.hub.Pin;
import dev.confab.chat.internal.session.Attributes;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.session.Sessions;
import dev.confab.chat.internal.session.Subscription;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.ChatListener.Happening;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The connections of this node: who they are, what they are subscribed to, and what the host keeps with each.
 *
 * <p><b>Threads.</b> Any. Once there are several nodes that know of each other, methods that name one connection will ask
 * the node it is on, so call them where waiting is allowed.
 */
public final class Connections {
  private final Engine engine;
  private final Sessions sessions;
  private final Waiting waiting;

  Connections(Engine engine, Waiting waiting) {
    this.engine = engine;
    this.sessions = engine.sessions();
    this.waiting = waiting;
  }

  /** How many there are, logged in or not. */
  public int count() {
    return sessions.count();
  }

  /** True if this connection is here. */
  public boolean isOnline(ConnectionId connection) {
    return sessions.find(connection) != null;
  }

  /** What is known of this connection; empty if it is not here. */
  public Optional<SessionInfo> find(ConnectionId connection) {
    return Optional.ofNullable(sessions.find(connection)).map(Connections::info);
  }

  /**
   * All connections, by id.
   *
   * @param after {@link Listing#next} of the page before; empty for the first page
   * @param limit 1 to {@value Listing#MAX_ITEMS}
   */
  public Listing<SessionInfo> list(Optional<String> after, int limit) {
    return Listing.of(
        sessions.after(after.map(ConnectionId::new).orElse(null), Listing.requireLimit(limit) + 1),
        limit,
        Connections::info,
        session -> session.id().value());
  }

  static SessionInfo info(Session session) {
    return new SessionInfo(
        session.id(),
        session.identity(),
        session.address(),
        session.attributes(),
        session.subscriptionCount());
  }

  // Who it is.

  /**
   * Logs a connection in, as if its client had: authenticator and client are not asked, and the client is not told. The same
   * user again refreshes the login; of another user who was logged in here nothing is left, neither login nor subscription.
   * A client that logs in itself afterwards as somebody else is refused with {@code already_authenticated}.
   *
   * @return false if the connection is not here
   * @throws RefusedException {@code too_many_connections} of this user, {@code token_expired} if the identity has expired:
   *     nothing has changed then
   */
  public boolean login(ConnectionId connection, Identity identity) {
    Session session = sessions.find(connection);
    if (session == null) {
      return false;
    }
    if (identity
        .expiresAt()
        .filter(end -> !engine.threads().time().now().isBefore(end))
        .isPresent()) {
      throw new RefusedException(ErrorCode.TOKEN_EXPIRED);
    }
    Sessions.Change change = sessions.loginAs(session, identity);
    change.before().ifPresent(before -> tellLogout(session, before.user()));
    if (change.alive()) {
      engine.happenings().tell(new Happening.LoggedIn(session.id(), identity.user()));
    }
    return change.alive();
  }

  /**
   * Logs a connection out, as if its client had: all its subscriptions end, the connection stays and has to log in again
   * within {@code Limits.loginWithin()}. The client is not told.
   *
   * @return false if the connection is not here or nobody was logged in
   */
  public boolean logout(ConnectionId connection) {
    Session session = sessions.find(connection);
    if (session == null) {
      return false;
    }
    // First who it is: from then on nothing is added to what it is subscribed to.
    Optional<Identity> was = sessions.logout(session, engine.threads().time().nanos());
    session.removeAll();
    was.ifPresent(identity -> tellLogout(session, identity.user()));
    return was.isPresent();
  }

  private void tellLogout(Session session, UserRef user) {
    engine.happenings().tell(new Happening.LoggedOut(session.id(), user));
  }

  // What it is subscribed to.

  /**
   * Subscribes a connection to a channel, from its newest entry on; if it is subscribed already nothing changes. The access
   * policy is not asked, the client is not told. Waits for the store if the channel is not open yet.
   *
   * @return false if the connection is not here
   * @throws RefusedException {@code not_authenticated} if nobody is logged in: log a guest in first; {@code
   *     too_many_channels}; {@code store_unavailable}
   */
  public boolean subscribe(ConnectionId connection, ChannelName channel) {
    Session session = sessions.find(connection);
    if (session == null) {
      return false;
    }
    UserRef user = session
        .identity()
        .orElseThrow(() -> new RefusedException(ErrorCode.NOT_AUTHENTICATED))
        .user();
    if (session.subscription(channel) != null) {
      return true;
    }
    if (session.subscriptionCount() >= engine.limits().channelsPerConnection()) {
      throw new RefusedException(ErrorCode.TOO_MANY_CHANNELS);
    }
    Pin pin = waiting.of(engine.hub().pin(List.of(channel))).get(0);
    int dialect = engine.dialects().indexOf(session.outlet().dialect());
    Hub.Prepared prepared = engine.hub().prepare(pin, session, dialect, user, pin.head(), -1, 0);
    if (!prepared.startIfAbsent()) {
      if (session.isEnded()) {
        return false;
      }
      if (session.subscription(channel) != null) {
        // The client was faster, and reads from where it asked to.
        return true;
      }
      throw new RefusedException(ErrorCode.NOT_AUTHENTICATED);
    }
    engine.happenings().tell(new Happening.Subscribed(session.id(), user, channel));
    return true;
  }

  /** Ends a subscription of a connection; false if there was none. The client is not told. */
  public boolean unsubscribe(ConnectionId connection, ChannelName channel) {
    Session session = sessions.find(connection);
    Optional<Subscription> ended = session == null ? Optional.empty() : session.remove(channel);
    ended.ifPresent(subscription -> engine
        .happenings()
        .tell(new Happening.Unsubscribed(connection, subscription.user(), channel)));
    return ended.isPresent();
  }

  /**
   * The channels a connection is subscribed to, by name; none if it is not here.
   *
   * @param after {@link Listing#next} of the page before; empty for the first page
   * @param limit 1 to {@value Listing#MAX_ITEMS}
   */
  public Listing<ChannelName> channels(ConnectionId connection, Optional<String> after, int limit) {
    int asked = Listing.requireLimit(limit) + 1;
    Session session = sessions.find(connection);
    return Listing.of(
        session == null
            ? List.<ChannelName>of()
            : session.channelsAfter(after.map(ChannelName::of).orElse(null), asked),
        limit,
        UnaryOperator.identity(),
        ChannelName::value);
  }

  // What the host keeps with it.

  /**
   * What the host keeps with a connection, as long as it is open and whoever is logged in; empty if it is not here. Clients
   * never see it.
   */
  public Optional<Map<String, Json>> attributes(ConnectionId connection) {
    return Optional.ofNullable(sessions.find(connection)).map(Session::attributes);
  }

  /**
   * Keeps this with a connection, instead of what was kept.
   *
   * @return false if it is not here
   * @throws RefusedException {@code too_large} if it takes more than {@code Limits.attributeBytes()}; nothing has changed
   *     then
   */
  public boolean replaceAttributes(ConnectionId connection, Map<String, Json> attributes) {
    return change(connection, before -> attributes).isPresent();
  }

  /**
   * Changes what is kept with a connection, in one step, as RFC 7396 merges JSON: objects are merged member by member, {@code
   * null} removes, anything else replaces.
   *
   * @return what is kept now; empty if the connection is not here
   * @throws RefusedException {@code too_large} if it would take more than {@code Limits.attributeBytes()}; nothing has
   *     changed then
   */
  public Optional<Map<String, Json>> mergeAttributes(
      ConnectionId connection, Map<String, Json> changes) {
    return change(connection, before -> Attributes.merged(before, changes));
  }

  private Optional<Map<String, Json>> change(
      ConnectionId connection, UnaryOperator<Map<String, Json>> change) {
    int bound = engine.limits().attributeBytes();
    return Optional.ofNullable(sessions.find(connection))
        .map(session -> session.changeAttributes(before -> {
          Map<String, Json> after = change.apply(before);
          int bytes = Json.object(after).bytes();
          if (bytes > bound && !after.isEmpty()) {
            throw new RefusedException(
                ErrorCode.TOO_LARGE,
                "the attributes of a connection may have " + bound + " bytes, got " + bytes);
          }
          return after;
        }));
  }
}
