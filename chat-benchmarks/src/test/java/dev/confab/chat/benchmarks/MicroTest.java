package dev.confab.chat.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Each part measured for an instant, in this JVM. What is looked at is that they run, never how long they take; that what
 * is measured does what it should they look at themselves.
 */
class MicroTest {
  @Test
  void each_part_is_measured_with_what_it_allocates() throws IOException {
    Path directory =
        Files.createTempDirectory(Files.createDirectories(Path.of("target", "scenarios")), "run");

    int exit = Benchmarks.commandLine()
        .execute(
            "micro",
            "--runs",
            "0",
            "--seconds",
            "0.01",
            "--warm-ups",
            "0",
            "--iterations",
            "1",
            "--directory",
            directory.toString());

    assertThat(exit).isZero();
    List<String[]> figures = Files.readAllLines(directory.resolve("micro.csv")).stream()
        .skip(1)
        .map(line -> line.split(",", -1))
        .toList();
    assertThat(figures.stream().map(cells -> cells[0] + "," + cells[1] + "," + cells[2]))
        .containsExactly(
            "DialectBenchmark.decodeSend,plain,1",
            "DialectBenchmark.decodeSend,chat.v1,1",
            "DialectBenchmark.encodeEntry,plain,1",
            "DialectBenchmark.encodeEntry,chat.v1,1",
            "TailBenchmark.appendAndLook,plain,1",
            "TailBenchmark.appendAndLook,chat.v1,1",
            "OutletBenchmark.queueAndPump,plain,1",
            "OutletBenchmark.queueAndPump,plain,16",
            "OutletBenchmark.queueAndPump,chat.v1,1",
            "OutletBenchmark.queueAndPump,chat.v1,16",
            "HubBenchmark.tellCommit,plain,10",
            "HubBenchmark.tellCommit,plain,100",
            "HubBenchmark.tellCommit,plain,1000",
            "HubBenchmark.tellCommit,chat.v1,10",
            "HubBenchmark.tellCommit,chat.v1,100",
            "HubBenchmark.tellCommit,chat.v1,1000");
    assertThat(figures).allSatisfy(cells -> {
      assertThat(Double.parseDouble(cells[3])).as("nanoseconds").isPositive();
      assertThat(Double.parseDouble(cells[5])).as("bytes").isPositive();
    });
  }
}
