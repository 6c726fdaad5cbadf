package dev.confab.chat.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every scenario can be told, and what becomes of its results. */
class Results {
  /** An idle machine does not reach this share of its processors' time. */
  private static final double BUSY = 0.1;

  private double busyBefore;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--directory",
      defaultValue = "target/benchmarks",
      description =
          "Where databases and raw results are kept; on a disk. Default: ${DEFAULT-VALUE}")
  private Path directory = Path.of("target", "benchmarks");

  @Option(
      names = "--runs",
      defaultValue = "3",
      description =
          "How often everything is measured; medians are shown. Default: ${DEFAULT-VALUE}")
  private int runs = 3;

  @Option(
      names = "--page",
      description = "A page with a place for this table, which is replaced there.")
  private @Nullable Path page;

  final int runs() {
    return runs;
  }

  final Path directory() {
    return directory;
  }

  /** Looks how busy others keep the machine, before anything is measured. */
  final void begin() {
    busyBefore = Machine.busy();
  }

  /**
   * Shows a table, keeps the raw results, and puts the table into the page if there is one.
   *
   * @param name of what was measured: the scenario, and the variant of it
   */
  final void publish(String name, String conditions, Table table, List<String> raw)
      throws IOException {
    publish(name, conditions, table, Optional.empty(), raw);
  }

  /** The same, but the conditions say themselves how what was measured became one figure. */
  final void publishMeans(String name, String conditions, Table table, List<String> raw)
      throws IOException {
    show(name, conditions, table, Optional.empty(), raw);
  }

  /** The same, with a chart, which goes to the images beside the page if there is one. */
  final void publish(
      String name, String conditions, Table table, Optional<Chart> chart, List<String> raw)
      throws IOException {
    show(name, conditions + " Medians of " + runs + " runs.", table, chart, raw);
  }

  private void show(
      String name, String conditions, Table table, Optional<Chart> chart, List<String> raw)
      throws IOException {
    Files.createDirectories(directory);
    Path file = directory.resolve(name.replace(' ', '-') + ".csv");
    Files.write(file, raw);
    String text = "\n" + table.markdown() + "\n" + conditions + busy()
        + "\n\n```\nmvn -q -Pbenchmark -pl chat-benchmarks -am -Dbenchmark=\"" + command()
        + "\"\n```\n\n";
    System.out.print(text);
    System.out.println("Raw results: " + file);
    Optional<Path> place = Optional.ofNullable(page);
    if (place.isPresent()) {
      String shown = "";
      if (chart.isPresent()) {
        Path image = Path.of("images", "benchmark-" + name.replace(' ', '-') + ".svg");
        Path drawn = place.get().toAbsolutePath().resolveSibling(image);
        Files.createDirectories(drawn.resolveSibling("."));
        Files.writeString(drawn, chart.get().svg());
        shown = "\n![" + name + "](" + image.toString().replace('\\', '/') + ")\n";
      }
      Page.put(place.get(), name, shown + text);
    }
  }

  /** Others' work spoils figures; whoever reads them should know. */
  private String busy() {
    return busyBefore < BUSY
        ? ""
        : " **Taken on a busy machine** (others used " + Math.round(busyBefore * 100)
            + " % of its processors just before): compare within a row, not between rows.";
  }

  /** What was asked for, but for where it was to be written. */
  private String command() {
    List<String> arguments =
        new ArrayList<>(spec.root().commandLine().getParseResult().originalArgs());
    for (String option : List.of("--page", "--directory")) {
      int at = arguments.indexOf(option);
      if (at >= 0) {
        arguments.subList(at, at + 2).clear();
      }
    }
    return String.join(" ", arguments);
  }
}
