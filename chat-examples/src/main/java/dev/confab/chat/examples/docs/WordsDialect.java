package dev.confab.chat.examples.docs;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.InvalidNameException;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.Reply;
import dev.confab.chat.protocol.RequestId;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.Dialect;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A dialect for people at a terminal: {@code 7 ping}, {@code 8 join room_1}. */
// docs:begin dialect
public final class WordsDialect implements Dialect {
  private static final Manners MANNERS =
      new Manners(Optional.of("words"), false, false, false, false);

  @Override
  public Manners manners() {
    return MANNERS;
  }

  @Override
  public List<Decoded> decode(String frame) {
    String[] words = frame.strip().split(" +", 3);
    if (words.length < 2 || !words[0].matches("[0-9]{1,9}")) {
      return List.of(malformed(Optional.empty()));
    }
    Optional<RequestId> id = Optional.of(new RequestId(words[0]));
    if (words.length == 2 && words[1].equals("ping")) {
      return List.of(new Decoded.Request("ping", id, new Command.Ping()));
    }
    if (words.length == 3 && words[1].equals("join")) {
      try {
        List<ChannelName> channels = List.of(ChannelName.of(words[2]));
        return List.of(new Decoded.Request(
            "join", id, new Command.Subscribe(channels, Map.of(), OptionalLong.empty(), false)));
      } catch (InvalidNameException notAName) {
        return List.of(malformed(id));
      }
    }
    return List.of(malformed(id));
  }

  private static Decoded malformed(Optional<RequestId> id) {
    return new Decoded.Malformed(Optional.empty(), id, Refusal.of(ErrorCode.BAD_FRAME));
  }

  /** Messages alone are shown. */
  @Override
  public Optional<String> encode(Event event) {
    return event instanceof Event.Recorded recorded
        ? Optional.of(recorded.entry().channel() + ": " + text(recorded.entry().data()))
        : Optional.empty();
  }

  private static String text(Json data) {
    return data.asString().orElseGet(data::text);
  }

  @Override
  public String encode(Reply reply) {
    String id = reply.id().map(RequestId::json).orElse("?");
    return reply.result() instanceof Result.Refused refused
        ? id + " " + refused.refusal().code().code()
        : id + " ok";
  }
}
// docs:end dialect
