package dev.confab.chat.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.dialect.Dialects;
import dev.confab.chat.internal.dialect.PlainDialect;
import dev.confab.chat.internal.intake.Intake;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.PlainData;
import dev.confab.chat.spi.ChatListener.Happening;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.testkit.CapturedLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is left of a connection that could not be greeted. */
final class GreetingTest {
  /** Greets, and fails to. */
  private static final class Mute implements Dialect {
    private final Dialect plain = new PlainDialect();

    @Override
    public Manners manners() {
      return plain.manners().greeting();
    }

    @Override
    public Conversation open(Opening opening) {
      return plain.open(opening);
    }

    @Override
    public Optional<String> encode(Event event) {
      if (event instanceof Event.Welcome) {
        throw new IllegalStateException("speechless");
      }
      return plain.encode(event);
    }
  }

  @Test
  void a_connection_that_can_not_be_greeted_is_closed_and_told_to_have_ended() {
    // It threw into the transport, which had nothing to tell of by then: the session stayed for
    // ever, counted for its address, and nobody was told that it had ended.
    List<Happening> happened = new ArrayList<>();
    World.Parts parts = new World.Parts();
    parts.listeners.add(happened::add);
    parts.dialects = new Dialects(PlainData.AS_SENT, List.of(), Map.of("/mute", new Mute()));
    World world = new World(parts);
    try (CapturedLog log = new CapturedLog(Intake.class)) {
      World.Client client = world.connect(Handshake.of("/mute", Optional.empty()));
      world.run();
      assertThat(client.closedWith()).isEqualTo(4100);
      assertThat(log.records()).hasSize(1);
    }
    assertThat(world.engine().sessions().count()).isZero();
    assertThat(happened).hasSize(2);
    assertThat(happened.get(0)).isInstanceOf(Happening.Connected.class);
    assertThat(happened.get(1)).isInstanceOf(Happening.Disconnected.class);
    assertThat(world.engine().intake().isIdle()).isTrue();
    // Others are none the worse.
    World.hears(world.plain().asks("{'op':'ping'}"), "{'op':'pong'}");
  }
}
