package dev.confab.chat.benchmarks.micro;

import dev.confab.chat.internal.outlet.Flights;
import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.internal.time.SystemTime;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Frame;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What it costs to queue frames for one connection and to write them, without what the connection costs. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class OutletBenchmark {
  private static final int FRAME_BYTES = 280;

  /** What the client speaks. */
  @Param({"plain", "chat.v1"})
  public String dialect = "";

  /** How many frames wait when it is their turn. */
  @Param({"1", "16"})
  public int waiting;

  private final Frame frame = Frame.of("x".repeat(FRAME_BYTES));
  private final Deque<Runnable> pumps = new ArrayDeque<>();
  private final SystemTime time = new SystemTime(Thread::new);
  private Taker connection = new Taker();
  private Outlet outlet = outlet(connection, Said.DIALECTS.get(0));
  private long queued;

  /** For JMH. */
  public OutletBenchmark() {}

  /** An idle outlet. */
  @Setup
  public void prepare() {
    connection = new Taker();
    outlet = outlet(connection, Said.DIALECTS.get(Said.dialect(dialect)));
    queued = 0;
  }

  private Outlet outlet(Taker to, Dialect spoken) {
    Limits limits = Limits.defaults();
    return new Outlet(
        to,
        spoken,
        failure -> {
          throw new IllegalStateException(failure);
        },
        pumps::add,
        new Flights(limits),
        limits,
        time);
  }

  /** Frames are queued, and a pump writes them. */
  @Benchmark
  public void queueAndPump() {
    for (int number = 0; number < waiting; number++) {
      outlet.queue(frame, null);
    }
    queued += waiting;
    for (Runnable pump = pumps.poll(); pump != null; pump = pumps.poll()) {
      pump.run();
    }
  }

  /** Looks that everything was written. */
  @TearDown
  public void check() {
    time.close();
    // Where frames are joined a line break is between two.
    if (connection.bytes() < queued * FRAME_BYTES || connection.writes() == 0) {
      throw new IllegalStateException(
          "queued " + queued + " frames, but " + connection.bytes() + " bytes were written");
    }
  }
}
