package dev.confab.chat.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each scenario at a small size, on the databases that need no server. What is looked at are counts, never times. */
class ScenariosTest {
  private static final String PLACE = "before\n<!-- %s -->\nold\n<!-- /%s -->\nafter\n";

  private Path directory = Path.of("");
  private Path page = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    // On the module's own disk: a temporary directory may be in memory, which the tool refuses.
    Path tests = Files.createDirectories(Path.of("target", "scenarios"));
    directory = Files.createTempDirectory(tests, "run");
    page = directory.resolve("page.md");
  }

  @ParameterizedTest
  @EnumSource(
      value = DatabaseKind.class,
      names = {"SQLITE", "H2"})
  void durable_publish_counts_what_was_committed(DatabaseKind kind) throws IOException {
    List<String> raw = run(
        "durable-publish",
        kind,
        List.of("--rooms", "1,3", "--senders", "1,7", "--rates", "50", "--seconds", "0.1"));

    // Two rooms' numbers, each with two closed loops of four contenders and an open one of two.
    assertThat(raw).hasSize(1 + 2 * (2 * 4 + 2));
    assertThat(raw.get(0))
        .isEqualTo("run,rooms,senders,rate,contender,per_second,p50_ns,p99_ns,committed");
    assertThat(raw.stream().skip(1).map(line -> line.split(",", -1))).allSatisfy(cells -> {
      assertThat(Long.parseLong(cells[8])).as("committed").isPositive();
      assertThat(Long.parseLong(cells[7]))
          .as("p99")
          .isGreaterThanOrEqualTo(Long.parseLong(cells[6]));
    });
    // In an open loop all that was due is sent: during the warm-up, too.
    assertThat(raw.stream().filter(line -> line.contains(",,50,")))
        .hasSize(4)
        .allSatisfy(line -> assertThat(line).endsWith(",7"));
  }

  @ParameterizedTest
  @EnumSource(
      value = DatabaseKind.class,
      names = {"SQLITE", "H2"})
  void a_resume_storm_delivers_each_missed_entry_once(DatabaseKind kind) throws IOException {
    List<String> raw = run(
        "resume-storm",
        kind,
        List.of("--clients", "9", "--channels", "4", "--missed", "3", "--rooms", "4,12"));

    assertThat(raw).hasSize(3);
    assertThat(raw.stream().skip(1).map(line -> line.split(",", -1))).allSatisfy(cells -> {
      assertThat(cells[8]).as("entries").isEqualTo(String.valueOf(9 * 4 * 3));
      assertThat(Long.parseLong(cells[9])).as("reads").isPositive();
    });
  }

  @ParameterizedTest
  @EnumSource(
      value = DatabaseKind.class,
      names = {"SQLITE", "H2"})
  void catching_up_reads_every_entry_in_order(DatabaseKind kind) throws IOException {
    List<String> raw = run("catch-up", kind, List.of("--entries", "700", "--bytes", "128,1024"));

    assertThat(
            raw.stream().skip(1).map(line -> line.split(",", -1)).map(cells -> cells[1] + cells[2]))
        .containsExactly("socket128", "host128", "socket1024", "host1024");
    assertThat(raw.stream().skip(1).filter(line -> line.contains(",socket,"))).allSatisfy(line -> {
      String[] cells = line.split(",", -1);
      assertThat(Long.parseLong(cells[5]))
          .as("bytes of text hold the data")
          .isGreaterThan(700 * Long.parseLong(cells[2]));
    });
  }

  @Test
  void a_place_for_the_table_that_is_missing_is_named() throws IOException {
    Files.writeString(page, "nothing here");

    assertThat(execute("catch-up", DatabaseKind.SQLITE, List.of("--entries", "10", "--bytes", "1")))
        .isNotZero();

    assertThat(page).hasContent("nothing here");
  }

  /** Runs it and gives its raw results; its table stands in the page. */
  private List<String> run(String scenario, DatabaseKind kind, List<String> arguments)
      throws IOException {
    String name = scenario + " " + kind.name().toLowerCase(Locale.ROOT);
    Files.writeString(page, PLACE.formatted(name, name));

    assertThat(execute(scenario, kind, arguments)).isZero();

    String text = Files.readString(page);
    assertThat(text)
        .startsWith("before\n<!-- " + name + " -->\n\n|")
        .endsWith("<!-- /" + name + " -->\nafter\n")
        .contains("-Dbenchmark=\"" + scenario + " --database " + kind + " --runs 1 ")
        .doesNotContain("old", "--page");
    assertThat(leftBehind()).isEmpty();
    return Files.readAllLines(directory.resolve(name.replace(' ', '-') + ".csv"));
  }

  private int execute(String scenario, DatabaseKind kind, List<String> arguments) {
    List<String> all = new ArrayList<>(List.of(
        scenario,
        "--database",
        kind.name(),
        "--runs",
        "1",
        "--directory",
        directory.toString(),
        "--page",
        page.toString()));
    all.addAll(arguments);
    return Benchmarks.commandLine().execute(all.toArray(String[]::new));
  }

  /** Databases are removed when they have been measured. */
  private List<Path> leftBehind() throws IOException {
    Path data = directory.resolve("data");
    if (!Files.exists(data)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(data)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
