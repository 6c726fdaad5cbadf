package dev.confab.chat.examples.slow;

import dev.confab.chat.examples.slow.Server.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Measures what slow, stalled and returning readers cost; no part of the build. The page about them has the command and the
 * figures.
 */
final class SlowReaders {
  /** What to measure: {@code memory}, {@code latency}, {@code catchup}, {@code wave}, {@code trickle}. */
  @Test
  void measure() {
    for (String what : System.getProperty("confab.slow", "memory").split(",", -1)) {
      switch (what) {
        case "memory" -> memory();
        case "latency" -> latency();
        case "catchup" -> catchUp();
        case "wave" -> wave();
        case "trickle" -> trickle();
        default -> throw new IllegalArgumentException("not something to measure: " + what);
      }
    }
  }

  private static void memory() {
    Scenes.Stalled all = Scenes.stalled(folder(), 1_000, 200);
    Scenes.Stalled none = Scenes.stalled(folder(), 1, 200);
    say(String.format(
        "200 MB past 1 stalled reader: heap before %d, after %d",
        none.before().heap(), none.after().heap()));
    say(String.format(
        "200 MB past 1,000 stalled readers: heap before %d, after %d, in flight %d, tails %d -> %d,"
            + " pages %d; still connected %d; beyond that each %d bytes",
        all.before().heap(),
        all.after().heap(),
        all.after().inFlight(),
        all.before().tails(),
        all.after().tails(),
        all.after().pages(),
        all.after().connections(),
        all.bytesEach()));
  }

  private static void latency() {
    List<Double> without = new ArrayList<>();
    List<Double> with = new ArrayList<>();
    for (int run = 1; run <= 5; run++) {
      Times one = Scenes.latency(folder(), 0, 50, 100, Duration.ofSeconds(8));
      Times other = Scenes.latency(folder(), 1_000, 50, 100, Duration.ofSeconds(8));
      without.add(one.millis(99));
      with.add(other.millis(99));
      say(String.format(
          "run %d: 50 readers, 100 messages/s, p50 / p99 send to shown: without %.1f / %.1f ms, with"
              + " 1,000 stalled %.1f / %.1f ms",
          run, one.millis(50), one.millis(99), other.millis(50), other.millis(99)));
    }
    say(String.format(
        "medians of p99: without %.1f ms, with 1,000 stalled %.1f ms",
        median(without), median(with)));
  }

  private static void catchUp() {
    List<Double> without = new ArrayList<>();
    List<Double> with = new ArrayList<>();
    for (int run = 1; run <= 5; run++) {
      Scenes.CatchUp none =
          Scenes.catchUp(folder(), 0, 50, 5_000, 1_000, 50, Duration.ofSeconds(8));
      Scenes.CatchUp all =
          Scenes.catchUp(folder(), 200, 50, 5_000, 1_000, 50, Duration.ofSeconds(8));
      without.add(none.live().millis(99));
      with.add(all.live().millis(99));
      say(String.format(
          "run %d: 50 live readers, p99: alone %.1f ms, while 200 catch up %.1f ms; these took %d ms"
              + " and %d reads, at most %d at once, pages at most %d bytes; the slowest had come"
              + " %.0f %% of its way when the first was there",
          run,
          none.live().millis(99),
          all.live().millis(99),
          all.took().toMillis(),
          all.reads(),
          all.mostReading(),
          all.mostPages(),
          all.slowestShare() * 100));
    }
    say(String.format(
        "medians of p99: alone %.1f ms, while 200 catch up %.1f ms",
        median(without), median(with)));
  }

  private static void wave() {
    for (Duration over : List.of(Duration.ZERO, Duration.ofSeconds(2))) {
      Scenes.Wave wave = Scenes.wave(folder(), 1_000, 2_560, over);
      say(String.format(
          "1,000 readers resume 2,560 messages behind, over %d ms: one alone %d reads, all %d reads,"
              + " in %d ms",
          over.toMillis(), wave.one(), wave.all(), wave.took().toMillis()));
    }
  }

  private static void trickle() {
    for (int sendBuffer : new int[] {0, 64 << 10}) {
      Scenes.Slow slow = Scenes.slow(
          folder(),
          new Settings(4 << 20, sendBuffer, 30_000, 64 << 10),
          2 * 1024,
          Duration.ofSeconds(Integer.getInteger("confab.slow.seconds", 180)),
          Duration.ofSeconds(25),
          true);
      say(String.format(
          "2 KiB/s, send buffer %s: took %d bytes up to seq %d of %d; still connected: %s",
          sendBuffer == 0 ? "of the system" : String.valueOf(sendBuffer),
          slow.read(),
          slow.seq(),
          slow.head(),
          slow.connected()));
    }
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }

  private static Path folder() {
    try {
      return Files.createTempDirectory("slow-readers");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void say(String figure) {
    System.out.println(figure);
  }
}
