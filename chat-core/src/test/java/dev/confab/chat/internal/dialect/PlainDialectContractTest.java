package dev.confab.chat.internal.dialect;

import dev.confab.chat.model.EntryKind;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.testkit.DialectContract;
import java.util.List;
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
  protected List<String> frames() {
    return requests();
  }

  @Override
  protected List<String> showing(String secret) {
    return logins(secret);
  }

  /** A frame of each op. */
  static List<String> requests() {
    return List.of(
        "{\"op\":\"logout\"}",
        "{\"op\":\"subscribe\",\"args\":[\"room_1\"]}",
        "{\"op\":\"unsubscribe\",\"args\":[\"room_1\"]}",
        "{\"op\":\"sendtoroom\",\"args\":[\"room_1\",\"hello\"]}",
        "{\"op\":\"signal\",\"args\":[\"room_1\",\"typing\"]}",
        "{\"op\":\"history\",\"args\":[\"room_1\"]}",
        "{\"op\":\"presence\",\"args\":[\"room_1\"]}",
        "{\"op\":\"dice\",\"args\":[6]}");
  }

  static List<String> logins(String secret) {
    return List.of(
        "{\"op\":\"auth\",\"args\":[\"ann\",\"" + secret + "\"]}",
        "{\"op\":\"auth\",\"token\":\"" + secret + "\"}");
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
