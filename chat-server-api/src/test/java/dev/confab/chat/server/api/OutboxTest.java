package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Frame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a worker still has to be told. */
final class OutboxTest {
  @Test
  void many_short_frames_that_are_not_read_are_too_much_as_few_long_ones_are() {
    List<CloseReason> troubles = new ArrayList<>();
    Connection hangs = new Connection() {
      @Override
      public void write(List<Frame> frames, Done done) {
        // Never done.
      }

      @Override
      public void ping() {}

      @Override
      public void close(CloseReason reason) {}
    };
    Outbox outbox = new Outbox(hangs, troubles::add);
    for (int i = 0; i < 300_000 && troubles.isEmpty(); i++) {
      outbox.add("x", null);
    }
    assertThat(troubles).containsExactly(CloseReason.OVERLOADED);
  }
}
