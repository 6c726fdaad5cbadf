package dev.confab.chat.internal.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.dialect.PlainDialect;
import dev.confab.chat.internal.outlet.Flights;
import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.internal.session.Happenings;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.testkit.QueueExecutor;
import dev.confab.chat.testkit.VirtualTime;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a lane keeps of what it is offered. */
final class LaneTest {
  private static final Connection NOBODY = new Connection() {
    @Override
    public void write(List<Frame> frames, Done done) {
      done.done(null);
    }

    @Override
    public void ping() {}

    @Override
    public void close(CloseReason reason) {}
  };

  private final VirtualTime time = new VirtualTime();
  private final Limits limits = Limits.builder().waitingCommands(1).build();

  /** Never run: what is offered waits. */
  private final QueueExecutor doors = new QueueExecutor("doors");

  private final Session session = new Session(
      new ConnectionId("c1"),
      new Handshake(
          "/", Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), Map.of(), Map.of()),
      owner -> new Outlet(
          NOBODY,
          new PlainDialect(),
          owner,
          new QueueExecutor("pumps"),
          new Flights(limits),
          limits,
          time),
      ended -> {},
      0,
      0);

  /** Without commands: none is reached. */
  private final Lane lane = new Lane(
      session,
      new PlainDialect()
          .open(new Dialect.Opening(new ConnectionId("c1"), Handshake.of("/", Optional.empty()))),
      new Lane.Parts(
          null,
          new Gate(1),
          new Gate(1),
          doors,
          new Happenings(List.of(), doors, 1),
          new RefusalCount(),
          limits,
          time));

  @Test
  void what_is_refused_because_too_much_waits_keeps_none_of_its_data() {
    // It counted for nothing and was kept whole: four times the bound of waiting commands, with
    // 64 KiB each, were 256 MiB for one connection that did not read its refusals.
    lane.offer(send(), 10);
    WeakReference<Decoded> refused = offered();
    expectForgotten(refused);
    assertThat(lane.isIdle()).isFalse();
  }

  @Test
  void connection_that_waits_for_nothing_keeps_nothing_of_what_it_asked_last() {
    WeakReference<Decoded> answered = offered();
    doors.runAll();
    assertThat(lane.isIdle()).isTrue();
    expectForgotten(answered);
  }

  private static void expectForgotten(WeakReference<Decoded> offered) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (offered.get() != null && System.nanoTime() - deadline < 0) {
      System.gc();
    }
    assertThat(offered.get()).isNull();
  }

  private WeakReference<Decoded> offered() {
    Decoded decoded = send();
    lane.offer(decoded, 10);
    return new WeakReference<>(decoded);
  }

  private static Decoded send() {
    return new Decoded.Request(
        "publish",
        Optional.empty(),
        new Command.Send(ChannelName.of("room_1"), Json.string("text"), Optional.empty()));
  }
}
