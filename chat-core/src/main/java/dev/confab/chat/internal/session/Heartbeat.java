package dev.confab.chat.internal.session;

import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.spi.Dialect;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Looks after sessions in time: pings them, and ends those that are silent, stalled, expired or never logged in. */
public final class Heartbeat {
  /** How long before its end a login is said to expire. */
  private static final Duration EXPIRY_NOTICE = Duration.ofMinutes(1);

  private final Time time;
  private final Limits limits;
  private final List<Dialect> dialects;

  /**
   * Looks by this clock.
   *
   * @param dialects who may have times of their own
   */
  public Heartbeat(Time time, Limits limits, List<Dialect> dialects) {
    this.time = time;
    this.limits = limits;
    this.dialects = List.copyOf(dialects);
  }

  /** How often to look so that every limit is kept within a tenth. */
  public Duration period() {
    Duration least = limits.heartbeat();
    for (Duration other : new Duration[] {
      limits.loginWithin(),
      limits.stallAfter(),
      limits.plainSilence(),
      limits.repliesFullFor(),
      limits.doorTimeout(),
      limits.doorWait()
    }) {
      least = other.compareTo(least) < 0 ? other : least;
    }
    for (Dialect dialect : dialects) {
      Duration own = dialect.manners().heartbeat().map(Dialect.Heartbeat::every).orElse(least);
      least = own.compareTo(least) < 0 ? own : least;
    }
    Duration tenth = least.dividedBy(10);
    Duration second = Duration.ofSeconds(1);
    return tenth.compareTo(second) > 0 ? second : tenth;
  }

  /** Looks after one session. */
  public void check(Session session) {
    Outlet outlet = session.outlet();
    Dialect.Manners manners = outlet.dialect().manners();
    Duration every = manners.heartbeat().map(Dialect.Heartbeat::every).orElseGet(limits::heartbeat);
    Duration silence = manners
        .heartbeat()
        .map(Dialect.Heartbeat::silence)
        .orElseGet(
            () -> manners.pings() ? limits.heartbeat().multipliedBy(2) : limits.plainSilence());
    CloseReason verdict = outlet.verdict(session.lastWord(), silence);
    if (verdict != null) {
      session.cut(verdict);
      return;
    }
    long now = time.nanos();
    Optional<Identity> identity = session.identity();
    if (identity.isEmpty()) {
      if (!session.isLoggingIn()
          && now - session.anonymousSince() >= limits.loginWithin().toNanos()) {
        session.end(CloseReason.LOGIN_TIMEOUT);
        return;
      }
    } else if (identity.get().expiresAt().isPresent()) {
      Instant expiry = identity.get().expiresAt().get();
      Instant wall = time.now();
      if (!wall.isBefore(expiry)) {
        session.end(CloseReason.EXPIRED);
        return;
      }
      if (!wall.isBefore(expiry.minus(EXPIRY_NOTICE)) && session.tellExpiry()) {
        outlet.tell(new Event.Expiring(expiry));
      }
    }
    if (outlet.writing()) {
      // What it hears may stand behind megabytes of its own backlog; the stall limit watches
      // instead.
      session.excuse(now);
      return;
    }
    if (now - session.silentSince() >= silence.toNanos()) {
      session.end(CloseReason.HEARTBEAT_LOST);
    } else if (session.firstPingDue(now)
        || now - outlet.lastWrite() >= every.toNanos()
        || (!speaksUnasked(manners)
            && now - session.silentSince() >= every.toNanos()
            && now - session.pingedAt() >= every.toNanos())) {
      session.pinged(now);
      if (manners.pings()) {
        outlet.tell(new Event.Ping());
      } else {
        outlet.ping();
      }
    }
  }

  /** Who knows our pings by their limits also says something when it was not asked for so long. */
  private static boolean speaksUnasked(Dialect.Manners manners) {
    return manners.pings() && manners.heartbeat().isEmpty();
  }
}
