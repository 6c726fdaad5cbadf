package dev.confab.chat.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Runs many seeds, on one thread or several, each run on a thread of its own and none knowing of another.
 *
 * <p>It goes on after what it finds, says now and then how far it is, and has a summary at the end.
 */
final class Seeds {
  /** How many violations are told in full; of more only the seeds are kept. */
  private static final int TOLD = 20;

  /** True if the first violation is enough. */
  private static final boolean STOPS = Boolean.getBoolean("confab.stop");

  private final long first;
  private final long count;
  private final int threads;
  private final Planted planted;
  private final Consumer<String> progress;

  /** What ran, and what came of it. */
  record Outcome(
      long first, long count, Map<String, Long> totals, List<Found> found, Duration time) {
    /** What was run and what happened, a line each. */
    String summary() {
      StringBuilder text = new StringBuilder();
      text.append(String.format(
          "seeds %,d to %,d in %d s, %.0f a second; violations: %d%n",
          first,
          first + count - 1,
          time.toSeconds(),
          count * 1_000.0 / Math.max(1, time.toMillis()),
          found.size()));
      found.forEach(each -> text.append(String.format("seed %d: %s%n", each.seed(), each.rule())));
      totals.forEach((what, many) -> text.append(String.format("| %s | %,d |%n", what, many)));
      return text.toString();
    }
  }

  /**
   * A seed in whose run a rule did not hold.
   *
   * @param told the run's last steps; empty if too many were found already
   */
  record Found(long seed, Rule rule, String told) {}

  Seeds(long first, long count, int threads, Planted planted, Consumer<String> progress) {
    this.first = first;
    this.count = count;
    this.threads = threads;
    this.planted = planted;
    this.progress = progress;
  }

  /** Errors that are logged on the thread that runs a seed: only a store that throws what it should not is one. */
  private static final class Errors extends Handler {
    private final ThreadLocal<List<String>> unexpected = ThreadLocal.withInitial(ArrayList::new);

    @Override
    public void publish(LogRecord entry) {
      if (entry.getLevel().intValue() >= Level.SEVERE.intValue()
          && !entry.getMessage().endsWith("the store failed on what it was given")) {
        unexpected.get().add(entry.getMessage() + ": " + entry.getThrown());
      }
    }

    List<String> take() {
      List<String> taken = List.copyOf(unexpected.get());
      unexpected.get().clear();
      return taken;
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  /** Runs them all; returns when the last has ended. */
  Outcome run() {
    Logger logger = Logger.getLogger("dev.confab.chat");
    Errors errors = new Errors();
    Level level = logger.getLevel();
    logger.setUseParentHandlers(false);
    logger.setLevel(Level.SEVERE);
    logger.addHandler(errors);
    long began = System.nanoTime();
    Map<String, Long> totals = Collections.synchronizedMap(new TreeMap<>());
    List<Found> found = Collections.synchronizedList(new ArrayList<>());
    try {
      AtomicLong next = new AtomicLong();
      List<Thread> workers = new ArrayList<>();
      for (int i = 1; i < threads; i++) {
        Thread worker = new Thread(() -> work(next, errors, totals, found, began), "seeds-" + i);
        worker.start();
        workers.add(worker);
      }
      work(next, errors, totals, found, began);
      for (Thread worker : workers) {
        worker.join();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("the seeds were interrupted", e);
    } finally {
      logger.removeHandler(errors);
      logger.setLevel(level);
      logger.setUseParentHandlers(true);
    }
    List<Found> sorted = new ArrayList<>(found);
    sorted.sort((one, other) -> Long.compare(one.seed(), other.seed()));
    return new Outcome(
        first, count, new TreeMap<>(totals), sorted, Duration.ofNanos(System.nanoTime() - began));
  }

  private void work(
      AtomicLong next, Errors errors, Map<String, Long> totals, List<Found> found, long began) {
    Map<String, Long> mine = new TreeMap<>();
    long step = Math.max(1_000, count / 100);
    for (long i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
      if (STOPS && !found.isEmpty()) {
        break;
      }
      long seed = first + i;
      try {
        Simulation simulation = new Simulation(seed, planted);
        simulation.run();
        simulation.addTo(mine);
        List<String> logged = errors.take();
        if (!logged.isEmpty()) {
          found.add(new Found(seed, Rule.NO_FAULT_OF_OURS, "logged: " + logged));
        }
      } catch (Violation violation) {
        String told = found.size() < TOLD ? violation.getMessage() : "";
        found.add(new Found(seed, violation.rule(), told + errors.take()));
        progress.accept("seed " + seed + ": " + violation.rule());
      }
      if ((i + 1) % step == 0) {
        double seconds = (System.nanoTime() - began) / 1e9;
        progress.accept(String.format(
            "%,d of %,d seeds, %.0f a second, %d violations",
            i + 1, count, (i + 1) / seconds, found.size()));
      }
    }
    mine.forEach((what, many) -> totals.merge(what, many, Long::sum));
  }

  /** {@code Seeds <first> <count> <threads> [<planted>]}: runs them and says what came of it. */
  public static void main(String[] args) {
    Outcome outcome = new Seeds(
            Long.parseLong(args[0]),
            Long.parseLong(args[1]),
            Integer.parseInt(args[2]),
            Planted.valueOf(args.length > 3 ? args[3] : "NONE"),
            System.out::println)
        .run();
    outcome.found().stream().limit(1).forEach(each -> System.out.println(each.told()));
    System.out.println(outcome.summary());
  }
}
