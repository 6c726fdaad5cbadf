package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.Crowd.Counts;
import dev.confab.chat.benchmarks.Crowd.Shape;
import dev.confab.chat.benchmarks.server.Application;
import dev.confab.chat.benchmarks.server.ContainerKind;
import dev.confab.chat.benchmarks.server.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Fan-out of what people use today, beside Confab's. */
@Command(
    name = "peers",
    description = "Deliveries a second of the server's processor, Confab and its peers.",
    mixinStandardHelpOptions = true)
final class Peers implements Callable<Integer> {
  @Mixin
  private Results results = new Results();

  @Mixin
  private Servers servers = new Servers();

  @Option(
      names = "--peers",
      split = ",",
      defaultValue = "cometd,spring,netty_socketio,socketio,ws",
      converter = PeerConverter.class,
      description = "The last two want node and npm on the PATH. Default: ${DEFAULT-VALUE}")
  private List<Peer> peers = List.of(Peer.values());

  @Option(
      names = "--table",
      defaultValue = "peers",
      description = "What the table is called in the page. Default: ${DEFAULT-VALUE}")
  private String name = "peers";

  @Option(
      names = "--members",
      split = ",",
      defaultValue = "100,1000",
      description = "Of the room; each is a connection. Default: ${DEFAULT-VALUE}")
  private List<Integer> members = List.of(100, 1_000);

  @Option(
      names = "--outstanding",
      split = ",",
      defaultValue = "1,8,32",
      description = "Publishes not yet shown to everybody. Default: ${DEFAULT-VALUE}")
  private List<Integer> outstanding = List.of(1, 8, 32);

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

  /** For the peers that want it; none if it can not be had. */
  private Optional<NodePeers> node = Optional.empty();

  /** One server: a peer, or Confab in a container, for one kind of clients. */
  private record Contender(
      String title, Optional<Peer> peer, Optional<ContainerKind> container, boolean plain) {}

  private record Figures(Counts counts, double cpuSeconds) {
    double perCpuSecond() {
      return counts.deliveries() / cpuSeconds;
    }
  }

  private record Load(Contender contender, int members, int outstanding) {}

  private final List<String> raw = new ArrayList<>(
      List.of(
          "run,server,members,outstanding,deliveries,seconds,cpu_seconds,bytes,frames,published,disordered"));
  private final Map<Load, List<Figures>> measured = new LinkedHashMap<>();

  @Override
  public Integer call() throws Exception {
    results.begin();
    String missing = prepareNode();
    List<Peer> present =
        peers.stream().filter(each -> !each.runsOnNode() || node.isPresent()).toList();
    List<Contender> contenders = Stream.concat(
            servers.containers().stream()
                .flatMap(each -> Stream.of(
                    new Contender(
                        "Confab on " + each.title() + ", chat.v1",
                        Optional.empty(),
                        Optional.of(each),
                        false),
                    new Contender(
                        "Confab on " + each.title() + ", plain",
                        Optional.empty(),
                        Optional.of(each),
                        true))),
            present.stream()
                .map(
                    each -> new Contender(each.title(), Optional.of(each), Optional.empty(), true)))
        .toList();
    Set<String> names = new TreeSet<>();
    String apart;
    try (Cores cores = servers.cores()) {
      apart = cores.describe();
      List<Contender> order = new ArrayList<>(contenders);
      for (int run = 1; run <= results.runs(); run++) {
        for (Contender contender : order) {
          measure(cores, run, contender, names);
        }
        Collections.reverse(order);
      }
    }
    List<String> columns = new ArrayList<>(List.of("server"));
    for (int many : members) {
      for (int waiting : outstanding) {
        columns.add(Numbers.count(many) + " members, " + waiting + " outstanding");
      }
    }
    columns.add("bytes");
    columns.add("out of order");
    Table table = new Table(columns.toArray(String[]::new));
    int most = Collections.max(outstanding);
    Chart chart = new Chart(
        "Deliveries for a second of the server's processor, " + most + " outstanding",
        members.stream().map(many -> Numbers.count(many) + " members").toList());
    for (Contender contender : contenders) {
      List<String> cells = new ArrayList<>(List.of(contender.title));
      for (int many : members) {
        for (int waiting : outstanding) {
          cells.add(Numbers.count(median(new Load(contender, many, waiting))));
        }
      }
      cells.add(Numbers.count(Math.rint(Numbers.median(
          Objects.requireNonNull(measured.get(new Load(contender, members.get(0), most))),
          figures -> (double) figures.counts.bytes() / figures.counts.deliveries()))));
      cells.add(disorder(contender));
      table.row(cells);
      chart.group(
          contender.title,
          members.stream()
              .mapToDouble(many -> median(new Load(contender, many, most)))
              .toArray());
    }
    results.publish(
        name,
        String.join(", ", names) + "; " + missing + apart + "; " + Machine.describe() + ".",
        table,
        Optional.of(chart),
        raw);
    return 0;
  }

  /** Says which peers are not measured because of it, if some are not. */
  private String prepareNode() {
    List<String> wanting =
        peers.stream().filter(Peer::runsOnNode).map(Peer::title).toList();
    if (wanting.isEmpty()) {
      return "";
    }
    try {
      node = Optional.of(NodePeers.in(results.directory().resolve("node")));
      return "";
    } catch (IOException failure) {
      String missing =
          String.join(", ", wanting) + " not measured (" + failure.getMessage() + "); ";
      System.err.println(missing);
      return missing;
    }
  }

  private ServerProcess start(Cores cores, Peer peer) throws IOException {
    return peer.runsOnNode()
        ? ServerProcess.start(cores, node.orElseThrow(), peer)
        : servers.start(cores, peer);
  }

  /** Which part of all deliveries came behind a later message of the same publisher. */
  private String disorder(Contender contender) {
    List<Counts> all = measured.entrySet().stream()
        .filter(each -> each.getKey().contender.equals(contender))
        .flatMap(each -> each.getValue().stream())
        .map(Figures::counts)
        .toList();
    long disordered = all.stream().mapToLong(Counts::disordered).sum();
    return disordered == 0
        ? "none"
        : String.format(
            Locale.ROOT,
            "%.2g %%",
            100.0 * disordered / all.stream().mapToLong(Counts::deliveries).sum());
  }

  private double median(Load load) {
    return Numbers.median(Objects.requireNonNull(measured.get(load)), Figures::perCpuSecond);
  }

  private void measure(Cores cores, int run, Contender contender, Set<String> names)
      throws Exception {
    Duration window = Servers.seconds(seconds);
    for (int many : members) {
      try (ServerStore store = ServerStore.inMemory();
          ServerProcess server = contender.peer.isPresent()
              ? start(cores, contender.peer.get())
              : servers.start(cores, contender.container.orElseThrow(), Application.CONFAB, store);
          Crowd crowd = contender.peer.isPresent()
              ? Crowd.join(server.uri(), contender.peer.get(), many)
              : Crowd.join(server.uri(), new Shape(1, many, contender.plain))) {
        names.add(server.name());
        crowd.start(Collections.max(outstanding));
        crowd.count(Servers.seconds(warmUp));
        crowd.finish();
        for (int waiting : outstanding) {
          crowd.start(waiting);
          crowd.count(window.dividedBy(5));
          double before = server.cpuSeconds();
          Counts counts = crowd.count(window);
          Figures figures = new Figures(counts, server.cpuSeconds() - before);
          crowd.finish();
          measured
              .computeIfAbsent(new Load(contender, many, waiting), first -> new ArrayList<>())
              .add(figures);
          raw.add(String.join(
              ",",
              List.of(
                  String.valueOf(run),
                  contender.title.replace(",", ""),
                  String.valueOf(many),
                  String.valueOf(waiting),
                  String.valueOf(counts.deliveries()),
                  String.valueOf(counts.seconds()),
                  String.valueOf(figures.cpuSeconds),
                  String.valueOf(counts.bytes()),
                  String.valueOf(counts.frames()),
                  String.valueOf(counts.published()),
                  String.valueOf(counts.disordered()))));
        }
      }
    }
  }

  /** Takes names in any case. */
  static final class PeerConverter implements ITypeConverter<Peer> {
    @Override
    public Peer convert(String value) {
      return Peer.valueOf(value.toUpperCase(Locale.ROOT));
    }
  }
}
