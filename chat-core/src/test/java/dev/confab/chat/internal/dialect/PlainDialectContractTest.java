package dev.confab.chat.internal.dialect;

import dev.confab.chat.model.EntryKind;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.testkit.DialectContract;
import java.util.Set;

final class PlainDialectContractTest extends DialectContract {
  private static final Set<Class<? extends Event>> SHOWN = Set.of(
      Event.Recorded.class,
      Event.Unlogged.class,
      Event.Signalled.class,
      Event.Joined.class,
      Event.Left.class,
      Event.PresenceCount.class);

  @Override
  protected Dialect dialect() {
    return new PlainDialect();
  }

  @Override
  protected String request(int id) {
    return "{\"op\":\"ping\",\"id\":" + id + "}";
  }

  @Override
  protected boolean shows(Event event) {
    return shown(event);
  }

  static boolean shown(Event event) {
    return SHOWN.contains(event.getClass())
        && (!(event instanceof Event.Recorded recorded)
            || recorded.entry().kind() == EntryKind.MESSAGE);
  }
}
