package dev.confab.chat.internal.command;

import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.ChannelKind;
import dev.confab.chat.model.ConnectionId;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How often each session may send to channels of each kind: the generic cell rate algorithm, one number for each pair. */
public final class Rates {
  private record Meter(ConnectionId connection, String kind) {}

  /** When the next message would come if they came evenly, on the clock that never jumps. */
  private final Map<Meter, Long> due = new ConcurrentHashMap<>();

  private final Time time;

  /** Nobody has sent anything. */
  public Rates(Time time) {
    this.time = time;
  }

  /** Zero if it may, and then it counts; else how long to wait. */
  Duration take(Session session, ChannelKind kind, ChannelKind.Rate rate) {
    long now = time.nanos();
    long interval = rate.per().toNanos() / rate.messages();
    long burst = rate.per().toNanos() - interval;
    long[] wait = new long[1];
    due.compute(new Meter(session.id(), kind.prefix()), (meter, known) -> {
      long at = known == null || known - now < 0 ? now : known;
      wait[0] = Math.max(0, at - now - burst);
      return wait[0] > 0 ? known : Long.valueOf(at + interval);
    });
    return Duration.ofNanos(wait[0]);
  }

  /** Forgets what no longer counts. */
  public void tick() {
    long now = time.nanos();
    due.values().removeIf(at -> at - now < 0);
  }
}
