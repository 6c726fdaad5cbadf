package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.Crowd.Shape;
import dev.confab.chat.benchmarks.server.Application;
import dev.confab.chat.benchmarks.server.ContainerKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a room with very many members does to a small one on the same server. */
@Command(
    name = "large-room",
    description = "How long deliveries in a small room take beside a large one.",
    mixinStandardHelpOptions = true)
final class LargeRoom implements Callable<Integer> {
  /** How many followers Confab wakes before others have their turn. */
  private static final int SLICE = 256;

  @Mixin
  private Results results = new Results();

  @Mixin
  private Servers servers = new Servers();

  @Option(names = "--small", defaultValue = "10", description = "Default: ${DEFAULT-VALUE}")
  private int small = 10;

  @Option(names = "--large", defaultValue = "10000", description = "Default: ${DEFAULT-VALUE}")
  private int large = 10_000;

  @Option(
      names = "--small-rate",
      defaultValue = "50",
      description = "Messages a second in the small room. Default: ${DEFAULT-VALUE}")
  private double smallRate = 50;

  @Option(
      names = "--large-rate",
      defaultValue = "2",
      description = "The same in the large one. Default: ${DEFAULT-VALUE}")
  private double largeRate = 2;

  @Option(
      names = "--seconds",
      defaultValue = "20",
      description = "How long each figure is taken. Default: ${DEFAULT-VALUE}")
  private double seconds = 20;

  @Option(
      names = "--warm-up",
      defaultValue = "12",
      description =
          "For how many seconds each server is under load before. Default: ${DEFAULT-VALUE}")
  private double warmUp = 12;

  private record Load(ContainerKind container, Application contender) {}

  /**
   * What was measured of one contender.
   *
   * @param alone the small room while nothing is said in the large one
   * @param beside the same while something is
   * @param slice seconds of the server's processor for so many deliveries in the large room
   */
  private record Figures(Histogram alone, Histogram beside, double slice) {
    double more() {
      return beside.getValueAtPercentile(99) - alone.getValueAtPercentile(99);
    }
  }

  private final List<String> raw = new ArrayList<>(List.of("run,container,application,small,large,"
      + "alone_p50_ns,alone_p99_ns,beside_p50_ns,beside_p99_ns,slice_s"));

  @Override
  public Integer call() throws Exception {
    results.begin();
    Map<Load, List<Figures>> measured = new LinkedHashMap<>();
    Set<String> names = new TreeSet<>();
    String apart;
    try (Cores cores = servers.cores()) {
      apart = cores.describe();
      for (int run = 1; run <= results.runs(); run++) {
        for (ContainerKind container : servers.containers()) {
          for (Application contender : servers.contenders(Application.JOINED)) {
            Load load = new Load(container, contender);
            Figures figures = measure(cores, load, names);
            measured.computeIfAbsent(load, first -> new ArrayList<>()).add(figures);
            String line = String.join(
                ",",
                List.of(
                    String.valueOf(run),
                    container.name(),
                    contender.name(),
                    String.valueOf(small),
                    String.valueOf(large),
                    String.valueOf(figures.alone.getValueAtPercentile(50)),
                    String.valueOf(figures.alone.getValueAtPercentile(99)),
                    String.valueOf(figures.beside.getValueAtPercentile(50)),
                    String.valueOf(figures.beside.getValueAtPercentile(99)),
                    String.valueOf(figures.slice)));
            System.err.println(line);
            raw.add(line);
          }
        }
      }
    }
    Table table = new Table(
        "container",
        "server",
        "alone: p50 ms",
        "p99 ms",
        "beside the large room: p50 ms",
        "p99 ms",
        "p99 more by ms",
        "a slice, ms");
    measured.forEach((load, runs) -> table.row(List.of(
        load.container.title(),
        load.contender.title(),
        millis(runs, each -> each.alone.getValueAtPercentile(50)),
        millis(runs, each -> each.alone.getValueAtPercentile(99)),
        millis(runs, each -> each.beside.getValueAtPercentile(50)),
        millis(runs, each -> each.beside.getValueAtPercentile(99)),
        millis(runs, Figures::more),
        millis(runs, each -> 1e9 * each.slice))));
    results.publish(
        "large-room chat.v1",
        String.join(", ", names) + "; a room of " + Numbers.count(small) + " with "
            + Numbers.count(smallRate) + " messages/s, one of " + Numbers.count(large) + " with "
            + Numbers.count(largeRate) + "; " + apart + "; " + Machine.describe() + ".",
        table,
        raw);
    return 0;
  }

  private Figures measure(Cores cores, Load load, Set<String> names) throws Exception {
    Duration none = Duration.ZERO;
    Duration window = Servers.seconds(seconds);
    ExecutorService other = Executors.newSingleThreadExecutor();
    try (ServerStore store = ServerStore.inMemory();
        ServerProcess server = servers.start(cores, load.container, load.contender, store);
        Crowd few = Crowd.join(server.uri(), new Shape(1, small, false));
        Crowd many = Crowd.join(server.uri(), new Shape(1, large, false))) {
      names.add(server.name());
      Duration half = Servers.seconds(warmUp / 2);
      few.start(1);
      few.count(half);
      few.finish();
      many.start(1);
      many.count(half);
      many.finish();
      double first = server.cpuSeconds();
      Histogram alone = few.atRate(smallRate, none, window);
      double second = server.cpuSeconds();
      Future<Histogram> told = other.submit(() -> many.atRate(largeRate, none, window));
      Histogram beside = few.atRate(smallRate, none, window);
      long deliveries = told.get(2, TimeUnit.MINUTES).getTotalCount();
      double more = server.cpuSeconds() - second - (second - first);
      return new Figures(alone, beside, SLICE * more / deliveries);
    } finally {
      other.shutdownNow();
    }
  }

  private static String millis(List<Figures> runs, ToDoubleFunction<Figures> nanos) {
    return Numbers.millis(Numbers.median(runs, nanos));
  }
}
