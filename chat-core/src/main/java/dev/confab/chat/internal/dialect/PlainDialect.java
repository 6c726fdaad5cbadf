package dev.confab.chat.internal.dialect;

import dev.confab.chat.model.EntryKind;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Reply;
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
  private static final Manners MANNERS = new Manners(Optional.empty(), false, false, false, false);

  private static final ReplyText REPLIES = new ReplyText(PlainDialect::shows);

  /** The dialect; one is enough for all connections. */
  public PlainDialect() {}

  @Override
  public Manners manners() {
    return MANNERS;
  }

  @Override
  public List<Decoded> decode(String frame) {
    return List.of(RequestReader.read(frame));
  }

  @Override
  public Optional<String> encode(Event event) {
    if (event instanceof Event.Recorded recorded) {
      return shows(recorded.entry().kind())
          ? Optional.of(EventText.entry(recorded.entry()))
          : Optional.empty();
    }
    boolean shown = event instanceof Event.Unlogged
        || event instanceof Event.Signalled
        || event instanceof Event.Joined
        || event instanceof Event.Left
        || event instanceof Event.PresenceCount;
    return shown ? Optional.of(EventText.of(event)) : Optional.empty();
  }

  @Override
  public String encode(Reply reply) {
    return REPLIES.of(reply);
  }

  private static boolean shows(EntryKind kind) {
    return kind == EntryKind.MESSAGE;
  }
}
