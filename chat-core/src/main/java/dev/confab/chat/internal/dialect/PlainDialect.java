package dev.confab.chat.internal.dialect;

import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.PlainData;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import java.util.List;
import java.util.Optional;

/**
 * The dialect of clients that offer no subprotocol: one JSON object a frame, both ways. They are shown messages, signals
 * and presence, and nothing that such a client never asked for.
 *
 * <p><b>Threads.</b> Any, several at once; it holds no state.
 */
public final class PlainDialect implements Dialect {
  private final PlainData data;

  /** All it does depends on the frame alone: one is enough for all connections. */
  private final Conversation conversation;

  /** The dialect; one is enough for all connections. */
  public PlainDialect() {
    this(PlainData.AS_SENT);
  }

  /** The dialect with {@code data} in this form. */
  public PlainDialect(PlainData data) {
    this.data = data;
    this.conversation = new Stateless(
        frame -> List.of(RequestReader.read(frame)),
        new ReplyText(PlainDialect::shows, entry -> formed(entry, data)));
  }

  @Override
  public Manners manners() {
    return Manners.plain();
  }

  @Override
  public Conversation open(Opening opening) {
    return conversation;
  }

  @Override
  public Optional<String> encode(Event event) {
    if (event instanceof Event.Recorded recorded) {
      return shows(recorded.entry().kind())
          ? Optional.of(EventText.entry(formed(recorded.entry(), data)))
          : Optional.empty();
    }
    if (event instanceof Event.Unlogged unlogged) {
      return Optional.of(EventText.of(new Event.Unlogged(
          unlogged.channel(),
          unlogged.from(),
          unlogged.at(),
          formed(unlogged.from(), unlogged.data(), data))));
    }
    boolean shown = event instanceof Event.Signalled
        || event instanceof Event.Joined
        || event instanceof Event.Left
        || event instanceof Event.PresenceCount;
    return shown ? Optional.of(EventText.of(event)) : Optional.empty();
  }

  private static boolean shows(EntryKind kind) {
    return kind == EntryKind.MESSAGE;
  }

  private static Entry formed(Entry entry, PlainData form) {
    if (form == PlainData.AS_SENT || entry.from().isEmpty()) {
      return entry;
    }
    return new Entry(
        entry.channel(),
        entry.seq(),
        entry.id(),
        entry.kind(),
        entry.no(),
        entry.about(),
        entry.from(),
        entry.key(),
        entry.at(),
        formed(entry.from(), entry.data(), form));
  }

  private static Json formed(Optional<UserRef> from, Json said, PlainData form) {
    if (form == PlainData.AS_SENT || from.isEmpty()) {
      return said;
    }
    return Json.string(
        "uid:" + from.get().id() + ",message:" + said.asString().orElse(said.text()));
  }
}
