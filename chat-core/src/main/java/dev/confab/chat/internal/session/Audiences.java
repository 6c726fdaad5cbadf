package dev.confab.chat.internal.session;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.protocol.Result.PresentUser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who is subscribed to which channel on this node, in order and counted, so that no question about it looks at more than its
 * answer. A channel is in here while somebody is subscribed to it. Any thread.
 */
public final class Audiences {
  private static final int PAGE = 1_000;

  private final Happenings happenings;
  private final ConcurrentSkipListMap<ChannelName, Audience> byChannel =
      new ConcurrentSkipListMap<>();
  private final AtomicInteger occupied = new AtomicInteger();
  private final Optional<ChannelName> watched;
  private final AtomicBoolean newcomers = new AtomicBoolean();

  /**
   * Nobody is subscribed to anything; what changes for a channel is told to these.
   *
   * @param watched the channel {@link #newcomers} speaks of
   */
  public Audiences(Happenings happenings, Optional<ChannelName> watched) {
    this.happenings = happenings;
    this.watched = watched;
  }

  /** Somebody has subscribed. Of a subscription that has ended meanwhile nothing is left. */
  public void join(Subscription subscription) {
    boolean joined = false;
    while (!joined) {
      Audience audience = byChannel.computeIfAbsent(
          subscription.channel(), channel -> new Audience(channel, happenings, occupied));
      joined = audience.join(subscription);
      forgetRetired(subscription.channel(), audience);
    }
    if (watched.filter(subscription.channel()::equals).isPresent()) {
      newcomers.set(true);
    }
  }

  /** A subscription has ended. */
  public void leave(Subscription subscription) {
    Audience audience = byChannel.get(subscription.channel());
    if (audience != null) {
      audience.leave(subscription);
      forgetRetired(subscription.channel(), audience);
    }
  }

  private void forgetRetired(ChannelName channel, Audience audience) {
    if (audience.isRetired()) {
      byChannel.remove(channel, audience);
    }
  }

  /** True if somebody has subscribed to the watched channel since this was asked last. */
  public boolean newcomers() {
    return newcomers.getAndSet(false);
  }

  /** How many channels somebody is subscribed to. */
  public int channels() {
    return occupied.get();
  }

  /** How many connections are subscribed to this channel. */
  public int connections(ChannelName channel) {
    Audience audience = byChannel.get(channel);
    return audience == null ? 0 : audience.connections();
  }

  /** How many users are subscribed to this channel. */
  public int users(ChannelName channel) {
    Audience audience = byChannel.get(channel);
    return audience == null ? 0 : audience.users();
  }

  /** At most so many of the channels somebody is subscribed to, behind this name; from the first if it is null. */
  public List<ChannelName> channelsAfter(@Nullable ChannelName after, int limit) {
    List<ChannelName> page = new ArrayList<>(Math.min(limit, 16));
    for (ChannelName name :
        (after == null ? byChannel : byChannel.tailMap(after, false)).keySet()) {
      if (page.size() == limit) {
        break;
      }
      page.add(name);
    }
    return page;
  }

  /** At most so many subscriptions of a channel, by user and connection, behind this connection of this user. */
  public List<Subscription> after(ChannelName channel, String user, String connection, int limit) {
    Audience audience = byChannel.get(channel);
    return audience == null ? List.of() : audience.after(user, connection, limit);
  }

  /** Every subscription of a channel, a page at a time; nothing is locked while one is given. */
  public void forEach(ChannelName channel, Consumer<Subscription> action) {
    List<Subscription> page = after(channel, "", "", PAGE);
    while (!page.isEmpty()) {
      Subscription last = page.get(page.size() - 1);
      page.forEach(action);
      page = after(channel, last.user().id().value(), last.session().id().value(), PAGE);
    }
  }

  /** At most so many users of a channel, by id, behind this one. */
  public List<PresentUser> usersAfter(ChannelName channel, String user, int limit) {
    Audience audience = byChannel.get(channel);
    return audience == null ? List.of() : audience.usersAfter(user, limit);
  }
}
