package dev.confab.chat.internal.dialect;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Event;
import java.util.Optional;

/**
 * Events as text, the same for every dialect that shows them. An entry is encoded once and read by everybody in the room:
 * its text is kept lean.
 */
final class EventText {
  private static final String PING = "{\"event\":\"ping\"}";

  private static final String FEATURES = "[\"history\",\"presence\",\"signal\",\"resume\"]";

  /** What an event takes beside its data, names included, in the usual case. */
  private static final int ROOM = 224;

  private EventText() {}

  static String of(Event event) {
    if (event instanceof Event.Recorded recorded) {
      return entry(recorded.entry());
    } else if (event instanceof Event.Signalled signalled) {
      return signalled(signalled);
    } else if (event instanceof Event.Unlogged unlogged) {
      return unlogged(unlogged);
    } else if (event instanceof Event.Joined joined) {
      return presence("join", joined.channel(), joined.user());
    } else if (event instanceof Event.Left left) {
      return presence("leave", left.channel(), left.user());
    } else if (event instanceof Event.PresenceCount presence) {
      StringBuilder out = begin("presence", presence.channel(), 0);
      return out.append(",\"count\":").append(presence.count()).append('}').toString();
    } else if (event instanceof Event.Live live) {
      StringBuilder out = begin("live", live.channel(), 0);
      return out.append(",\"seq\":").append(live.seq()).append('}').toString();
    } else if (event instanceof Event.Reset reset) {
      StringBuilder out = begin("reset", reset.channel(), 0);
      out.append(",\"head\":").append(reset.head().seq()).append(",\"cursor\":");
      cursor(reset.head().cursor(), out);
      return out.append('}').toString();
    } else if (event instanceof Event.Trimmed trimmed) {
      StringBuilder out = begin("trimmed", trimmed.channel(), 0);
      out.append(",\"from\":").append(trimmed.range().from());
      return out.append(",\"to\":").append(trimmed.range().to()).append('}').toString();
    } else if (event instanceof Event.Ping) {
      return PING;
    } else if (event instanceof Event.Expiring expiring) {
      return "{\"event\":\"expiring\",\"expires_at\":" + Text.millis(expiring.at()) + "}";
    } else if (event instanceof Event.Welcome welcome) {
      return welcome(welcome);
    }
    return bye(((Event.Bye) event).reason());
  }

  static String entry(Entry entry) {
    StringBuilder out = new StringBuilder(ROOM + entry.data().text().length());
    entry(entry, out);
    return out.toString();
  }

  /** Appends what an entry's event is, for replies that hold entries too. */
  static void entry(Entry entry, StringBuilder out) {
    if (entry.kind() == EntryKind.REDACTION) {
      redaction(entry, out);
      return;
    }
    begin("subscribe", entry.channel(), out);
    out.append(",\"seq\":").append(entry.seq()).append(",\"id\":\"");
    // Its alphabet needs no escapes.
    out.append(entry.id().value()).append('"');
    from(entry.from(), out);
    if (entry.kind() == EntryKind.COPY) {
      out.append(",\"to\":{\"id\":");
      Text.unchecked(entry.about(), out);
      out.append('}');
    }
    out.append(",\"at\":").append(Text.millis(entry.at()));
    if (entry.key().isPresent()) {
      out.append(",\"key\":\"").append(entry.key().get().value()).append('"');
    }
    data(entry.data(), out);
  }

  private static void redaction(Entry entry, StringBuilder out) {
    begin("redacted", entry.channel(), out);
    out.append(",\"seq\":").append(entry.seq()).append(",\"id\":\"");
    out.append(entry.id().value()).append('"');
    out.append(",\"at\":").append(Text.millis(entry.at())).append(",\"about\":");
    if (isSeq(entry.about())) {
      out.append(entry.about());
    } else {
      Text.unchecked(entry.about(), out);
    }
    out.append('}');
  }

  private static String unlogged(Event.Unlogged unlogged) {
    StringBuilder out =
        begin("subscribe", unlogged.channel(), unlogged.data().text().length());
    from(unlogged.from(), out);
    out.append(",\"at\":").append(Text.millis(unlogged.at()));
    data(unlogged.data(), out);
    return out.toString();
  }

  private static String signalled(Event.Signalled signalled) {
    StringBuilder out =
        begin("signal", signalled.channel(), signalled.data().text().length());
    from(signalled.from(), out);
    out.append(",\"seq\":").append(signalled.seq());
    data(signalled.data(), out);
    return out.toString();
  }

  private static String welcome(Event.Welcome welcome) {
    StringBuilder out = new StringBuilder(2 * ROOM);
    out.append("{\"event\":\"welcome\",\"version\":1,\"connection\":");
    Json.quote(welcome.connection().value(), out);
    out.append(",\"time\":").append(Text.millis(welcome.time()));
    out.append(",\"heartbeat_ms\":").append(Text.millis(welcome.heartbeat()));
    out.append(",\"max_frame_bytes\":").append(welcome.maxFrameBytes());
    out.append(",\"max_data_bytes\":").append(welcome.maxDataBytes());
    out.append(",\"login_within_ms\":").append(Text.millis(welcome.loginWithin()));
    out.append(",\"features\":").append(FEATURES);
    if (welcome.user().isPresent()) {
      out.append(",\"user\":");
      Text.user(welcome.user().get(), out);
    }
    if (welcome.expiresAt().isPresent()) {
      out.append(",\"expires_at\":").append(Text.millis(welcome.expiresAt().get()));
    }
    return out.append('}').toString();
  }

  private static String bye(CloseReason reason) {
    StringBuilder out = new StringBuilder(ROOM);
    out.append("{\"event\":\"bye\",\"code\":").append(reason.code()).append(",\"reason\":");
    Text.unchecked(reason.text(), out);
    if (reason.after().isPresent()) {
      out.append(",\"after_ms\":").append(Text.millis(reason.after().get()));
    }
    return out.append('}').toString();
  }

  private static String presence(String event, ChannelName channel, UserRef user) {
    StringBuilder out = begin(event, channel, 0);
    out.append(",\"user\":");
    Text.user(user, out);
    return out.append('}').toString();
  }

  private static StringBuilder begin(String event, ChannelName channel, int dataChars) {
    StringBuilder out = new StringBuilder(ROOM + dataChars);
    begin(event, channel, out);
    return out;
  }

  private static void begin(String event, ChannelName channel, StringBuilder out) {
    out.append("{\"event\":\"").append(event).append("\",\"channel\":");
    Text.channel(channel, out);
  }

  private static void from(Optional<UserRef> from, StringBuilder out) {
    if (from.isPresent()) {
      out.append(",\"from\":");
      Text.user(from.get(), out);
    }
  }

  private static void data(Json data, StringBuilder out) {
    out.append(",\"data\":").append(data.text()).append('}');
  }

  /** Appends a cursor, whose alphabet needs no escapes. */
  static void cursor(Cursor cursor, StringBuilder out) {
    out.append('"').append(cursor.seq());
    if (cursor.id().isPresent()) {
      out.append('.').append(cursor.id().get().value());
    }
    out.append('"');
  }

  private static boolean isSeq(String about) {
    if (about.isEmpty() || about.length() > 19 || about.charAt(0) == '0') {
      return false;
    }
    for (int i = 0; i < about.length(); i++) {
      if (about.charAt(i) < '0' || about.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }
}
