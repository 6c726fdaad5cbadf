package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.Crowd.Shape;
import dev.confab.chat.benchmarks.server.Application;
import dev.confab.chat.benchmarks.server.ContainerKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long a delivery takes at a rate that leaves the server time, against a bare loop in the same container. */
@Command(
    name = "latency",
    description = "From when a message was due until it was shown, at a fixed rate of deliveries.",
    mixinStandardHelpOptions = true)
final class Latency implements Callable<Integer> {
  @Mixin
  private Results results = new Results();

  @Mixin
  private Servers servers = new Servers();

  @Option(
      names = "--rooms",
      split = ",",
      converter = RoomsConverter.class,
      defaultValue = "1x100,1x1000,1000x10",
      description = "Rooms and members of each. Default: ${DEFAULT-VALUE}")
  private List<Shape> shapes = List.of();

  @Option(
      names = "--rate",
      defaultValue = "20000",
      description = "Deliveries a second. Default: ${DEFAULT-VALUE}")
  private double rate = 20_000;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "How long each figure is taken. Default: ${DEFAULT-VALUE}")
  private double seconds = 10;

  @Option(
      names = "--warm-up",
      defaultValue = "12",
      description =
          "For how many seconds each server is under load before. Default: ${DEFAULT-VALUE}")
  private double warmUp = 12;

  /** What was measured of one contender, in nanoseconds. */
  private record Figures(long median, long p99, long worst, long deliveries, double share) {}

  private record Load(ContainerKind container, Shape shape) {}

  /** Figures taken side by side. */
  private record Run(Map<Application, Figures> figures) {
    Figures of(Application contender) {
      return Objects.requireNonNull(figures.get(contender));
    }
  }

  private final List<String> raw =
      new ArrayList<>(List.of("run,container,application,rooms,members,"
          + "rate,deliveries,p50_ns,p99_ns,max_ns,cpu_share"));
  private final Map<Load, List<Run>> measured = new LinkedHashMap<>();

  @Override
  public Integer call() throws Exception {
    results.begin();
    List<Application> contenders = servers.contenders(Application.JOINED);
    Set<String> names = new TreeSet<>();
    String apart;
    try (Cores cores = servers.cores()) {
      apart = cores.describe();
      for (int run = 1; run <= results.runs(); run++) {
        for (ContainerKind container : servers.containers()) {
          for (Shape shape : shapes) {
            Map<Application, Figures> figures = new EnumMap<>(Application.class);
            List<Application> order = new ArrayList<>(contenders);
            if (run % 2 == 0) {
              Collections.reverse(order);
            }
            for (Application contender : order) {
              figures.put(
                  contender, measure(cores, run, new Load(container, shape), contender, names));
            }
            measured
                .computeIfAbsent(new Load(container, shape), first -> new ArrayList<>())
                .add(new Run(figures));
          }
        }
      }
    }
    List<String> columns = new ArrayList<>(List.of("container", "rooms", "members"));
    for (Application contender : contenders) {
      columns.addAll(List.of(contender.title() + ": p50 ms", "p99 ms", "CPU"));
    }
    columns.add("p99 ratio");
    Table table = new Table(columns.toArray(String[]::new));
    Chart chart = new Chart(
        "p99 of a delivery at " + Numbers.count(rate) + " a second, microseconds",
        contenders.stream().map(Application::title).toList());
    measured.forEach((load, runs) -> {
      table.row(row(load, runs, contenders));
      chart.group(
          load.container.title() + ", " + Numbers.count(load.shape.rooms()) + " × "
              + Numbers.count(load.shape.members()),
          contenders.stream()
              .mapToDouble(each -> Math.round(median(runs, each, Figures::p99) / 1_000))
              .toArray());
    });
    results.publish(
        servers.named("latency chat.v1"),
        String.join(", ", names) + "; " + servers.describeStore() + "; " + apart + "; "
            + Machine.describe() + ".",
        table,
        Optional.of(chart),
        raw);
    return 0;
  }

  private Figures measure(Cores cores, int run, Load load, Application contender, Set<String> names)
      throws Exception {
    try (ServerStore store = servers.store(results.directory());
        ServerProcess server = servers.start(cores, load.container, contender, store);
        Crowd crowd = Crowd.join(server.uri(), load.shape)) {
      names.add(server.name());
      double before = server.cpuSeconds();
      long began = System.nanoTime();
      Histogram times = crowd.atRate(
          rate / load.shape.members(), Servers.seconds(warmUp), Servers.seconds(seconds));
      double share = (server.cpuSeconds() - before) / ((System.nanoTime() - began) / 1e9);
      Figures figures = new Figures(
          times.getValueAtPercentile(50),
          times.getValueAtPercentile(99),
          times.getMaxValue(),
          times.getTotalCount(),
          share);
      raw.add(String.join(
          ",",
          List.of(
              String.valueOf(run),
              load.container.name(),
              contender.name(),
              String.valueOf(load.shape.rooms()),
              String.valueOf(load.shape.members()),
              String.valueOf(rate),
              String.valueOf(figures.deliveries),
              String.valueOf(figures.median),
              String.valueOf(figures.p99),
              String.valueOf(figures.worst),
              String.valueOf(figures.share))));
      return figures;
    }
  }

  private static List<String> row(Load load, List<Run> runs, List<Application> contenders) {
    List<String> cells = new ArrayList<>(List.of(
        load.container.title(),
        Numbers.count(load.shape.rooms()),
        Numbers.count(load.shape.members())));
    for (Application contender : contenders) {
      cells.add(Numbers.millis(median(runs, contender, Figures::median)));
      cells.add(Numbers.millis(median(runs, contender, Figures::p99)));
      cells.add(Math.round(100 * median(runs, contender, Figures::share)) + " %");
    }
    cells.add(
        contenders.size() == 2
            ? Numbers.ratio(Numbers.median(
                runs,
                run -> (double) run.of(contenders.get(0)).p99 / run.of(contenders.get(1)).p99))
            : "");
    return cells;
  }

  private static double median(
      List<Run> runs, Application contender, ToDoubleFunction<Figures> figure) {
    return Numbers.median(runs, run -> figure.applyAsDouble(run.of(contender)));
  }

  /** Takes 1000x10: a thousand rooms of ten. */
  static final class RoomsConverter implements ITypeConverter<Shape> {
    @Override
    public Shape convert(String value) {
      int by = value.indexOf('x');
      if (by < 0) {
        throw new IllegalArgumentException(
            "expected rooms, x and members, as in 1000x10, got " + value);
      }
      return new Shape(
          Integer.parseInt(value.substring(0, by)),
          Integer.parseInt(value.substring(by + 1)),
          false);
    }
  }
}
