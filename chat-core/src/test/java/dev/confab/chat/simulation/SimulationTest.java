package dev.confab.chat.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The whole chat under a thousand drawn schedules, after each of which every {@link Rule} is looked at.
 *
 * <p>One seed: {@code mvn -q -pl chat-core test -Dtest=SimulationTest -Dconfab.seed=123}. More of them: {@code
 * -Dconfab.seeds=20000}, and from another one on: {@code -Dconfab.firstSeed=5000}. A seed means another run once anything
 * here draws otherwise.
 */
final class SimulationTest {
  private static final int SEEDS = Integer.getInteger("confab.seeds", 1_000);
  private static final long FIRST = Long.getLong("confab.firstSeed", 0);

  /** How many runs a planted fault gets to be found in. */
  private static final int PLANTED_SEEDS = 300;

  private final Logger logger = Logger.getLogger("dev.confab.chat");
  private final Errors errors = new Errors();

  /** What is logged as an error: only a store that throws what it should not is one. */
  private static final class Errors extends Handler {
    private final List<String> unexpected = new ArrayList<>();

    @Override
    public void publish(LogRecord entry) {
      if (entry.getLevel().intValue() >= Level.SEVERE.intValue()
          && !entry.getMessage().endsWith("the store failed on what it was given")) {
        unexpected.add(entry.getMessage() + ": " + entry.getThrown());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @BeforeEach
  void listen() {
    logger.setUseParentHandlers(false);
    logger.setLevel(Level.SEVERE);
    logger.addHandler(errors);
  }

  @AfterEach
  void listenNoMore() {
    logger.removeHandler(errors);
    logger.setLevel(null);
    logger.setUseParentHandlers(true);
  }

  @Test
  void whatever_happens_every_promise_holds() {
    Long only = Long.getLong("confab.seed");
    if (only != null) {
      run(only);
      return;
    }
    Map<String, Long> totals = new TreeMap<>();
    for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
      run(seed).addTo(totals);
    }
    // The runs went where the dangers are.
    assertThat(totals.get("recorded")).as("recorded %s", totals).isGreaterThan(20L * SEEDS);
    assertThat(totals.get("delivered")).as("delivered %s", totals).isGreaterThan(30L * SEEDS);
    assertThat(totals.get("pages")).as("catching up %s", totals).isGreaterThan(8L * SEEDS);
    assertThat(totals.get("connections")).as("coming back %s", totals).isGreaterThan(4L * SEEDS);
    assertThat(totals.get("duplicates")).as("keys %s", totals).isGreaterThan(SEEDS / 2L);
    assertThat(totals.get("lookups")).as("lost answers %s", totals).isGreaterThan(SEEDS / 10L);
    assertThat(totals.get("held")).as("held channels %s", totals).isGreaterThan(SEEDS / 10L);
    assertThat(totals.get("barriers kept")).as("barriers %s", totals).isGreaterThan(8L * SEEDS);
  }

  private Simulation run(long seed) {
    Simulation simulation = new Simulation(seed, Planted.NONE);
    simulation.run();
    assertThat(errors.unexpected).as("errors logged in the run of seed " + seed).isEmpty();
    return simulation;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 7, 40, 321})
  void a_seed_gives_the_same_run_again(long seed) {
    assertThat(run(seed).fingerprint()).isEqualTo(run(seed).fingerprint());
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
              .hasMessageContaining("-Dtest=SimulationTest -Dconfab.seed=" + seed)
              .hasMessageContaining(" reads {");
          return;
        }
      }
    }
    assertThat(broken).as("rules found broken").contains(fault.caughtBy().orElseThrow());
  }
}
