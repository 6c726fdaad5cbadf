package dev.confab.chat.internal.dialect;

import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The dialect of clients that offer the subprotocol {@value #SUBPROTOCOL}: one or more JSON objects a frame, each on one
 * line, and every entry and event there is.
 *
 * <p><b>Threads.</b> Any, several at once; it holds no state.
 */
public final class ChatV1Dialect implements Dialect {
  /** The subprotocol such clients offer. */
  public static final String SUBPROTOCOL = "chat.v1";

  private static final Manners MANNERS =
      Manners.plain().chosenBy(SUBPROTOCOL).joiningFrames().greeting().pinging().tellingResets();

  /** All it does depends on the frame alone: one is enough for all connections. */
  private static final Conversation CONVERSATION =
      new Stateless(ChatV1Dialect::read, new ReplyText(kind -> true, entry -> entry));

  /** The dialect; one is enough for all connections. */
  public ChatV1Dialect() {}

  @Override
  public Manners manners() {
    return MANNERS;
  }

  @Override
  public Conversation open(Opening opening) {
    return CONVERSATION;
  }

  /** What the lines ask, one result each; lines of nothing but white space ask nothing. */
  static List<Decoded> read(String frame) {
    int end = frame.indexOf('\n');
    if (end < 0) {
      return isBlank(frame, 0, frame.length()) ? List.of() : List.of(RequestReader.read(frame));
    }
    List<Decoded> decoded = new ArrayList<>();
    int start = 0;
    while (start < frame.length()) {
      if (!isBlank(frame, start, end)) {
        decoded.add(RequestReader.read(frame.substring(start, end)));
      }
      start = end + 1;
      int next = frame.indexOf('\n', start);
      end = next < 0 ? frame.length() : next;
    }
    return decoded;
  }

  @Override
  public Optional<String> encode(Event event) {
    return Optional.of(EventText.of(event));
  }

  /** White space as JSON knows it: any other is an object that is none, and answered. */
  private static boolean isBlank(String frame, int start, int end) {
    for (int i = start; i < end; i++) {
      char c = frame.charAt(i);
      if (c != ' ' && c != '\t' && c != '\r') {
        return false;
      }
    }
    return true;
  }
}
