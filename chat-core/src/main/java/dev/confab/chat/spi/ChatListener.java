package dev.confab.chat.spi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.ErrorCode;
import java.util.Optional;

/**
 * Is told what happened; decides nothing and can not slow the hallway.
 *
 * <p><b>Threads.</b> One thread, one call at a time. Up to {@code Limits.listenerQueue()} happenings wait; beyond that they
 * are dropped and counted, so nothing that must not be lost may hang on a listener: that is what {@code Chat.follow} is for.
 *
 * <ol>
 *   <li>LISTENER-1: what happened to one connection is told in order; that a user is online or offline, and a channel
 *       occupied or vacated, in turns.
 *   <li>LISTENER-2: an exception is logged and changes nothing.
 * </ol>
 */
@FunctionalInterface
public interface ChatListener {
  /** Something happened. */
  void happened(Happening happening);

  /** What can happen. */
  sealed interface Happening {
    /**
     * A connection came.
     *
     * @param connection which
     * @param remoteAddress from where, if the transport knows
     */
    record Connected(ConnectionId connection, Optional<String> remoteAddress)
        implements Happening {}

    /**
     * Somebody logged in, or refreshed the login.
     *
     * @param connection on which connection
     * @param user who
     */
    record LoggedIn(ConnectionId connection, UserRef user) implements Happening {}

    /**
     * Somebody logged out.
     *
     * @param connection on which connection
     * @param user who
     */
    record LoggedOut(ConnectionId connection, UserRef user) implements Happening {}

    /**
     * A connection follows a channel.
     *
     * @param connection which connection
     * @param user whose
     * @param channel which channel
     */
    record Subscribed(ConnectionId connection, UserRef user, ChannelName channel)
        implements Happening {}

    /**
     * A connection follows a channel no more.
     *
     * @param connection which connection
     * @param user whose
     * @param channel which channel
     */
    record Unsubscribed(ConnectionId connection, UserRef user, ChannelName channel)
        implements Happening {}

    /**
     * A command was refused.
     *
     * @param connection whose
     * @param op its op, if it had one
     * @param code why
     */
    record Refused(ConnectionId connection, Optional<String> op, ErrorCode code)
        implements Happening {}

    /**
     * A connection ended.
     *
     * @param connection which
     * @param user whose, if it was logged in
     * @param code the close code
     */
    record Disconnected(ConnectionId connection, Optional<UserRef> user, int code)
        implements Happening {}

    /**
     * A user's first connection on this node logged in.
     *
     * @param user who
     */
    record UserOnline(UserRef user) implements Happening {}

    /**
     * A user's last connection on this node ended or logged out. Who reloads a page goes offline and comes back.
     *
     * @param user who
     */
    record UserOffline(UserRef user) implements Happening {}

    /**
     * A channel's first subscriber on this node came.
     *
     * @param channel which channel
     */
    record ChannelOccupied(ChannelName channel) implements Happening {}

    /**
     * A channel's last subscriber on this node left.
     *
     * @param channel which channel
     */
    record ChannelVacated(ChannelName channel) implements Happening {}

    /**
     * How many are here now, on this node. Told when it has changed, at most once a second.
     *
     * @param connections open connections
     * @param users logged in users
     */
    record OnlineCounted(int connections, int users) implements Happening {}
  }
}
