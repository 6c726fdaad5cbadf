package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.Crowd.Shape;
import dev.confab.chat.benchmarks.Crowd.Told;
import dev.confab.chat.benchmarks.server.Application;
import dev.confab.chat.benchmarks.server.ContainerKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What one client that does not read does to all others in its room. */
@Command(
    name = "stalled",
    description = "Deliveries to everybody else while one client of the room does not read.",
    mixinStandardHelpOptions = true)
final class StalledClient implements Callable<Integer> {
  /** More than the buffers of a connection between two programs of one machine. */
  private static final long FILLING_BYTES = 6L << 20;

  @Mixin
  private Results results = new Results();

  @Mixin
  private Servers servers = new Servers();

  @Option(
      names = "--members",
      defaultValue = "80",
      description = "Of the room, beside the stalled one. Default: ${DEFAULT-VALUE}")
  private int members = 80;

  @Option(
      names = "--rate",
      defaultValue = "20000",
      description = "Deliveries a second. Default: ${DEFAULT-VALUE}")
  private double rate = 20_000;

  @Option(
      names = "--bytes",
      defaultValue = "700",
      description = "Of each message: the stalled one's buffers, megabytes on one machine, must"
          + " fill first; but Jetty collects no frame above 1,024. Default: ${DEFAULT-VALUE}")
  private int bytes = 700;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "How long they are measured before it comes. Default: ${DEFAULT-VALUE}")
  private double seconds = 10;

  @Option(
      names = "--stalled-seconds",
      defaultValue = "40",
      description = "How long with it. Default: ${DEFAULT-VALUE}")
  private double stalledSeconds = 40;

  @Option(
      names = "--fill-seconds",
      defaultValue = "15",
      description = "How long at most its buffers are filled before. Default: ${DEFAULT-VALUE}")
  private double fillSeconds = 15;

  @Option(
      names = "--warm-up",
      defaultValue = "12",
      description =
          "For how many seconds each server is under load before. Default: ${DEFAULT-VALUE}")
  private double warmUp = 12;

  private record Load(ContainerKind container, Application contender, boolean plain) {
    String clients() {
      return plain ? "plain" : "chat.v1";
    }
  }

  /**
   * What was measured of one contender.
   *
   * @param before without the stalled client
   * @param cut whether the server has given that up in the end
   */
  private record Figures(Histogram before, Told with, boolean cut) {}

  private final List<String> raw =
      new ArrayList<>(List.of("run,container,application,clients,members,rate,before_p50_ns,"
          + "before_p99_ns,p50_ns,p99_ns,max_ns,due,shown,cut"));
  private final Map<Load, List<Figures>> measured = new LinkedHashMap<>();

  @Override
  public Integer call() throws Exception {
    results.begin();
    Set<String> names = new TreeSet<>();
    String apart;
    try (Cores cores = servers.cores()) {
      apart = cores.describe();
      for (int run = 1; run <= results.runs(); run++) {
        for (ContainerKind container : servers.containers()) {
          for (Application contender : servers.contenders(Application.BATCHED)) {
            if (!contender.runsOn(container)) {
              continue;
            }
            for (boolean plain : clients(contender)) {
              measure(cores, run, new Load(container, contender, plain), names);
            }
          }
        }
      }
    }
    Table table = new Table(
        "container",
        "server",
        "clients",
        "before: p50 ms",
        "p99 ms",
        "with a stalled client: shown",
        "p50 ms",
        "p99 ms",
        "longest ms",
        "the stalled client");
    measured.forEach((load, runs) -> table.row(List.of(
        load.container.title(),
        load.contender.title(),
        load.clients(),
        millis(runs, each -> each.before.getValueAtPercentile(50)),
        millis(runs, each -> each.before.getValueAtPercentile(99)),
        percent(Numbers.median(runs, each -> each.with.share())),
        millis(runs, each -> each.with.times().getValueAtPercentile(50)),
        millis(runs, each -> each.with.times().getValueAtPercentile(99)),
        millis(runs, each -> each.with.times().getMaxValue()),
        runs.stream().allMatch(Figures::cut)
            ? "closed"
            : runs.stream().noneMatch(Figures::cut) ? "still there" : "varies")));
    results.publish(
        "stalled client",
        String.join(", ", names) + "; " + members + " members, " + Numbers.count(rate)
            + " deliveries/s of " + Numbers.count(bytes) + " bytes, " + seconds + " s before and "
            + stalledSeconds + " s with it; " + apart + "; " + Machine.describe() + ".",
        table,
        raw);
    return 0;
  }

  /** Confab has both kinds; a bare loop has the one it is for. */
  private static List<Boolean> clients(Application contender) {
    return switch (contender) {
      case CONFAB -> List.of(false, true);
      case JOINED -> List.of(false);
      case SINGLE, BATCHED -> List.of(true);
    };
  }

  private void measure(Cores cores, int run, Load load, Set<String> names) throws Exception {
    double messages = rate / members;
    try (ServerStore store = ServerStore.inMemory();
        ServerProcess server = servers.start(cores, load.container, load.contender, store);
        Crowd crowd = Crowd.join(server.uri(), new Shape(1, members, 1, load.plain, bytes))) {
      names.add(server.name());
      Histogram before = crowd.atRate(messages, Servers.seconds(warmUp), Servers.seconds(seconds));
      try (StalledSocket stalled = StalledSocket.enter(server.uri(), load.plain, crowd.room())) {
        // With more than one message under way who joins frames hides what a flush does.
        crowd.publishUntilItStops(FILLING_BYTES / bytes, Servers.seconds(fillSeconds));
        Told with = crowd.atRateAndNoLonger(messages, Servers.seconds(stalledSeconds));
        Figures figures = new Figures(before, with, stalled.isCut());
        measured.computeIfAbsent(load, first -> new ArrayList<>()).add(figures);
        Histogram times = with.times();
        String line = String.join(
            ",",
            List.of(
                String.valueOf(run),
                load.container.name(),
                load.contender.name(),
                load.clients(),
                String.valueOf(members),
                String.valueOf(rate),
                String.valueOf(before.getValueAtPercentile(50)),
                String.valueOf(before.getValueAtPercentile(99)),
                String.valueOf(times.getValueAtPercentile(50)),
                String.valueOf(times.getValueAtPercentile(99)),
                String.valueOf(times.getMaxValue()),
                String.valueOf(times.getTotalCount()),
                String.valueOf(with.shown()),
                String.valueOf(figures.cut)));
        System.err.println(line);
        raw.add(line);
      }
    }
  }

  private static String millis(List<Figures> runs, ToDoubleFunction<Figures> nanos) {
    return Numbers.millis(Numbers.median(runs, nanos));
  }

  /** Rounded down: 100 % is all of it. */
  private static String percent(double share) {
    return Numbers.count(Math.floor(share * 1_000) / 10) + " %";
  }
}
