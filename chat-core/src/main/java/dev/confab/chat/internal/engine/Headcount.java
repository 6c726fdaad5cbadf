package dev.confab.chat.internal.engine;

import dev.confab.chat.internal.hub.Hub;
import dev.confab.chat.internal.session.Audiences;
import dev.confab.chat.internal.session.Happenings;
import dev.confab.chat.internal.session.Sessions;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.spi.ChatListener.Happening;
import java.time.Duration;
import java.util.Optional;

/** Says how many are online when that has changed, at most once a second. Not for several threads at once. */
final class Headcount {
  private static final long PERIOD_NANOS = Duration.ofSeconds(1).toNanos();

  private final Sessions sessions;
  private final Audiences audiences;
  private final Hub hub;
  private final Happenings happenings;
  private final Optional<ChannelName> channel;
  private final Time time;
  private int connections;
  private int users;
  private long told;

  /** Says it to listeners, and to the subscribers of this channel, if there is one. */
  Headcount(
      Sessions sessions,
      Audiences audiences,
      Hub hub,
      Happenings happenings,
      Optional<ChannelName> channel,
      Time time) {
    this.sessions = sessions;
    this.audiences = audiences;
    this.hub = hub;
    this.happenings = happenings;
    this.channel = channel;
    this.time = time;
    this.told = time.nanos() - PERIOD_NANOS;
  }

  void tick() {
    long now = time.nanos();
    if (now - told < PERIOD_NANOS) {
      return;
    }
    boolean changed = connections != sessions.count() || users != sessions.users();
    if (changed) {
      connections = sessions.count();
      users = sessions.users();
      happenings.tell(new Happening.OnlineCounted(connections, users));
    }
    // Who has just subscribed knows no count yet, whether it has changed or not.
    boolean newcomers = audiences.newcomers();
    if (changed || newcomers) {
      told = now;
      channel.ifPresent(this::signal);
    }
  }

  private void signal(ChannelName to) {
    Json counts = Json.parse("{\"connections\":" + connections + ",\"users\":" + users + "}");
    hub.tell(to, new Event.Signalled(to, Optional.empty(), hub.headHere(to), counts), any -> true);
  }
}
