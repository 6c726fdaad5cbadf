package dev.confab.chat.examples.slow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.examples.slow.Server.Settings;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What readers do that do not keep up, on real sockets and a server in a JVM of its own. */
final class SlowReadersTest {
  @TempDir
  Path folder;

  @Test
  void who_reads_steadily_is_kept_however_large_the_buffers_between() {
    // The system's send buffer takes megabytes and gives way only by a third of itself at a time.
    Settings settings = new Settings(1 << 20, 0, 3_000, 1_024);
    Duration pongs = Duration.ofMillis(100);
    Scenes.Slow speaks =
        Scenes.slow(folder, settings, 256 << 10, Duration.ofSeconds(12), pongs, true);
    assertThat(speaks.connected()).isTrue();
    assertThat(speaks.seq()).isPositive().isLessThan(speaks.head());
  }

  @Test
  void who_is_far_behind_catches_up_within_the_bounds_while_others_read_live() {
    Scenes.CatchUp caughtUp =
        Scenes.catchUp(folder, 100, 10, 1_500, 1_000, 20, Duration.ofSeconds(1));
    assertThat(caughtUp.mostReading()).isLessThanOrEqualTo(4);
    assertThat(caughtUp.mostPages()).isLessThanOrEqualTo(16L << 20);
    assertThat(caughtUp.live().count() % 10).isZero();
  }

  @Test
  void a_thousand_who_stall_cost_their_writes_and_little_else() {
    Scenes.Stalled stalled = Scenes.stalledInSips(folder, 1_000, 8_000);
    assertThat(stalled.after().connections()).isEqualTo(1_002);
    assertThat(stalled.after().inFlight()).isPositive().isLessThan(3_000_000);
    assertThat(stalled.after().pages()).isZero();
    assertThat(stalled.bytesEach()).isLessThanOrEqualTo(2_048);
  }

  @Test
  void many_who_resume_at_one_place_cost_few_reads() {
    Scenes.Wave wave = Scenes.wave(folder, 200, 2_560, Duration.ZERO);
    assertThat(wave.one()).isGreaterThanOrEqualTo(10);
    // A page is kept for a second.
    assertThat(wave.all()).isLessThanOrEqualTo(wave.one() * (2 + wave.took().toSeconds()));
  }
}
