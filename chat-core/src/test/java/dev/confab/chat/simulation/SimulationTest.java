package dev.confab.chat.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The whole chat under a thousand drawn schedules, after each of which every {@link Rule} is looked at.
 *
 * <p>One seed: {@code mvn -q -pl chat-core test -Dtest=SimulationTest#whatever* -Dconfab.seed=123}. More of them: {@code
 * -Dconfab.seeds=1000000}, from another one on: {@code -Dconfab.firstSeed=5000}, on several threads: {@code
 * -Dconfab.threads=2}. A seed means another run once anything here draws otherwise.
 */
final class SimulationTest {
  private static final int SEEDS = Integer.getInteger("confab.seeds", 1_000);
  private static final long FIRST = Long.getLong("confab.firstSeed", 0);
  private static final int THREADS = Integer.getInteger("confab.threads", 1);
  private static final Consumer<String> PROGRESS = System.out::println;

  /** How many runs a planted fault gets to be found in. */
  private static final int PLANTED_SEEDS = 300;

  /** A thousand seeds take ten seconds on a machine that does nothing else; a million take hours. */
  @Test
  @Timeout(value = 12, unit = TimeUnit.HOURS)
  void whatever_happens_every_promise_holds() {
    Long only = Long.getLong("confab.seed");
    if (only != null) {
      requireClean(run(only, 1));
      return;
    }
    Seeds.Outcome outcome = run(FIRST, SEEDS);
    requireClean(outcome);
    Map<String, Long> totals = outcome.totals();
    if (SEEDS < 1_000) {
      return;
    }
    // The runs went where the dangers are.
    totalsAtLeast(totals, 20.0, "recorded", "delivered");
    totalsAtLeast(totals, 8.0, "pages", "barriers kept", "connections");
    totalsAtLeast(totals, 0.5, "duplicates");
    totalsAtLeast(totals, 0.1, "lookups", "held", "resets told", "trims", "trimmed told");
    totalsAtLeast(totals, 0.1, "rollbacks", "redactions", "postings committed");
    totalsAtLeast(totals, 0.05, "kills", "orderly closes", "postings rolled back");
    totalsAtLeast(
        totals, 0.02, "postings told at once", "postings told late", "postings never told");
  }

  private static void totalsAtLeast(Map<String, Long> totals, double aSeed, String... names) {
    for (String name : names) {
      assertThat((double) totals.getOrDefault(name, 0L))
          .as("%s of %s", name, totals)
          .isGreaterThan(aSeed * SEEDS);
    }
  }

  private static void requireClean(Seeds.Outcome outcome) {
    assertThat(outcome.found())
        .as(() -> outcome.found().stream()
            .limit(3)
            .map(Seeds.Found::told)
            .collect(Collectors.joining("\n")))
        .isEmpty();
  }

  private static Seeds.Outcome run(long first, long count) {
    Seeds.Outcome outcome = new Seeds(first, count, THREADS, Planted.NONE, PROGRESS).run();
    if (count > 1_000) {
      outcome.summary().lines().forEach(PROGRESS);
    }
    return outcome;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 7, 40, 321})
  void a_seed_gives_the_same_run_again(long seed) {
    assertThat(fingerprint(seed)).isEqualTo(fingerprint(seed));
  }

  private static String fingerprint(long seed) {
    Simulation simulation = new Simulation(seed, Planted.NONE);
    simulation.run();
    return simulation.fingerprint();
  }

  @Test
  void every_rule_is_broken_by_something_planted() {
    Set<Rule> broken = EnumSet.noneOf(Rule.class);
    for (Planted fault : Planted.values()) {
      fault.caughtBy().ifPresent(broken::add);
    }
    assertThat(broken).containsExactlyInAnyOrder(Rule.values());
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
  void a_planted_fault_is_found(Planted fault) {
    Set<Rule> broken = new LinkedHashSet<>();
    for (long seed = 0; seed < PLANTED_SEEDS; seed++) {
      try {
        new Simulation(seed, fault).run();
      } catch (Violation found) {
        broken.add(found.rule());
        if (fault.caughtBy().equals(Optional.of(found.rule()))) {
          assertThat(found)
              .hasMessageContaining("-Dtest=SimulationTest#whatever* -Dconfab.seed=" + seed)
              .hasMessageContaining(" reads {");
          return;
        }
      }
    }
    assertThat(broken).as("rules found broken").contains(fault.caughtBy().orElseThrow());
  }
}
