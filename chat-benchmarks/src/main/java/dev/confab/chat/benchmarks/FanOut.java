package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.Crowd.Counts;
import dev.confab.chat.benchmarks.Crowd.Shape;
import dev.confab.chat.benchmarks.server.Application;
import dev.confab.chat.benchmarks.server.ContainerKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How much a server delivers for a second of a processor, against a bare loop in the same container. */
@Command(
    name = "fan-out",
    description = "Deliveries a second of the server's processor, Confab and bare loops.",
    mixinStandardHelpOptions = true)
final class FanOut implements Callable<Integer> {
  /** A process may often open 20,000 files, and each connection is one. */
  private static final int CONNECTIONS_AT_ONCE = 15_000;

  @Mixin
  private Results results = new Results();

  @Mixin
  private Servers servers = new Servers();

  @Option(names = "--rooms", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}")
  private int rooms = 1;

  @Option(
      names = "--members",
      split = ",",
      defaultValue = "100,1000",
      description = "Of each room; each is a connection. Default: ${DEFAULT-VALUE}")
  private List<Integer> members = List.of(100, 1_000);

  @Option(
      names = "--outstanding",
      split = ",",
      defaultValue = "1,8,32",
      description = "Publishes not yet shown to everybody, of all publishers together."
          + " Default: ${DEFAULT-VALUE}")
  private List<Integer> outstanding = List.of(1, 8, 32);

  @Option(names = "--plain", description = "Clients that get one object a frame, not chat.v1.")
  private boolean plain;

  @Option(
      names = "--seconds",
      defaultValue = "5",
      description = "How long each figure is taken. Default: ${DEFAULT-VALUE}")
  private double seconds = 5;

  @Option(
      names = "--warm-up",
      defaultValue = "12",
      description =
          "For how many seconds each server is under load before. Default: ${DEFAULT-VALUE}")
  private double warmUp = 12;

  /** What was measured of one contender. */
  private record Figures(Counts counts, double cpuSeconds) {
    double perCpuSecond() {
      return counts.deliveries() / cpuSeconds;
    }

    double share() {
      return cpuSeconds / counts.seconds();
    }

    double bytes() {
      return (double) counts.bytes() / counts.deliveries();
    }

    double inFrame() {
      return (double) counts.deliveries() / counts.frames();
    }
  }

  /** One load: a row of the table. */
  private record Load(ContainerKind container, int members, int outstanding) {}

  /** Figures taken side by side. */
  private record Run(Map<Application, Figures> figures) {
    Figures of(Application contender) {
      return Objects.requireNonNull(figures.get(contender));
    }

    double ratio(Application base) {
      return of(Application.CONFAB).perCpuSecond() / of(base).perCpuSecond();
    }
  }

  private final List<String> raw =
      new ArrayList<>(List.of("run,container,application,rooms,members,"
          + "outstanding,deliveries,seconds,cpu_seconds,bytes,frames,published"));
  private final Map<Load, List<Run>> measured = new LinkedHashMap<>();
  private final Map<ContainerKind, String> names = new EnumMap<>(ContainerKind.class);

  @Override
  public Integer call() throws Exception {
    results.begin();
    List<Application> contenders = plain
        ? servers.contenders(Application.SINGLE, Application.BATCHED)
        : servers.contenders(Application.JOINED);
    String apart;
    try (Cores cores = servers.cores()) {
      apart = cores.describe();
      for (int run = 1; run <= results.runs(); run++) {
        for (ContainerKind container : servers.containers()) {
          List<Application> fitting =
              contenders.stream().filter(each -> each.runsOn(container)).toList();
          measure(cores, run, container, fitting);
        }
      }
    }
    List<String> columns = new ArrayList<>(List.of("container", "members", "outstanding"));
    for (Application contender : contenders) {
      columns.addAll(List.of(
          contender.title() + ": deliveries/CPU-s", "deliveries/s", "CPU", "bytes", "in a frame"));
      if (contender != Application.CONFAB) {
        columns.add("ratio");
      }
    }
    Table table = new Table(columns.toArray(String[]::new));
    Chart chart = new Chart(
        "Deliveries for a second of the server's processor"
            + (plain ? ", plain clients" : ", chat.v1 clients")
            + (rooms == 1 ? "" : ", " + Numbers.count(rooms) + " rooms"),
        contenders.stream().map(Application::title).toList());
    measured.forEach((load, runs) -> {
      table.row(row(load, runs, contenders));
      chart.group(
          load.container.title() + ", " + Numbers.count(load.members) + " members, "
              + load.outstanding,
          contenders.stream()
              .mapToDouble(each -> median(runs, each, Figures::perCpuSecond))
              .toArray());
    });
    results.publish(
        servers.named((rooms == 1 ? "fan-out " : "many-rooms ") + (plain ? "plain" : "chat.v1")),
        names.values().stream().sorted().collect(Collectors.joining(", ")) + "; "
            + servers.describeStore() + "; " + apart + "; " + Machine.describe() + ".",
        table,
        Optional.of(chart),
        raw);
    return 0;
  }

  private void measure(Cores cores, int run, ContainerKind container, List<Application> contenders)
      throws Exception {
    Map<Application, ServerProcess> processes = new EnumMap<>(Application.class);
    ServerStore store = servers.store(results.directory());
    try {
      for (Application contender : contenders) {
        processes.put(contender, servers.start(cores, container, contender, store));
      }
      names.put(
          container, Objects.requireNonNull(processes.get(contenders.get(0))).name());
      for (int many : members) {
        measure(run, container, many, contenders, processes);
      }
    } finally {
      for (ServerProcess process : processes.values()) {
        process.close();
      }
      store.close();
    }
  }

  /**
   * All loads on rooms of one size. Nobody is measured twice in a row, so that whatever else happens happens to all alike;
   * unless there are so many connections that this process can not hold all of them at once.
   */
  private void measure(
      int run,
      ContainerKind container,
      int many,
      List<Application> contenders,
      Map<Application, ServerProcess> processes)
      throws IOException, InterruptedException, TimeoutException {
    Shape shape = new Shape(rooms, many, plain);
    Map<Load, Map<Application, Figures>> figures = new LinkedHashMap<>();
    if (shape.connections() * contenders.size() <= CONNECTIONS_AT_ONCE) {
      inTurns(run, container, shape, contenders, processes, figures);
    } else {
      List<Application> order = new ArrayList<>(contenders);
      if (run % 2 == 0) {
        Collections.reverse(order);
      }
      for (Application contender : order) {
        inTurns(run, container, shape, List.of(contender), processes, figures);
      }
    }
    figures.forEach((load, taken) ->
        measured.computeIfAbsent(load, first -> new ArrayList<>()).add(new Run(taken)));
  }

  private void inTurns(
      int run,
      ContainerKind container,
      Shape shape,
      List<Application> contenders,
      Map<Application, ServerProcess> processes,
      Map<Load, Map<Application, Figures>> figures)
      throws IOException, InterruptedException, TimeoutException {
    Map<Application, Crowd> crowds = new EnumMap<>(Application.class);
    try {
      for (Application contender : contenders) {
        Crowd crowd =
            Crowd.join(Objects.requireNonNull(processes.get(contender)).uri(), shape);
        crowds.put(contender, crowd);
        crowd.start(Collections.max(outstanding));
        crowd.count(Servers.seconds(warmUp));
        crowd.finish();
      }
      List<Application> order = new ArrayList<>(contenders);
      for (int waiting : outstanding) {
        Load load = new Load(container, shape.members(), waiting);
        for (Application contender : order) {
          Figures taken = measure(
              Objects.requireNonNull(crowds.get(contender)),
              Objects.requireNonNull(processes.get(contender)),
              waiting);
          figures
              .computeIfAbsent(load, first -> new EnumMap<>(Application.class))
              .put(contender, taken);
          raw.add(csv(run, load, contender, taken));
        }
        Collections.reverse(order);
      }
    } finally {
      for (Crowd crowd : crowds.values()) {
        crowd.close();
      }
    }
  }

  private Figures measure(Crowd crowd, ServerProcess server, int waiting)
      throws IOException, TimeoutException {
    crowd.start(waiting);
    Duration window = Servers.seconds(seconds);
    crowd.count(window.dividedBy(5));
    double before = server.cpuSeconds();
    Counts counts = crowd.count(window);
    double used = server.cpuSeconds() - before;
    crowd.finish();
    return new Figures(counts, used);
  }

  private String csv(int run, Load load, Application contender, Figures figures) {
    Counts counts = figures.counts;
    String line = String.join(
        ",",
        List.of(
            String.valueOf(run),
            load.container.name(),
            contender.name(),
            String.valueOf(rooms),
            String.valueOf(load.members),
            String.valueOf(load.outstanding),
            String.valueOf(counts.deliveries()),
            String.valueOf(counts.seconds()),
            String.valueOf(figures.cpuSeconds),
            String.valueOf(counts.bytes()),
            String.valueOf(counts.frames()),
            String.valueOf(counts.published())));
    // It takes long; whoever waits wants to see that it goes on.
    System.err.println(line);
    return line;
  }

  private static List<String> row(Load load, List<Run> runs, List<Application> contenders) {
    List<String> cells = new ArrayList<>(List.of(
        load.container.title(), Numbers.count(load.members), Numbers.count(load.outstanding)));
    for (Application contender : contenders) {
      if (!contender.runsOn(load.container)) {
        cells.addAll(List.of("–", "", "", "", "", ""));
        continue;
      }
      cells.add(Numbers.count(median(runs, contender, Figures::perCpuSecond)));
      cells.add(Numbers.count(median(runs, contender, figures -> figures.counts.perSecond())));
      cells.add(Math.round(100 * median(runs, contender, Figures::share)) + " %");
      cells.add(String.valueOf(Math.round(median(runs, contender, Figures::bytes))));
      cells.add(Numbers.count(median(runs, contender, Figures::inFrame)));
      if (contender != Application.CONFAB) {
        cells.add(
            contenders.contains(Application.CONFAB)
                ? Numbers.ratio(Numbers.median(runs, run -> run.ratio(contender)))
                : "");
      }
    }
    return cells;
  }

  private static double median(
      List<Run> runs, Application contender, ToDoubleFunction<Figures> figure) {
    return runs.get(0).figures.containsKey(contender)
        ? Numbers.median(runs, run -> figure.applyAsDouble(run.of(contender)))
        : Double.NaN;
  }
}
