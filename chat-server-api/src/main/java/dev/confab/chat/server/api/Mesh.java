package dev.confab.chat.server.api;

import dev.confab.chat.Chat;
import dev.confab.chat.SessionInfo;
import dev.confab.chat.SignalCount;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/** connmix's {@code mesh.send} and {@code mesh.publish}, whichever way they come. Any thread. */
final class Mesh {
  /** Bad argument. */
  static final int BAD_ARGUMENT = 101;

  /** Send failed. */
  static final int SEND_FAILED = 401;

  private final Chat chat;
  private final UnaryOperator<String> channelNames;

  Mesh(Chat chat, UnaryOperator<String> channelNames) {
    this.chat = chat;
    this.channelNames = channelNames;
  }

  /** The channel a caller means. */
  ChannelName channel(String field, String name) {
    return Fields.made(field, channelNames.apply(name), ChannelName::of);
  }

  static ConnectionId connection(String field, String id) {
    return Fields.made(field, id, ConnectionId::new);
  }

  /**
   * Says {@code d} in channel {@code c}. What may be refused before it is recorded is thrown; the rest is the stage's.
   *
   * @return how many connections it reached, and for how many it was dropped
   */
  CompletionStage<SignalCount> publish(Fields call, Optional<SendKey> key) {
    ChannelName channel = channel("c", call.text("c"));
    Json data = data(call);
    CompletionStage<?> recorded;
    try {
      recorded = chat.publishLater(channel, data, key);
    } catch (RefusedException refused) {
      return CompletableFuture.completedStage(announce(channel, data, refused));
    }
    return recorded.thenApply(receipt -> new SignalCount(listeners(channel), 0, 0));
  }

  /** In a channel without log nothing is recorded, so it is said there the other way. */
  SignalCount announce(ChannelName channel, Json data, RefusedException refused) {
    if (refused.refusal().code() == ErrorCode.BAD_ARGS) {
      try {
        return chat.announce(channel, data);
      } catch (RefusedException keepsALog) {
        if (keepsALog.refusal().code() != ErrorCode.BAD_ARGS) {
          throw keepsALog;
        }
      }
    }
    throw refused;
  }

  private int listeners(ChannelName channel) {
    return chat.channels().find(channel).connections();
  }

  /** Sends {@code d} to connection {@code c}, if it is here and not behind; else refuses with {@code rejected}. */
  void send(Fields call) {
    ConnectionId connection = connection("c", call.text("c"));
    Json data = data(call);
    SessionInfo session = chat.connections()
        .find(connection)
        .orElseThrow(
            () -> new RefusedException(ErrorCode.REJECTED, "no such connection on this node"));
    ChannelName own = ChannelName.user(
        session.identity().map(Identity::id).orElseGet(() -> UserId.of(connection.value())));
    SignalCount count = chat.signal(Recipients.connection(connection).naming(own), data);
    if (count.given() == 0) {
      throw new RefusedException(
          ErrorCode.REJECTED, "the connection is gone, behind, or not shown signals");
    }
  }

  /** Text as it is. Clients get text only, so bytes travel as they were written, in an object that says so. */
  private static Json data(Fields call) {
    String text = call.string("d");
    String type = call.optionalText("t").orElse("text");
    if (type.equals("text")) {
      return Json.string(text);
    }
    if (!type.equals("binary")) {
      throw Fields.bad("t", "t must be text or binary");
    }
    try {
      Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException notBase64) {
      throw Fields.bad("d", "d must be base64 where t is binary");
    }
    return Json.parse(
        JsonText.object().put("type", "binary").put("base64", text).end());
  }

  static String reached(SignalCount count) {
    return JsonText.object().put("s", count.given()).put("f", count.dropped()).end();
  }

  static String done() {
    return "{\"s\":true}";
  }

  /** The number of connmix that says why: 101, or what stands for every other failure of this call. */
  static int number(RefusedException refused, int failed) {
    return switch (refused.refusal().code()) {
      case BAD_ARGS, BAD_FRAME, CHANNEL_NAME, TOO_LARGE, EMPTY_MESSAGE -> BAD_ARGUMENT;
      default -> failed;
    };
  }

  static String error(int number, String message) {
    return JsonText.object().put("c", number).put("m", message).end();
  }
}
