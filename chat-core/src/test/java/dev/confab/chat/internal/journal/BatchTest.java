package dev.confab.chat.internal.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryId;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a batch remembers of attempts whose outcome is unknown. */
final class BatchTest {
  private static final ChannelName ROOM = ChannelName.of("room_1");

  private final Random random = new Random(3);

  private Cursor at(long seq) {
    return Cursor.of(seq, EntryId.random(random));
  }

  @Test
  void what_may_be_ours_is_looked_for_behind_the_lowest_head_that_an_attempt_saw() {
    // The log went back between two attempts: the second recorded its message below the head the
    // first
    // had seen, was not answered either, and the third did not find it and recorded it again.
    Batch batch = new Batch(List.of(), List.of());
    Cursor first = at(10);
    Cursor second = at(6);
    batch.unknown(Map.of(ROOM, first), 0);
    batch.unknown(Map.of(ROOM, at(12)), 1);
    assertThat(batch.seen()).containsExactly(Map.entry(ROOM, first));
    batch.unknown(Map.of(ROOM, second), 2);
    batch.unknown(Map.of(ROOM, at(8)), 3);
    assertThat(batch.seen()).containsExactly(Map.entry(ROOM, second));
  }
}
