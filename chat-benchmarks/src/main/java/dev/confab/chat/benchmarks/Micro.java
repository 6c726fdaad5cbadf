package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.micro.DialectBenchmark;
import dev.confab.chat.benchmarks.micro.HubBenchmark;
import dev.confab.chat.benchmarks.micro.OutletBenchmark;
import dev.confab.chat.internal.hub.TailBenchmark;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Parts of the way a message takes, each measured alone, by JMH. */
@Command(
    name = "micro",
    description =
        "Nanoseconds and bytes allocated for each: reading and writing text, the tail, an outlet, a"
            + " commit told to a room.",
    mixinStandardHelpOptions = true)
final class Micro implements Callable<Integer> {
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  /** In the order of the way a message takes. */
  private static final List<Part> PARTS = List.of(
      new Part(DialectBenchmark.class, "decodeSend", "a send is read", Optional.empty()),
      new Part(DialectBenchmark.class, "encodeEntry", "an entry becomes text", Optional.empty()),
      new Part(
          TailBenchmark.class,
          "appendAndLook",
          "an entry is appended to the tail and 100 look at it",
          Optional.empty()),
      new Part(
          OutletBenchmark.class,
          "queueAndPump",
          "frames are queued and written",
          Optional.of("waiting")),
      new Part(
          HubBenchmark.class,
          "tellCommit",
          "a commit is told to a room's followers",
          Optional.of("followers")));

  @Mixin
  private Results results = new Results();

  @Option(
      names = "--only",
      defaultValue = "",
      description = "A regular expression for names such as HubBenchmark.tellCommit.")
  private String only = "";

  @Option(
      names = "--seconds",
      defaultValue = "1",
      description = "How long an iteration takes. Default: ${DEFAULT-VALUE}")
  private double seconds = 1;

  @Option(
      names = "--warm-ups",
      defaultValue = "5",
      description = "Iterations before those that count. Default: ${DEFAULT-VALUE}")
  private int warmUps = 5;

  @Option(
      names = "--iterations",
      defaultValue = "5",
      description = "Iterations of each JVM. Default: ${DEFAULT-VALUE}")
  private int iterations = 5;

  /**
   * One of them.
   *
   * @param title what it is called in a table
   * @param many what says how many of something there are
   */
  private record Part(Class<?> type, String method, String title, Optional<String> many) {
    String name() {
      return type.getName() + "." + method;
    }
  }

  @Override
  public Integer call() throws Exception {
    results.begin();
    Files.createDirectories(results.directory());
    TimeValue each = TimeValue.nanoseconds(Math.round(seconds * 1e9));
    // Each run is a JVM of its own: what one has compiled the next need not compile alike.
    Collection<RunResult> measured = new Runner(new OptionsBuilder()
            .include(only)
            .forks(results.runs())
            .warmupIterations(warmUps)
            .warmupTime(each)
            .measurementIterations(iterations)
            .measurementTime(each)
            .shouldFailOnError(true)
            .addProfiler(GCProfiler.class)
            .build())
        .run();
    Table table =
        new Table("what", "clients", "how many", "ns", "± ns", "ns for each", "bytes allocated");
    List<String> raw = new ArrayList<>(List.of("benchmark,dialect,many,ns,error_ns,bytes"));
    for (Part part : PARTS) {
      measured.stream()
          .filter(run -> run.getParams().getBenchmark().equals(part.name()))
          .sorted(Comparator.comparing((RunResult run) -> run.getParams().getParam("dialect"))
              .reversed()
              .thenComparingLong(run -> many(part, run)))
          .forEach(run -> add(part, run, table, raw));
    }
    results.publishMeans(
        "micro",
        "JMH 1.37, one thread; " + Machine.describe() + ". Means of " + results.runs() + " JVMs of "
            + iterations + " × " + seconds + " s, ± 99.9 %.",
        table,
        raw);
    return 0;
  }

  private static long many(Part part, RunResult run) {
    return part.many.map(name -> Long.parseLong(run.getParams().getParam(name))).orElse(1L);
  }

  private static void add(Part part, RunResult run, Table table, List<String> raw) {
    Result<?> time = run.getPrimaryResult();
    Result<?> allocation = run.getSecondaryResults().get(ALLOCATED);
    double allocated = allocation == null ? Double.NaN : allocation.getScore();
    String dialect = run.getParams().getParam("dialect");
    long many = many(part, run);
    table.row(List.of(
        part.title,
        dialect,
        part.many.isPresent() ? Numbers.count(many) : "",
        Numbers.count(time.getScore()),
        // One run of one iteration has no error.
        Double.isNaN(time.getScoreError()) ? "" : Numbers.count(time.getScoreError()),
        part.many.isPresent() ? Numbers.count(time.getScore() / many) : "",
        Numbers.count(Math.rint(allocated))));
    raw.add(String.format(
        Locale.ROOT,
        "%s.%s,%s,%d,%.3f,%.3f,%.3f",
        part.type.getSimpleName(),
        part.method,
        dialect,
        many,
        time.getScore(),
        time.getScoreError(),
        allocated));
  }
}
