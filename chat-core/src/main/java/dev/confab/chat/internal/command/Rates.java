package dev.confab.chat.internal.command;

import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.ChannelKind;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** How often each session may send to channels of each kind: the generic cell rate algorithm, one number for each pair. */
public final class Rates {
  private record Meter(ConnectionId connection, String kind) {}

  /** When the next message would come if they came evenly, on the clock that never jumps. */
  private final Map<Meter, Long> due = new ConcurrentHashMap<>();

  private final Kinds kinds;
  private final Time time;

  /** Nobody has sent anything. */
  public Rates(Kinds kinds, Time time) {
    this.kinds = kinds;
    this.time = time;
  }

  /**
   * Counts one message or signal.
   *
   * @throws RefusedException {@code rate_limited}, if it may not be sent yet; then it does not count
   */
  void take(Session session, ChannelName channel) {
    Optional<ChannelKind> kind = kinds.of(channel);
    if (kind.isPresent() && kind.get().rate().isPresent()) {
      Duration wait = wait(session, kind.get(), kind.get().rate().get());
      if (!wait.isZero()) {
        throw new RefusedException(
            Refusal.of(ErrorCode.RATE_LIMITED).after(wait).about(channel));
      }
    }
  }

  private Duration wait(Session session, ChannelKind kind, ChannelKind.Rate rate) {
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
