package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.Crowd.Counts;
import dev.confab.chat.benchmarks.Crowd.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the load tool itself can count, on one core. */
@Command(
    name = "ceiling",
    description = "Deliveries a second the load tool can take from a server that only sends.",
    mixinStandardHelpOptions = true)
final class Ceiling implements Callable<Integer> {
  @Mixin
  private Results results = new Results();

  @Mixin
  private Servers servers = new Servers();

  @Option(
      names = "--members",
      split = ",",
      defaultValue = "100,1000",
      description = "Default: ${DEFAULT-VALUE}")
  private List<Integer> members = List.of(100, 1_000);

  @Option(
      names = "--seconds",
      defaultValue = "5",
      description = "How long each figure is taken. Default: ${DEFAULT-VALUE}")
  private double seconds = 5;

  @Override
  public Integer call() throws Exception {
    results.begin();
    List<String> raw =
        new ArrayList<>(List.of("run,members,deliveries,seconds,server_cpu_seconds"));
    Table table = new Table(
        "members", "deliveries/s", "deliveries/s, a core all of the load's", "server's CPU");
    String apart;
    try (Cores cores = servers.cores()) {
      apart = cores.describe();
      for (int many : members) {
        List<double[]> figures = new ArrayList<>();
        for (int run = 1; run <= results.runs(); run++) {
          figures.add(measure(cores, many, run, raw));
        }
        table.row(List.of(
            Numbers.count(many),
            Numbers.count(Numbers.median(figures, each -> each[0])),
            Numbers.count(Numbers.median(figures, each -> each[1])),
            Math.round(100 * Numbers.median(figures, each -> each[2])) + " %"));
      }
    }
    results.publish("ceiling", apart + "; " + Machine.describe() + ".", table, raw);
    return 0;
  }

  /** Deliveries a second, the same for a second of the load's processor, and the server's share of its own. */
  private double[] measure(Cores cores, int many, int run, List<String> raw) throws Exception {
    try (ServerProcess server = servers.startBlast(cores, many);
        Crowd crowd = Crowd.join(server.uri(), new Shape(1, many, false))) {
      crowd.publishOnce();
      // So that the compiler has done its work.
      crowd.count(Servers.seconds(seconds));
      double serverBefore = server.cpuSeconds();
      double loadBefore = ServerProcess.cpuSeconds(ProcessHandle.current().pid());
      Counts counts = crowd.count(Servers.seconds(seconds));
      double load = ServerProcess.cpuSeconds(ProcessHandle.current().pid()) - loadBefore;
      double used = server.cpuSeconds() - serverBefore;
      raw.add(String.join(
          ",",
          List.of(
              String.valueOf(run),
              String.valueOf(many),
              String.valueOf(counts.deliveries()),
              String.valueOf(counts.seconds()),
              String.valueOf(used))));
      return new double[] {counts.perSecond(), counts.deliveries() / load, used / counts.seconds()};
    }
  }
}
