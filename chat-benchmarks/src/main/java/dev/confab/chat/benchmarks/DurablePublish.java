package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.DatabaseServer.Database;
import dev.confab.chat.benchmarks.Load.Figures;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.store.jdbi.Durability;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How many messages a second are committed, and how long a sender waits for it. */
@Command(
    name = "durable-publish",
    description = "Committed messages a second, against one transaction a message.",
    mixinStandardHelpOptions = true)
final class DurablePublish implements Callable<Integer> {
  private static final String SCENARIO = "durable-publish";
  private static final Json DATA = Json.string("x".repeat(128));

  /** So that the compiler has done its work before anything counts. */
  private static final Duration FIRST = Duration.ofSeconds(3);

  @Mixin
  private Options options = new Options();

  @Option(names = "--rooms", split = ",", defaultValue = "1,100")
  private int[] rooms = {1, 100};

  @Option(names = "--senders", split = ",", defaultValue = "1,10,100,1000")
  private int[] senders = {1, 10, 100, 1_000};

  @Option(
      names = "--rates",
      split = ",",
      defaultValue = "200",
      description = "Messages a second of open loops; 0 for none. Default: ${DEFAULT-VALUE}")
  private int[] rates = {200};

  @Option(names = "--seconds", defaultValue = "2", description = "How long each figure is taken.")
  private double seconds = 2;

  @Option(
      names = "--contenders",
      split = ",",
      defaultValue = "CONFAB,ONE_BY_ONE,BATCH_OF_ONE,SOCKETS",
      description = "Who is measured; fewer for a profile. Default: ${DEFAULT-VALUE}")
  private List<Contender> contenders = List.of(Contender.values());

  /** Who is compared. */
  enum Contender {
    /** A chat, asked inside its process. */
    CONFAB,
    /** Each message in a transaction of its own, without our code. */
    ONE_BY_ONE,
    /** A chat whose journal may commit only one message at once. */
    BATCH_OF_ONE,
    /** A chat, asked over WebSockets. */
    SOCKETS
  }

  /** Figures taken in one run, of one load, side by side. */
  private record Run(Map<Contender, Figures> figures) {
    Figures of(Contender contender) {
      return Objects.requireNonNull(figures.get(contender));
    }

    double ratio() {
      return of(Contender.CONFAB).perSecond() / of(Contender.ONE_BY_ONE).perSecond();
    }
  }

  @Override
  public Integer call() throws Exception {
    List<Load> loads = loads();
    List<String> raw = new ArrayList<>();
    raw.add("run,rooms,senders,rate,contender,per_second,p50_ns,p99_ns,committed");
    Table table = new Table(
        "rooms",
        "senders",
        "Confab/s",
        "p50 ms",
        "p99 ms",
        "one transaction a message/s",
        "p50 ms",
        "p99 ms",
        "ratio",
        "Confab, batches of one/s",
        "Confab over WebSockets/s",
        "p50 ms",
        "p99 ms");
    String conditions;
    try (DatabaseServer server = options.start()) {
      conditions = options.conditions(database(server));
      for (Contender contender : contenders) {
        measure(server, contender, Load.closed(100, 1, Duration.ZERO, seconds(FIRST)));
      }
      Map<Load, List<Run>> runs = new LinkedHashMap<>();
      for (int run = 1; run <= options.runs(); run++) {
        for (Load load : loads) {
          Run measured = run(server, run, load);
          for (Map.Entry<Contender, Figures> figure : measured.figures.entrySet()) {
            raw.add(csv(run, load, figure.getKey(), figure.getValue()));
          }
          runs.computeIfAbsent(load, first -> new ArrayList<>()).add(measured);
        }
      }
      runs.forEach((load, measured) -> table.row(row(load, measured)));
    }
    options.publishTable(SCENARIO, conditions, table, raw);
    return 0;
  }

  /** Not longer than what is measured: a test has no time. */
  private Duration seconds(Duration atMost) {
    Duration window = window();
    return window.compareTo(Duration.ofSeconds(1)) < 0 ? window : atMost;
  }

  private Duration window() {
    return Duration.ofMillis(Math.round(seconds * 1_000));
  }

  private List<Load> loads() {
    Duration warmUp = window().dividedBy(4);
    List<Load> loads = new ArrayList<>();
    for (int many : rooms) {
      Arrays.stream(senders)
          .forEach(sending -> loads.add(Load.closed(sending, many, warmUp, window())));
      Arrays.stream(rates)
          .filter(rate -> rate > 0)
          .forEach(rate -> loads.add(Load.open(rate, many, warmUp, window())));
    }
    return loads;
  }

  private Run run(DatabaseServer server, int run, Load load) throws Exception {
    List<Contender> order = new ArrayList<>(contenders);
    if (load.isOpen()) {
      // Neither says anything about a fixed rate that the others do not.
      order.remove(Contender.BATCH_OF_ONE);
      order.remove(Contender.SOCKETS);
    }
    if (run % 2 == 0) {
      // Whoever comes first finds another machine than whoever comes last.
      Collections.reverse(order);
    }
    Map<Contender, Figures> figures = new EnumMap<>(Contender.class);
    for (Contender contender : order) {
      figures.put(contender, measure(server, contender, load));
    }
    return new Run(figures);
  }

  private static Figures measure(DatabaseServer server, Contender contender, Load load)
      throws Exception {
    List<ChannelName> rooms = IntStream.range(0, load.rooms())
        .mapToObj(number -> ChannelName.of("room_" + number))
        .toList();
    try (Database database = server.create()) {
      // Else the first messages would make the rooms, for some contenders and not for others.
      try (Filling filling = new Filling(database)) {
        rooms.forEach(room -> filling.add(room, DATA));
      }
      Figures figures;
      try (Publisher publisher = publisher(database, contender, load, rooms)) {
        figures = load.on(publisher);
      }
      requireSane(database, rooms.size(), figures);
      return figures;
    }
  }

  private static Publisher publisher(
      Database database, Contender contender, Load load, List<ChannelName> rooms) throws Exception {
    return switch (contender) {
      case CONFAB -> new ChatPublisher(Venue.chat(database.store()), rooms, DATA);
      case BATCH_OF_ONE ->
        new ChatPublisher(
            Venue.chat(database.store(), Limits.builder().batchItems(1).build()), rooms, DATA);
      case SOCKETS ->
        SocketPublisher.to(Venue.open(Venue.chat(database.store())), load.senders(), rooms, DATA);
      case ONE_BY_ONE -> OneByOne.in(database, rooms, DATA);
    };
  }

  /** Figures of something else than what was committed are none: all that was acknowledged is there, once. */
  private static void requireSane(Database database, int before, Figures figures)
      throws SQLException {
    long numbered = ask(database, "select sum(head) from chat_channel") - before;
    long kept = ask(database, "select count(*) from chat_entry") - before;
    if (figures.refused() > 0 || numbered != figures.committed() || kept != figures.committed()) {
      throw new IllegalStateException("Told committed: " + figures.committed() + ", refused: "
          + figures.refused() + "; the database has numbered " + numbered + " and kept " + kept);
    }
  }

  private static long ask(Database database, String question) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(question)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** What the database says of itself. */
  static String database(DatabaseServer server) throws Exception {
    try (Database database = server.create();
        JdbiMessageStore store = database.store()) {
      Durability durability = store.durability();
      List<String> settings = new ArrayList<>();
      new TreeMap<>(durability.settings())
          .forEach((name, value) -> settings.add(name + "=" + value));
      return durability.database() + " (" + String.join(", ", settings) + ")"
          + (durability.survivesCrash() ? "" : ", which does not wait for the disk");
    }
  }

  private static String csv(int run, Load load, Contender contender, Figures figures) {
    return String.join(
        ",",
        String.valueOf(run),
        String.valueOf(load.rooms()),
        load.isOpen() ? "" : String.valueOf(load.senders()),
        load.isOpen() ? String.valueOf(load.rate()) : "",
        contender.name(),
        String.valueOf(figures.perSecond()),
        String.valueOf(figures.median()),
        String.valueOf(figures.p99()),
        String.valueOf(figures.committed()));
  }

  private static List<String> row(Load load, List<Run> runs) {
    Set<Contender> measured = runs.get(0).figures.keySet();
    List<String> cells = new ArrayList<>();
    cells.add(String.valueOf(load.rooms()));
    cells.add(load.isOpen() ? load.rate() + "/s due" : Numbers.count(load.senders()));
    figures(runs, Contender.CONFAB, cells);
    figures(runs, Contender.ONE_BY_ONE, cells);
    cells.add(
        !load.isOpen() && measured.containsAll(Set.of(Contender.CONFAB, Contender.ONE_BY_ONE))
            ? Numbers.times(Numbers.median(runs, Run::ratio))
            : "");
    cells.add(
        measured.contains(Contender.BATCH_OF_ONE)
            ? Numbers.count(median(runs, Contender.BATCH_OF_ONE, Figures::perSecond))
            : "");
    figures(runs, Contender.SOCKETS, cells);
    return cells;
  }

  private static void figures(List<Run> runs, Contender contender, List<String> cells) {
    if (!runs.get(0).figures.containsKey(contender)) {
      cells.addAll(List.of("", "", ""));
      return;
    }
    cells.add(Numbers.count(median(runs, contender, Figures::perSecond)));
    cells.add(Numbers.millis(median(runs, contender, Figures::median)));
    cells.add(Numbers.millis(median(runs, contender, Figures::p99)));
  }

  private static double median(
      List<Run> runs, Contender contender, ToDoubleFunction<Figures> figure) {
    return Numbers.median(runs, run -> figure.applyAsDouble(run.of(contender)));
  }
}
