package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.Crowd.Shape;
import dev.confab.chat.benchmarks.server.Application;
import dev.confab.chat.benchmarks.server.ContainerKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a connection costs that does nothing, and what joining costs while a room grows. */
@Command(
    name = "idle",
    description =
        "Memory of idle connections, and what it costs to join, against the bare container.",
    mixinStandardHelpOptions = true)
final class Idle implements Callable<Integer> {
  /** In how many parts joining is measured; the first and the last are shown. */
  private static final int PARTS = 10;

  @Mixin
  private Results results = new Results();

  @Mixin
  private Servers servers = new Servers();

  @Option(
      names = "--connections",
      defaultValue = "10000",
      description = "Default: ${DEFAULT-VALUE}")
  private int connections = 10_000;

  @Option(
      names = "--subscriptions",
      defaultValue = "3",
      description = "Of each connection to Confab. Default: ${DEFAULT-VALUE}")
  private int subscriptions = 3;

  @Option(
      names = "--rooms",
      defaultValue = "1000",
      description = "1 for a join storm into one room. Default: ${DEFAULT-VALUE}")
  private int rooms = 1_000;

  /**
   * What was measured of one contender.
   *
   * @param heap bytes a connection
   * @param resident bytes a connection
   * @param first seconds of the server's processor for a join of the first tenth
   * @param last the same of the last tenth
   * @param perSecond joins in all
   */
  private record Figures(
      double heap, double resident, double first, double last, double perSecond) {}

  private record Load(ContainerKind container, Application contender) {}

  private final List<String> raw = new ArrayList<>(List.of("run,container,application,connections,"
      + "heap_bytes,resident_bytes,first_join_cpu_seconds,last_join_cpu_seconds,joins_per_second"));

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
            raw.add(String.join(
                ",",
                List.of(
                    String.valueOf(run),
                    container.name(),
                    contender.name(),
                    String.valueOf(connections),
                    String.valueOf(figures.heap),
                    String.valueOf(figures.resident),
                    String.valueOf(figures.first),
                    String.valueOf(figures.last),
                    String.valueOf(figures.perSecond))));
          }
        }
      }
    }
    Table table = new Table(
        "container",
        "server",
        "heap a connection, KiB",
        "RSS a connection, KiB",
        "CPU for a join, first tenth, ms",
        "last tenth, ms",
        "joins/s");
    measured.forEach((load, runs) -> table.row(List.of(
        load.container.title(),
        load.contender.title(),
        kib(median(runs, Figures::heap)),
        kib(median(runs, Figures::resident)),
        Numbers.millis(1e9 * median(runs, Figures::first)),
        Numbers.millis(1e9 * median(runs, Figures::last)),
        Numbers.count(median(runs, Figures::perSecond)))));
    results.publish(
        rooms == 1 ? "join one-room" : "idle chat.v1",
        String.join(", ", names) + "; " + Numbers.count(connections) + " connections, "
            + subscriptions + " subscriptions of each, " + Numbers.count(rooms) + " rooms; " + apart
            + "; " + Machine.describe() + ".",
        table,
        raw);
    return 0;
  }

  private Figures measure(Cores cores, Load load, Set<String> names) throws Exception {
    int members = connections / rooms;
    // A bare loop has one room a connection; idle it has none.
    int subscribed = load.contender == Application.CONFAB ? subscriptions : rooms == 1 ? 1 : 0;
    try (ServerStore store = ServerStore.inMemory();
        ServerProcess server = servers.start(cores, load.container, load.contender, store)) {
      names.add(server.name());
      // What the first connections load and compile is not theirs.
      int few = Math.min(rooms, 32);
      Crowd.join(server.uri(), new Shape(few, 1, Math.min(subscribed, few), false))
          .close();
      long heap = server.heap();
      long resident = server.residentBytes();
      List<Double> spent = new ArrayList<>(List.of(server.cpuSeconds()));
      long began = System.nanoTime();
      int step = rooms * members / PARTS;
      try (Crowd crowd = Crowd.join(
          server.uri(),
          new Shape(rooms, members, Math.min(subscribed, rooms), false),
          step,
          joined -> spent.add(server.cpuSeconds()))) {
        double seconds = (System.nanoTime() - began) / 1e9;
        double count = crowd.shape().connections();
        return new Figures(
            (server.heap() - heap) / count,
            (server.residentBytes() - resident) / count,
            (spent.get(1) - spent.get(0)) / step,
            (spent.get(PARTS) - spent.get(PARTS - 1)) / step,
            count / seconds);
      }
    }
  }

  private static String kib(double bytes) {
    return String.format(Locale.ROOT, "%.1f", bytes / 1_024);
  }

  private static double median(List<Figures> runs, ToDoubleFunction<Figures> figure) {
    return Numbers.median(runs, figure);
  }
}
