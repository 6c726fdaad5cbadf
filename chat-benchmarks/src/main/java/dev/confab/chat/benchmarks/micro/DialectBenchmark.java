package dev.confab.chat.benchmarks.micro;

import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What it costs to put an entry into text, once for all who follow, and to read a send. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class DialectBenchmark {
  /** What clients speak. */
  @Param({"plain", "chat.v1"})
  public String dialect = "";

  private Dialect speech = Said.DIALECTS.get(0);
  private Conversation client = open();
  private Entry entry = Said.entry(1);
  private String send = "";

  /** For JMH. */
  public DialectBenchmark() {}

  private Conversation open() {
    return speech.open(new Dialect.Opening(
        new ConnectionId("connection"), Handshake.of("/chat", Optional.empty())));
  }

  /** Looks that what is measured is what is meant. */
  @Setup
  public void prepare() {
    speech = Said.DIALECTS.get(Said.dialect(dialect));
    client = open();
    entry = Said.entry(123_456);
    send = "{\"op\":\"sendtoroom\",\"args\":[\"room_1\",\"" + "x".repeat(128)
        + "\",{\"key\":\"k123\"}],\"id\":17}";
    List<Decoded> asked = decodeSend();
    if (asked.size() != 1 || !(asked.get(0) instanceof Decoded.Request)) {
      throw new IllegalStateException("this is no send: " + asked);
    }
    if (encodeEntry().isEmpty()) {
      throw new IllegalStateException("this is not shown");
    }
  }

  /** An entry becomes text. */
  @Benchmark
  public Optional<String> encodeEntry() {
    return speech.encode(new Event.Recorded(entry));
  }

  /** Text becomes a send. */
  @Benchmark
  public List<Decoded> decodeSend() {
    return client.decode(send);
  }
}
