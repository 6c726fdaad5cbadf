package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.store.jdbi.Retention.Keep;
import java.time.Duration;
import java.util.List;

/** Has retention itself remove entries, by keeping just so many of one channel. */
final class RealTrimming {
  private RealTrimming() {}

  static void trim(JdbiMessageStore.Builder store, ChannelName channel, long upTo) {
    try (JdbiMessageStore asking = store.schema(JdbiMessageStore.Tables.VERIFY).build()) {
      long head = asking.heads(List.of(channel)).get(channel).seq();
      Keep keep = Keep.newest(head - upTo);
      try (JdbiMessageStore trimming =
          store.retention(Retention.everything().with(channel.value(), keep)).build()) {
        trimming.trim(Said.AT.plus(Duration.ofHours(1)));
      }
    }
  }
}
