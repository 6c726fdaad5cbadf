package dev.confab.chat.protocol;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * Why a connection ends. The hundred of a code in 4000–4499 decides what a client does next.
 *
 * @param code a WebSocket close code that an endpoint may send
 * @param text for people; at most {@value #MAX_TEXT_BYTES} bytes of UTF-8, cut at the border of a character
 * @param after when coming back makes sense
 */
public record CloseReason(int code, String text, Optional<Duration> after) {
  /** How many bytes of text a close frame carries. */
  public static final int MAX_TEXT_BYTES = 123;

  /** The client closed, or the host ended it without a reason to stay away. */
  public static final CloseReason NORMAL = of(1000, "");
  /** A binary frame, which this protocol does not have. */
  public static final CloseReason BINARY = of(1003, "binary frames are not taken");
  /** A frame above the limit. */
  public static final CloseReason TOO_LARGE = of(1009, "frame too large");
  /** The server stops. */
  public static final CloseReason STOPPING =
      of(4000, "server stopping").comeBackAfter(Duration.ofSeconds(3));
  /** Nothing was heard for too long. */
  public static final CloseReason HEARTBEAT_LOST = of(4003, "heartbeat lost");
  /** A write was not taken in time. */
  public static final CloseReason STALLED =
      of(4004, "stalled").comeBackAfter(Duration.ofSeconds(1));
  /** A bug of ours. */
  public static final CloseReason INTERNAL = of(4100, "internal error");
  /** Too much waits for it, or too many came. */
  public static final CloseReason OVERLOADED = of(4101, "overloaded");
  /** No login in time. */
  public static final CloseReason LOGIN_TIMEOUT = of(4102, "login timeout");
  /** Requests come faster than they can be refused. */
  public static final CloseReason FLOODING = of(4103, "flooding");
  /** Too many logins failed. */
  public static final CloseReason FAILED_LOGINS = of(4103, "too many failed logins");

  /** The login ran out. */
  public static final CloseReason EXPIRED = of(4200, "login expired");
  /** The login was taken back. */
  public static final CloseReason REVOKED = of(4202, "login revoked");
  /** The log went backwards or lost a part, which this client can not be told otherwise. */
  public static final CloseReason LOG_RESET = of(4300, "log reset");
  /** Not a client of this protocol. */
  public static final CloseReason ABUSE = of(4400, "protocol abuse");
  /** Sent away by the host. */
  public static final CloseReason KICKED = of(4403, "kicked");
  /** Sent away for good. */
  public static final CloseReason BANNED = of(4404, "banned");

  /** Refuses codes that must not be sent and cuts the text. */
  public CloseReason {
    boolean standard = code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
    if (!standard && (code < 3000 || code > 4999)) {
      throw new IllegalArgumentException("not a close code that may be sent: " + code);
    }
    text = cut(text);
  }

  /** This code with this text. */
  public static CloseReason of(int code, String text) {
    return new CloseReason(code, text, Optional.empty());
  }

  /** The same, saying when coming back makes sense. */
  public CloseReason comeBackAfter(Duration time) {
    return new CloseReason(code, text, Optional.of(time));
  }

  private static String cut(String text) {
    if (text.getBytes(StandardCharsets.UTF_8).length <= MAX_TEXT_BYTES) {
      return text;
    }
    int bytes = 0;
    int end = 0;
    while (end < text.length()) {
      int point = text.codePointAt(end);
      int more = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (bytes + more > MAX_TEXT_BYTES) {
        break;
      }
      bytes += more;
      end += Character.charCount(point);
    }
    return text.substring(0, end);
  }
}
