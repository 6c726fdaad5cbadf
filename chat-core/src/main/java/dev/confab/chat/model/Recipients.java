package dev.confab.chat.model;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which connections the host means: to tell them something that is not recorded, or to end them. Immutable.
 *
 * <pre>{@code
 * Recipients.channel(room).except(connection)
 * Recipients.users(List.of(tom, ann))
 * Recipients.everybody().exceptUsers(List.of(tom))
 * }</pre>
 *
 * @param whom whom it means before anybody is left out
 * @param except connections that are left out
 * @param exceptUsers users all of whose connections are left out
 * @param named the channel that what they are told names; absent for the usual one, see {@link #naming}
 */
public record Recipients(
    Whom whom, Set<ConnectionId> except, Set<UserId> exceptUsers, Optional<ChannelName> named) {
  /** Copies its sets. */
  public Recipients {
    except = Set.copyOf(except);
    exceptUsers = Set.copyOf(exceptUsers);
  }

  /** Whom it means before anybody is left out. */
  public sealed interface Whom {
    /** Every connection, logged in or not. */
    record Everybody() implements Whom {}

    /**
     * These connections.
     *
     * @param ids their ids
     */
    record Connections(Set<ConnectionId> ids) implements Whom {
      /** Copies its set. */
      public Connections {
        ids = Set.copyOf(ids);
      }
    }

    /**
     * All connections of these users, whatever they are subscribed to.
     *
     * @param ids their ids
     */
    record Users(Set<UserId> ids) implements Whom {
      /** Copies its set. */
      public Users {
        ids = Set.copyOf(ids);
      }
    }

    /**
     * Who is subscribed to any of these channels; each connection once, for the first of them that it is subscribed to.
     *
     * @param names their names, each once, in the order given
     */
    record Channels(List<ChannelName> names) implements Whom {
      /** Copies its list and leaves out what stands in it again. */
      public Channels {
        names = List.copyOf(new LinkedHashSet<>(names));
      }
    }
  }

  /** Every connection, logged in or not. */
  public static Recipients everybody() {
    return of(new Whom.Everybody());
  }

  /** This connection. */
  public static Recipients connection(ConnectionId id) {
    return connections(List.of(id));
  }

  /** These connections. An empty list means nobody. */
  public static Recipients connections(Collection<ConnectionId> ids) {
    return of(new Whom.Connections(Set.copyOf(ids)));
  }

  /** All connections of this user. */
  public static Recipients user(UserId id) {
    return users(List.of(id));
  }

  /** All connections of these users. An empty list means nobody. */
  public static Recipients users(Collection<UserId> ids) {
    return of(new Whom.Users(Set.copyOf(ids)));
  }

  /** Who is subscribed to this channel. */
  public static Recipients channel(ChannelName name) {
    return channels(List.of(name));
  }

  /** Who is subscribed to any of these channels, each connection once. An empty list means nobody. */
  public static Recipients channels(Collection<ChannelName> names) {
    return of(new Whom.Channels(List.copyOf(names)));
  }

  private static Recipients of(Whom whom) {
    return new Recipients(whom, Set.of(), Set.of(), Optional.empty());
  }

  /** The same but for this connection. */
  public Recipients except(ConnectionId connection) {
    return except(List.of(connection));
  }

  /** The same but for these connections. */
  public Recipients except(Collection<ConnectionId> connections) {
    Set<ConnectionId> all = new LinkedHashSet<>(except);
    all.addAll(connections);
    return new Recipients(whom, all, exceptUsers, named);
  }

  /** The same but for all connections of these users. */
  public Recipients exceptUsers(Collection<UserId> users) {
    Set<UserId> all = new LinkedHashSet<>(exceptUsers);
    all.addAll(users);
    return new Recipients(whom, except, all, named);
  }

  /**
   * The same, told what names this channel. Without it, who is meant by a channel is told what names that channel, who is
   * meant by a user what names the user's own one, and everybody else what names {@link ChannelName#BROADCAST}.
   */
  public Recipients naming(ChannelName channel) {
    return new Recipients(whom, except, exceptUsers, Optional.of(channel));
  }
}
