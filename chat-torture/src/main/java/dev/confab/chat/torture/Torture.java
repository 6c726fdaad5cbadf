package dev.confab.chat.torture;

import dev.confab.chat.torture.Checker.Counts;
import dev.confab.chat.torture.Checker.Verdict;
import dev.confab.chat.torture.Database.Kind;
import dev.confab.chat.torture.Plan.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Tortures databases side by side, round after round, and writes a report of each.
 *
 * <p>System properties, all with the prefix {@code confab.torture.}: {@code minutes}, {@code seed} (a number, or
 * {@code random}), {@code databases} with commas, {@code keep} to keep the files of clean rounds, {@code rate} in sends a second a database, {@code round} in seconds of faults,
 * {@code work} a folder for what is made on the way, {@code reports} a folder for the reports. Ends with 0 if every round was
 * clean.
 */
public final class Torture {
  /** Of one database; after so many there is enough to look at. */
  private static final int FAILED_ROUNDS = 3;

  private Torture() {}

  private static String option(String name, String otherwise) {
    return System.getProperty("confab.torture." + name, otherwise);
  }

  /** Runs all databases, and ends the process. */
  public static void main(String[] arguments) throws InterruptedException {
    Duration time = Duration.ofMinutes(Long.parseLong(option("minutes", "5")));
    String given = option("seed", "random");
    long seed =
        given.equals("random") ? new Random().nextInt(1_000_000_000) : Long.parseLong(given);
    List<Kind> kinds = Stream.of(
            option("databases", "postgresql,mariadb,sqlite,h2").split(",", -1))
        .map(Kind::of)
        .toList();
    int rate = Integer.parseInt(option("rate", "60"));
    Duration round = Duration.ofSeconds(Long.parseLong(option("round", "180")));
    Path work = Path.of(option("work", "target/torture")).toAbsolutePath();
    Path reports = Path.of(option("reports", "target/reports")).toAbsolutePath();

    Instant end = Instant.now().plus(time);
    List<Thread> threads = new ArrayList<>();
    List<Report> made = new ArrayList<>();
    for (Kind kind : kinds) {
      Report report = new Report(kind, seed, rate, reports);
      made.add(report);
      Thread thread = new Thread(
          () -> {
            try {
              run(kind, seed, end, round, rate, work.resolve(kind.word()), report);
            } catch (IOException | SQLException | RuntimeException | Error failure) {
              failure.printStackTrace();
              report.broken(String.valueOf(failure.getMessage()));
            } catch (InterruptedException stop) {
              report.broken("interrupted");
            }
            report.write();
          },
          "torture-" + kind.word());
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    made.forEach(report -> System.out.println(report.line()));
    System.exit(made.stream().allMatch(Report::clean) ? 0 : 1);
  }

  private static void run(
      Kind kind, long seed, Instant end, Duration round, int rate, Path work, Report report)
      throws IOException, InterruptedException, SQLException {
    Random seeds = new Random(seed);
    int failed = 0;
    try (Database database = kind.open(work)) {
      report.begin(database.version());
      for (int number = 1; number == 1 || Instant.now().isBefore(end); number++) {
        long left = Duration.between(Instant.now(), end).toMillis();
        Duration faults =
            Duration.ofMillis(Math.max(20_000, Math.min(round.toMillis(), left - 20_000)));
        Round.Settings settings = new Round.Settings(seeds.nextInt(1_000_000_000), faults, rate);
        Path folder = work.resolve("round-" + number);
        Folders.delete(folder);
        Result result = round(kind, database, number, settings, folder);
        report.round(number, settings, result);
        report.write();
        System.out.println(
            kind.word() + " round " + number + " seed " + settings.seed() + ": " + result.line());
        if (result.clean()) {
          if (!Boolean.getBoolean("confab.torture.keep")) {
            Folders.delete(folder);
          }
        } else if (++failed == FAILED_ROUNDS) {
          report.broken("given up after " + FAILED_ROUNDS + " rounds that failed");
          return;
        }
      }
    }
  }

  /** What became of a round. */
  record Result(Verdict verdict, Map<Fault, Integer> faults, String broken) {
    boolean clean() {
      return broken.isEmpty() && verdict.clean();
    }

    String line() {
      Counts counts = verdict.counts();
      String what = counts.sends() + " sends, " + counts.acks() + " acks, " + counts.entries()
          + " entries, " + counts.shown() + " shown";
      if (!broken.isEmpty()) {
        return what + ", BROKEN: " + broken;
      }
      return verdict.clean()
          ? what + ", clean"
          : what + ", " + verdict.findings().size() + " FINDINGS, first "
              + verdict.findings().get(0);
    }
  }

  /** Runs and checks one round. */
  static Result round(
      Kind kind, Database database, int number, Round.Settings settings, Path folder)
      throws IOException, InterruptedException, SQLException {
    database.fresh(number);
    String broken = "";
    Map<Fault, Integer> faults;
    try (Round round = new Round(kind, database, settings, folder)) {
      try {
        round.run();
      } catch (Round.BrokenException | IOException failure) {
        broken = String.valueOf(failure.getMessage());
      }
      faults = round.counts();
    }
    Verdict verdict = Checker.check(History.read(folder));
    if (broken.isEmpty() && (verdict.counts().acks() == 0 || verdict.counts().shown() == 0)) {
      broken = "nothing happened";
    }
    Files.write(
        folder.resolve("findings.txt"),
        verdict.findings().stream().map(Checker.Finding::toString).toList());
    return new Result(verdict, faults, broken);
  }
}
