package dev.confab.chat.internal.session;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.Result.PresentUser;
import dev.confab.chat.spi.ChatListener.Happening;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Who is subscribed to one channel on this node, by user and connection: one order that counts users and pages through both.
 *
 * <p><b>Threads.</b> Any. Only the line of happenings is locked inside its lock, so that what is told of one channel is told
 * in the order it happened.
 */
final class Audience {
  /** The place of a subscription. An empty connection stands before all of its user, null behind them. */
  private record Place(String user, @Nullable String connection) {}

  private static final Comparator<Place> ORDER = Comparator.comparing(Place::user)
      .thenComparing(Place::connection, Comparator.nullsLast(Comparator.naturalOrder()));

  private final ChannelName channel;
  private final Happenings happenings;

  /** How many channels somebody is subscribed to. */
  private final AtomicInteger occupied;

  // All below guarded by this.
  private final NavigableMap<Place, Subscription> members = new TreeMap<>(ORDER);
  private int users;
  private boolean retired;

  Audience(ChannelName channel, Happenings happenings, AtomicInteger occupied) {
    this.channel = channel;
    this.happenings = happenings;
    this.occupied = occupied;
  }

  /**
   * Counts a subscription in unless it has ended meanwhile.
   *
   * @return false if this has retired: another has taken its place, or will
   */
  synchronized boolean join(Subscription subscription) {
    if (retired) {
      return false;
    }
    boolean empty = members.isEmpty();
    if (subscription.isOver()) {
      // Who ends it finds nothing to take out, before this or after.
      retired = empty;
      return true;
    }
    if (members.put(placeOf(subscription), subscription) == null && isAlone(subscription)) {
      users++;
    }
    if (empty) {
      occupied.incrementAndGet();
      happenings.tell(new Happening.ChannelOccupied(channel));
    }
    return true;
  }

  /** Counts a subscription out; one that was not counted in, or in whose place another came, changes nothing. */
  synchronized void leave(Subscription subscription) {
    if (!members.remove(placeOf(subscription), subscription)) {
      return;
    }
    if (isAlone(subscription)) {
      users--;
    }
    if (members.isEmpty()) {
      retired = true;
      occupied.decrementAndGet();
      happenings.tell(new Happening.ChannelVacated(channel));
    }
  }

  /** True if nobody is here any more; who comes later comes to another. */
  synchronized boolean isRetired() {
    return retired;
  }

  /** True if no other subscription here is of this one's user. */
  private boolean isAlone(Subscription subscription) {
    Place place = placeOf(subscription);
    return !isOf(members.lowerKey(place), place.user())
        && !isOf(members.higherKey(place), place.user());
  }

  private static boolean isOf(@Nullable Place place, String user) {
    return place != null && place.user().equals(user);
  }

  synchronized int connections() {
    return members.size();
  }

  synchronized int users() {
    return users;
  }

  /** At most so many subscriptions, behind this user's connection. */
  synchronized List<Subscription> after(String user, String connection, int limit) {
    List<Subscription> page = new ArrayList<>(Math.min(limit, members.size()));
    for (Subscription member :
        members.tailMap(new Place(user, connection), false).values()) {
      if (page.size() == limit) {
        break;
      }
      page.add(member);
    }
    return page;
  }

  /** At most so many users, behind this one; touches no connection but theirs. */
  synchronized List<PresentUser> usersAfter(String user, int limit) {
    List<PresentUser> page = new ArrayList<>(Math.min(limit, users));
    UserRef last = null;
    int connections = 0;
    for (Subscription member : members.tailMap(new Place(user, null), false).values()) {
      if (last != null && !last.id().equals(member.user().id())) {
        page.add(new PresentUser(last, connections));
        if (page.size() == limit) {
          return page;
        }
        connections = 0;
      }
      last = member.user();
      connections++;
    }
    if (last != null) {
      page.add(new PresentUser(last, connections));
    }
    return page;
  }

  private static Place placeOf(Subscription subscription) {
    ConnectionId connection = subscription.session().id();
    return new Place(subscription.user().id().value(), connection.value());
  }
}
