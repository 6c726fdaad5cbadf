package dev.confab.chat.internal.hub;

import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks the store now and then where the logs followed here end, and wakes the followers of those that moved. The only
 * thing correctness needs between nodes.
 */
public final class Watch {
  private static final int NAMES = 1_000;

  private final Hub hub;
  private final Time time;
  private final Limits limits;
  private volatile boolean stopped;

  /** Watches what this hub's channels follow, once started. */
  public Watch(Hub hub, Time time, Limits limits) {
    this.hub = hub;
    this.time = time;
    this.limits = limits;
  }

  /** Begins. */
  public void start() {
    time.after(limits.watchPeriod(), this::round);
  }

  /** Asks no more. */
  public void stop() {
    stopped = true;
  }

  private void round() {
    ask(new ArrayList<>(hub.followed()), 0);
  }

  /** One question at a time: a slow store is not asked more often than it answers. */
  private void ask(List<Channel> channels, int from) {
    if (stopped) {
      return;
    }
    if (from >= channels.size()) {
      Duration byNames = Duration.ofMillis(1_000L * channels.size() / limits.watchNamesPerSecond());
      Duration period = limits.watchPeriod();
      time.after(byNames.compareTo(period) > 0 ? byNames : period, this::round);
      return;
    }
    int to = Math.min(channels.size(), from + NAMES);
    hub.compare(channels.subList(from, to)).whenComplete((done, failure) -> ask(channels, to));
  }
}
