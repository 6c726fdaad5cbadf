package dev.confab.chat.internal.session;

import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.CloseReason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One connection and who it is.
 *
 * <p><b>Threads.</b> Any. Its lock is a leaf; subscriptions are ended outside of it.
 */
public final class Session implements Outlet.Owner {
  /** Told once when a session is over, on any thread. */
  @FunctionalInterface
  public interface EndListener {
    /** The session is over. */
    void ended(Session session);
  }

  private final ConnectionId id;
  private final Optional<String> address;
  private final Outlet outlet;
  private final EndListener endListener;
  private final long firstPing;

  // All below guarded by this.
  private @Nullable Handshake handshake;
  private @Nullable Identity identity;
  private final Map<ChannelName, Subscription> subscriptions = new HashMap<>(4);
  private Map<String, Json> attributes = Map.of();
  private boolean ended;
  private boolean expiryTold;
  private int failedLogins;

  // Written by socket threads and read by the heartbeat: a torn or late value does no harm, a lost
  // one would.
  private volatile long lastWord;
  private volatile long excusedAt;
  private volatile long anonymousSince;
  private volatile boolean loggingIn;
  private volatile long loggingInSince;
  private volatile boolean pinged;
  private volatile long pingedAt;

  /**
   * A session nobody has logged in to yet.
   *
   * @param firstPingNanos when it is pinged first, so that not all that came together are pinged
   *     together
   */
  public Session(
      ConnectionId id,
      Handshake handshake,
      OutletFactory outlets,
      EndListener endListener,
      long nowNanos,
      long firstPingNanos) {
    this.id = id;
    this.address = handshake.remoteAddress();
    this.handshake = handshake;
    this.endListener = endListener;
    this.lastWord = nowNanos;
    this.excusedAt = nowNanos;
    this.anonymousSince = nowNanos;
    this.pingedAt = nowNanos;
    this.firstPing = firstPingNanos;
    this.outlet = outlets.outletFor(this);
  }

  /** Makes the outlet of a session that is being made. */
  @FunctionalInterface
  public interface OutletFactory {
    /** An outlet that this owner is told of. */
    Outlet outletFor(Outlet.Owner owner);
  }

  /** The connection's id. */
  public ConnectionId id() {
    return id;
  }

  /** The client's address, where the transport knows it. */
  public Optional<String> address() {
    return address;
  }

  /** What the client still has to be told. */
  public Outlet outlet() {
    return outlet;
  }

  /** Who it is; empty before login. */
  public synchronized Optional<Identity> identity() {
    return Optional.ofNullable(identity);
  }

  /** What the opening request said; gone after the first login. */
  public synchronized Optional<Handshake> handshake() {
    return Optional.ofNullable(handshake);
  }

  /** False if the session is over. */
  synchronized boolean become(Identity newIdentity) {
    if (ended) {
      return false;
    }
    identity = newIdentity;
    handshake = null;
    expiryTold = false;
    return true;
  }

  /**
   * As {@link #become}, whoever it was before: in the same step nothing is subscribed any more.
   *
   * @return what was subscribed and has to be ended by the caller; null if the session is over
   */
  synchronized @Nullable List<Subscription> becomeAnother(Identity newIdentity) {
    if (!become(newIdentity)) {
      return null;
    }
    List<Subscription> all = new ArrayList<>(subscriptions.values());
    subscriptions.clear();
    return all;
  }

  /** The identity it had. */
  synchronized @Nullable Identity becomeNobody(long nowNanos) {
    Identity before = identity;
    identity = null;
    anonymousSince = nowNanos;
    return before;
  }

  /** The subscription of this channel, if there is one. */
  public synchronized @Nullable Subscription subscription(ChannelName channel) {
    return subscriptions.get(channel);
  }

  /** How many channels it is subscribed to. */
  public synchronized int subscriptionCount() {
    return subscriptions.size();
  }

  /** At most so many of the channels it is subscribed to, by name, behind this one; from the first if it is null. */
  public synchronized List<ChannelName> channelsAfter(@Nullable ChannelName after, int limit) {
    NavigableSet<ChannelName> page = new TreeSet<>();
    for (ChannelName name : subscriptions.keySet()) {
      if (after == null || name.compareTo(after) > 0) {
        page.add(name);
        if (page.size() > limit) {
          page.pollLast();
        }
      }
    }
    return new ArrayList<>(page);
  }

  /** What the host keeps with the connection. */
  public synchronized Map<String, Json> attributes() {
    return attributes;
  }

  /**
   * Changes what the host keeps with the connection, in one step.
   *
   * @param change made of what there is; may be asked while a lock is held
   * @return what there is now
   */
  public synchronized Map<String, Json> changeAttributes(UnaryOperator<Map<String, Json>> change) {
    attributes = Map.copyOf(change.apply(attributes));
    return attributes;
  }

  /**
   * Adds a subscription, in the place of one of the same channel.
   *
   * @param user who subscribed
   * @return false if the session is over or no longer this user's; the subscription then has to be ended by the caller
   */
  public boolean add(Subscription subscription, UserId user) {
    Subscription before;
    synchronized (this) {
      if (ended || identity == null || !identity.id().equals(user)) {
        return false;
      }
      before = subscriptions.put(subscription.channel(), subscription);
    }
    if (before != null) {
      before.end();
    }
    return true;
  }

  /**
   * Adds a subscription if there is none of the same channel.
   *
   * @param user who subscribed
   * @return false if there is one, the session is over or no longer this user's; the subscription then has to be ended by the
   *     caller
   */
  public synchronized boolean addIfAbsent(Subscription subscription, UserId user) {
    return !ended
        && identity != null
        && identity.id().equals(user)
        && subscriptions.putIfAbsent(subscription.channel(), subscription) == null;
  }

  /** Takes a subscription away and ends it; empty if there was none. */
  public Optional<Subscription> remove(ChannelName channel) {
    Subscription before;
    synchronized (this) {
      before = subscriptions.remove(channel);
    }
    if (before != null) {
      before.end();
    }
    return Optional.ofNullable(before);
  }

  /** Takes all subscriptions away and ends them. */
  public List<Subscription> removeAll() {
    List<Subscription> all;
    synchronized (this) {
      all = new ArrayList<>(subscriptions.values());
      subscriptions.clear();
    }
    all.forEach(Subscription::end);
    return all;
  }

  /** Says why to clients that can be told, and closes once what is queued has been written. */
  public void end(CloseReason reason) {
    outlet.end(reason);
  }

  /** Closes at once. */
  public void cut(CloseReason reason) {
    outlet.close(reason);
  }

  @Override
  public void writeFailed(Throwable failure) {
    cut(CloseReason.of(1011, "write failed"));
  }

  /** The connection has ended. Told again, it does nothing. */
  public void ended() {
    outlet.discard();
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
    }
    removeAll();
    endListener.ended(this);
  }

  /** A login was refused; says how many of this connection were. */
  public synchronized int loginFailed() {
    return ++failedLogins;
  }

  /** True once the connection has ended. */
  public synchronized boolean isEnded() {
    return ended;
  }

  /** Something came from the client. */
  public void heard(long nowNanos) {
    lastWord = nowNanos;
  }

  /** Up to now its silence does not count. */
  void excuse(long nowNanos) {
    excusedAt = nowNanos;
  }

  /** A login is being asked of the application, or waits for its turn there: its time is not the client's. */
  public void loggingIn(boolean now, long nowNanos) {
    if (now) {
      loggingInSince = nowNanos;
    } else if (loggingIn) {
      // Only that time is given back: who fails again and again has no more than anybody else.
      long before = anonymousSince;
      anonymousSince = before + nowNanos - loggingInSince;
    }
    loggingIn = now;
  }

  boolean isLoggingIn() {
    return loggingIn;
  }

  /** True once, when the time of the first ping has come. */
  boolean firstPingDue(long nowNanos) {
    if (pinged || nowNanos - firstPing < 0) {
      return false;
    }
    pinged = true;
    return true;
  }

  /** It is being pinged. */
  void pinged(long nowNanos) {
    pingedAt = nowNanos;
  }

  /** When it was pinged last, or began. */
  long pingedAt() {
    return pingedAt;
  }

  /** When the client was heard last. */
  long lastWord() {
    return lastWord;
  }

  /** Since when its silence counts. */
  long silentSince() {
    long word = lastWord;
    long excused = excusedAt;
    return word - excused > 0 ? word : excused;
  }

  long anonymousSince() {
    return anonymousSince;
  }

  /** True the first time it is asked for one identity. */
  synchronized boolean tellExpiry() {
    if (expiryTold) {
      return false;
    }
    expiryTold = true;
    return true;
  }
}
