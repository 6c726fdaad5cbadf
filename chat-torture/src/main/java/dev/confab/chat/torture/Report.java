package dev.confab.chat.torture;

import dev.confab.chat.torture.Checker.Counts;
import dev.confab.chat.torture.Checker.Rule;
import dev.confab.chat.torture.Database.Kind;
import dev.confab.chat.torture.Plan.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What is written of one run on one database: a page in Markdown, newest run first. Used by one thread. */
final class Report {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

  private static final String RUN = "## Run of ";

  private final Kind kind;
  private final long seed;
  private final int rate;
  private final Path page;
  private final String before;
  private final Instant begun = Instant.now();
  private final List<String> rounds = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
  private final Map<Rule, Long> asked = new EnumMap<>(Rule.class);
  private final Map<Rule, Long> found = new EnumMap<>(Rule.class);
  private Counts counts = Counts.NONE;
  private Duration broken = Duration.ZERO;
  private String version = "";

  Report(Kind kind, long seed, int rate, Path folder) {
    this.kind = kind;
    this.seed = seed;
    this.rate = rate;
    this.page = folder.resolve("torture-" + kind.word() + ".md");
    try {
      Files.createDirectories(folder);
      String text = Files.exists(page) ? Files.readString(page) : "";
      int first = text.indexOf(RUN);
      before = first < 0 ? "" : text.substring(first);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The database runs. */
  void begin(String itsVersion) {
    version = itsVersion;
  }

  /** A round has ended. */
  void round(int number, Round.Settings settings, Torture.Result result) {
    result.faults().forEach((fault, often) -> faults.merge(fault, often, Integer::sum));
    result.verdict().asked().forEach((rule, often) -> asked.merge(rule, often, Long::sum));
    result.verdict().findings().forEach(each -> found.merge(each.rule(), 1L, Long::sum));
    counts = counts.plus(result.verdict().counts());
    broken = broken.plus(settings.faults());
    rounds.add(
        "| " + number + " | " + settings.seed() + " | " + settings.faults().toSeconds()
            + " s | " + result.verdict().counts().sends() + " | "
            + result.verdict().counts().entries() + " | "
            + result.faults().values().stream().mapToInt(Integer::intValue).sum() + " | "
            + (result.clean() ? "clean" : "**failed**") + " |");
    if (!result.broken().isEmpty()) {
      problems.add("round " + number + ", seed " + settings.seed() + ": " + result.broken());
    }
    result.verdict().findings().stream()
        .limit(5)
        .forEach(
            each -> problems.add("round " + number + ", seed " + settings.seed() + ": " + each));
  }

  /** The run could not go on. */
  void broken(String why) {
    problems.add(why);
  }

  /** Whether every round was. */
  boolean clean() {
    return problems.isEmpty() && !rounds.isEmpty();
  }

  /** The verdict in a line. */
  String line() {
    return kind.word() + ": " + rounds.size() + " rounds, " + counts.sends() + " sends, "
        + counts.shown() + " shown, " + (clean() ? "clean" : "NOT CLEAN");
  }

  /** Writes the page, this run before those that stood there. */
  void write() {
    StringBuilder text = new StringBuilder("# Torture on ")
        .append(title())
        .append(
            "\n\nWhat is done and what is asked: [Torture with real processes](torture.md). Newest run first.\n\n");
    text.append(RUN)
        .append(TIME.format(begun))
        .append(clean() ? ", clean" : ", NOT CLEAN")
        .append("\n\n");
    text.append("| | |\n|---|---|\n");
    row(text, "from", TIME.format(begun));
    row(text, "to", TIME.format(Instant.now()));
    row(text, "time under faults", broken.toMinutes() + " min " + broken.toSecondsPart() + " s");
    row(text, "seed", String.valueOf(seed));
    row(text, "database", version);
    row(
        text,
        "servers",
        kind.servers() == 1 ? "one process" : kind.servers() + " processes, no link between them");
    row(text, "Java", System.getProperty("java.vm.name") + " " + Runtime.version());
    row(
        text,
        "system",
        System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
            + System.getProperty("os.arch") + ", "
            + Runtime.getRuntime().availableProcessors() + " cores");
    row(text, "sends asked for", rate + " a second");
    text.append("\n| what happened | times |\n|---|---|\n");
    row(text, "sent", number(counts.sends()));
    row(text, "of these repeated with the same key", number(counts.repeats()));
    row(text, "acked", number(counts.acks()));
    row(text, "of these as a duplicate", number(counts.duplicates()));
    row(text, "refused, nothing recorded", number(counts.refused()));
    row(text, "without key, and never answered", number(counts.lost()));
    row(text, "entries in the logs at the end", number(counts.entries()));
    row(text, "entries shown to readers", number(counts.shown()));
    row(text, "connections of clients", number(counts.connects()));
    text.append("\n| fault | times |\n|---|---|\n");
    faults.forEach((fault, often) -> row(text, fault.words(), number(often)));
    text.append("\n| rule | asked | broken |\n|---|---|---|\n");
    for (Rule rule : Rule.values()) {
      text.append("| ")
          .append(rule)
          .append(": ")
          .append(rule.words())
          .append(" | ")
          .append(number(asked.getOrDefault(rule, 0L)))
          .append(" | ")
          .append(number(found.getOrDefault(rule, 0L)))
          .append(" |\n");
    }
    text.append(
        "\n| round | seed | faults for | sent | entries | faults | |\n|---|---|---|---|---|---|---|\n");
    rounds.forEach(round -> text.append(round).append('\n'));
    text.append("\nVerdict: ")
        .append(clean() ? "**every rule held in every round.**" : "**not clean.**")
        .append('\n');
    problems.forEach(problem -> text.append("\n- ").append(problem));
    if (!problems.isEmpty()) {
      text.append('\n');
    }
    if (!before.isEmpty()) {
      text.append('\n').append(before);
    }
    try {
      Files.writeString(page, text);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private String title() {
    return switch (kind) {
      case POSTGRESQL -> "PostgreSQL";
      case MARIADB -> "MariaDB";
      case SQLITE -> "SQLite";
      case H2 -> "H2";
    };
  }

  private static void row(StringBuilder text, String name, String value) {
    text.append("| ").append(name).append(" | ").append(value).append(" |\n");
  }

  private static String number(long value) {
    return String.format(java.util.Locale.ROOT, "%,d", value);
  }
}
