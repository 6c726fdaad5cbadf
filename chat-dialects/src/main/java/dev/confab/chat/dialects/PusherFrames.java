package dev.confab.chat.dialects;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.Result;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** What clients that speak Pusher's protocol are told, as text. For any thread. */
final class PusherFrames {
  static final String PING = "pusher:ping";

  /** What the names of clients' events begin with. */
  static final String CLIENT = "client-";

  /** Of clients' events that come too often, in Pusher's list. */
  private static final String TOO_OFTEN = "4301";

  private final Passes passes;

  PusherFrames(Passes passes) {
    this.passes = passes;
  }

  /** The first of a connection: what it is called, and how long it may be idle before it has to ask. */
  static String established(String socketId, Duration idle) {
    String data = new JsonObject()
        .text("socket_id", socketId)
        .json("activity_timeout", Long.toString(Math.max(1, idle.toSeconds())))
        .end();
    return frame("pusher:connection_established", data).end();
  }

  static String pong() {
    return frame("pusher:pong", "{}").end();
  }

  /**
   * What was refused.
   *
   * @param tooOften whether it was a client's event, and one too many
   */
  static String error(Refusal refusal, boolean tooOften) {
    return new JsonObject()
        .text("event", "pusher:error")
        .json(
            "data",
            new JsonObject()
                .json("code", tooOften ? TOO_OFTEN : "null")
                .text("message", refusal.sentence())
                .end())
        .end();
  }

  /** A subscription, and who is there. */
  String succeeded(ChannelName channel, Result.Subscribed in) {
    return frame("pusher_internal:subscription_succeeded", who(channel, in))
        .text("channel", channel.value())
        .end();
  }

  /** An event for every such client alike; empty if they are not shown it. */
  Optional<String> event(Event event) {
    if (event instanceof Event.Ping) {
      return Optional.of(frame(PING, "{}").end());
    } else if (event instanceof Event.Joined joined) {
      return PusherChannels.isPresence(joined.channel())
          ? Optional.of(frame("pusher_internal:member_added", added(joined))
              .text("channel", joined.channel().value())
              .end())
          : Optional.empty();
    } else if (event instanceof Event.Left left) {
      String data = new JsonObject().text("user_id", left.user().id().value()).end();
      return PusherChannels.isPresence(left.channel())
          ? Optional.of(frame("pusher_internal:member_removed", data)
              .text("channel", left.channel().value())
              .end())
          : Optional.empty();
    } else if (event instanceof Event.Signalled signal && signal.from().isPresent()) {
      return clientEvent(signal, signal.from().get());
    }
    return Told.of(event).map(PusherFrames::told);
  }

  /** All frames begin so; what they are about is JSON in a string. */
  private static JsonObject frame(String name, String data) {
    return new JsonObject().text("event", name).text("data", data);
  }

  private String added(Event.Joined joined) {
    Optional<SignedMember> signed = passes.member(joined.user().id(), joined.channel());
    return new JsonObject()
        .json(
            "user_id",
            signed
                .map(SignedMember::shownId)
                .orElseGet(() -> Json.string(joined.user().id().value()))
                .text())
        .json("user_info", info(signed, joined.user()))
        .end();
  }

  /** What was signed of a user, or, of users of other dialects, the name. */
  private static String info(Optional<SignedMember> signed, UserRef user) {
    return signed
        .map(member -> member.info().text())
        .orElseGet(() -> new JsonObject().text("name", user.name()).end());
  }

  /** Signals are shown where and as this protocol has them; users of other dialects may make such, too. */
  private static Optional<String> clientEvent(Event.Signalled signal, UserRef from) {
    if (!PusherChannels.needsSignature(signal.channel())) {
      return Optional.empty();
    }
    Map<String, Json> members = signal.data().members().orElse(Map.of());
    Optional<String> name = Optional.ofNullable(members.get("event"))
        .flatMap(Json::asString)
        .filter(text -> text.startsWith(CLIENT));
    Json data = members.getOrDefault("data", Json.NULL);
    return name.map(known -> {
      JsonObject out =
          frame(known, data.text()).text("channel", signal.channel().value());
      return PusherChannels.isPresence(signal.channel())
          ? out.text("user_id", from.id().value()).end()
          : out.end();
    });
  }

  private static String told(Told told) {
    String name = "message";
    Json data = told.data();
    if (told.from().isEmpty()) {
      Map<String, Json> members = data.members().orElse(Map.of());
      Optional<String> named = Optional.ofNullable(members.get("event"))
          .flatMap(Json::asString)
          .filter(text -> !text.startsWith("pusher") && members.containsKey("data"));
      if (named.isPresent()) {
        name = named.get();
        data = members.getOrDefault("data", Json.NULL);
      }
    }
    JsonObject out = frame(name, data.text()).text("channel", told.channel().value());
    told.from()
        .ifPresent(user -> out.json(
            "from",
            new JsonObject()
                .text("id", user.id().value())
                .text("name", user.name())
                .end()));
    if (told.from().isPresent()) {
      told.id().ifPresent(id -> out.text("id", id));
      told.at().ifPresent(at -> out.json("time", Told.millis(at)));
    }
    return out.end();
  }

  /** Who is there, itself included; nothing where that is not told. */
  private String who(ChannelName channel, Result.Subscribed in) {
    Optional<Result.PresencePage> page = in.channels().values().stream()
        .flatMap(each -> each.presence().stream())
        .findFirst();
    if (!PusherChannels.isPresence(channel) || page.isEmpty()) {
      return "{}";
    }
    StringBuilder ids = new StringBuilder("[");
    JsonObject hash = new JsonObject();
    for (Result.PresentUser present : page.get().users()) {
      UserRef user = present.user();
      ids.append(ids.length() > 1 ? "," : "")
          .append(Json.string(user.id().value()).text());
      hash.json(user.id().value(), info(passes.member(user.id(), channel), user));
    }
    String presence = new JsonObject()
        .json("count", Long.toString(page.get().count()))
        .json("ids", ids.append(']').toString())
        .json("hash", hash.end())
        .end();
    return new JsonObject().json("presence", presence).end();
  }
}
