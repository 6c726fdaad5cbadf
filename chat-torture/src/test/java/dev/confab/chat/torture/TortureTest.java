package dev.confab.chat.torture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.torture.Database.Kind;
import dev.confab.chat.torture.Plan.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One round of torture in every build: about a minute. {@code -Dconfab.torture.seed} chooses another one. */
final class TortureTest {
  private static final long SEED = Long.getLong("confab.torture.seed", 1);

  /** Both databases side by side; two cores are enough. */
  private static final Round.Settings SETTINGS =
      new Round.Settings(SEED, Duration.ofSeconds(30), 100);

  @Test
  @Timeout(400)
  void promises_hold_while_servers_databases_and_connections_break()
      throws InterruptedException, ExecutionException {
    Map<Kind, Future<Torture.Result>> rounds = new LinkedHashMap<>();
    ExecutorService drivers = Executors.newCachedThreadPool();
    try {
      for (Kind kind : List.of(Kind.POSTGRESQL, Kind.SQLITE)) {
        rounds.put(kind, drivers.submit(() -> round(kind)));
      }
      for (Map.Entry<Kind, Future<Torture.Result>> each : rounds.entrySet()) {
        Torture.Result result = each.getValue().get();
        System.out.println(each.getKey() + ", seed " + SEED + ": " + result.line() + ", faults "
            + result.faults());
        assertThat(result.broken()).as("%s, seed %s", each.getKey(), SEED).isEmpty();
        assertThat(result.verdict().findings())
            .as("%s, seed %s: the files are in target/torture", each.getKey(), SEED)
            .isEmpty();
        assertThat(result.faults().keySet()).containsAll(planned(each.getKey()));
        assertThat(result.verdict().counts().acks()).isGreaterThan(500);
        assertThat(result.verdict().counts().shown()).isGreaterThan(3_000);
      }
    } finally {
      drivers.shutdownNow();
    }
  }

  private static Torture.Result round(Kind kind)
      throws IOException, InterruptedException, SQLException {
    Path work = Path.of("target", "torture", kind.word()).toAbsolutePath();
    Path folder = work.resolve("round");
    Folders.delete(folder);
    try (Database database = kind.open(work)) {
      return Torture.round(kind, database, 1, SETTINGS, folder);
    }
  }

  /** Each kind of fault, whatever the seed. */
  private static List<Fault> planned(Kind kind) {
    return Plan.of(SEED, kind, SETTINGS.faults()).steps().stream()
        .filter(Plan.Step::always)
        .map(Plan.Step::fault)
        .toList();
  }
}
