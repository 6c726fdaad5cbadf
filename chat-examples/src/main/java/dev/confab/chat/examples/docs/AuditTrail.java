package dev.confab.chat.examples.docs;

import dev.confab.chat.Chat;
import dev.confab.chat.Following;
import dev.confab.chat.LogConsumer;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Head;
import java.util.function.Consumer;

/** Reads a room's log from where it stopped last time. */
public final class AuditTrail {
  private AuditTrail() {}

  // docs:begin follow
  /** Takes every entry of a channel once it is committed, in order; what throws is told again. */
  static Following follow(Chat chat, ChannelName channel, Cursor last, Consumer<Entry> audit) {
    return chat.follow(channel, last, new LogConsumer() {
      @Override
      public void recorded(Entry entry) {
        audit.accept(entry); // keep entry.cursor() together with what is done here
      }

      @Override
      public void reset(ChannelName where, Head head) {
        System.err.println(where + " went backwards; going on behind " + head.cursor());
      }
    });
  }
  // docs:end follow
}
