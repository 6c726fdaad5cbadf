package dev.confab.chat.internal.hub;

import dev.confab.chat.benchmarks.micro.Said;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Limits;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What the newest part of a log costs for each entry and for each who looks at it. Stands in the package of what it
 * measures, so that nothing there has to be opened for it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class TailBenchmark {
  private static final int FOLLOWERS = 100;
  private static final int RUN_BYTES = 16 * 1024;

  /** What the followers speak. */
  @Param({"plain", "chat.v1"})
  public String dialect = "";

  private Tail tail = new Tail(Said.DIALECTS, 0);
  private int number;
  private long seq;

  /** For JMH. */
  public TailBenchmark() {}

  /** An empty log. */
  @Setup
  public void prepare() {
    tail = new Tail(Said.DIALECTS, Limits.defaults().tailBytes());
    number = Said.dialect(dialect);
    seq = 0;
  }

  /** An entry is committed, and so many followers look at it: the first has it encoded, the others share the text. */
  @Benchmark
  public void appendAndLook(Blackhole seen) {
    Cursor before = Said.at(seq);
    seq++;
    tail.committed(before, List.of(Said.entry(seq)));
    for (int follower = 0; follower < FOLLOWERS; follower++) {
      Tail.Look look = tail.look(before, number, RUN_BYTES);
      if (!(look instanceof Tail.Look.Here here) || here.run().shown() != 1) {
        throw new IllegalStateException("entry " + seq + " is not here");
      }
      seen.consume(here.run());
    }
  }
}
