package dev.confab.chat.dialects;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ChatException;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Dialect.Opening;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;

/** How the requests of protocols without ids are made. */
final class Requests {
  /** The op of what is no request of the client's own. */
  static final String STEP = "step";

  private static final String TOKEN = "token";

  private Requests() {}

  /** What one frame asks, with whatever refused it made into an answer: never throws. */
  static List<Decoded> read(String frame, Function<Fields, Decoded> reader) {
    return reading(() -> reader.apply(Fields.of(frame)));
  }

  /** What is asked, with whatever refused it made into an answer: never throws. */
  static List<Decoded> reading(Supplier<Decoded> reader) {
    try {
      return List.of(reader.get());
    } catch (RefusedException refused) {
      return List.of(malformed(refused.refusal()));
    } catch (ChatException wrongName) {
      return List.of(malformed(Refusal.of(
          ErrorCode.BAD_ARGS, Optional.ofNullable(wrongName.getMessage()).orElse(""))));
    }
  }

  static Decoded.Request request(String op, Command command) {
    return new Decoded.Request(op, Optional.empty(), command);
  }

  static Decoded.Request login(String op, Credentials credentials) {
    return request(op, new Command.Authenticate(credentials));
  }

  /** The login an opening request asks for with what it shows; none if the container knows who it is. */
  static Optional<Decoded.Request> login(String op, Opening opening) {
    return opening.handshake().principal().isPresent()
        ? Optional.empty()
        : shown(opening.handshake()).map(credentials -> login(op, credentials));
  }

  static Decoded malformed(Refusal refusal) {
    return new Decoded.Malformed(Optional.empty(), Optional.empty(), refusal);
  }

  static Command subscribe(ChannelName... channels) {
    return new Command.Subscribe(List.of(channels), Map.of(), OptionalLong.empty(), false);
  }

  static Command subscribeSince(ChannelName channel, Cursor since) {
    return new Command.Subscribe(
        List.of(channel), Map.of(channel, since), OptionalLong.empty(), false);
  }

  static Command watch(ChannelName channel) {
    return new Command.Subscribe(List.of(channel), Map.of(), OptionalLong.empty(), true);
  }

  static Command unsubscribe(ChannelName... channels) {
    return new Command.Unsubscribe(List.of(channels));
  }

  static Command say(ChannelName channel, Json data) {
    return new Command.Send(channel, data, Optional.empty());
  }

  static ChannelName room(String id) {
    return ChannelName.of(ChannelName.ROOM_PREFIX + id);
  }

  static ChannelName user(String id) {
    return ChannelName.user(new UserId(id));
  }

  /** What an opening request shows by itself: a token in its query. */
  static Optional<Credentials> shown(Handshake handshake) {
    return handshake.parameter(TOKEN).filter(token -> !token.isEmpty()).map(Credentials.Token::new);
  }

  /** Who an opening request proves to be: whom the container knows, or who shows a token in its query. */
  static Optional<Credentials> proven(Handshake handshake) {
    return handshake.principal().isPresent()
        ? Optional.of(new Credentials.Proof(handshake))
        : shown(handshake);
  }
}
