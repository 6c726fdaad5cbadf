package dev.confab.chat.dialects;

import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The events of laravel-swoole on a plain WebSocket: {@code {"event":"message","data":…}}, both ways. An event of a client is an op
 * of the application's own, by the event's name and with its data as the one argument: {@code ChatBuilder.on("message", …)}. What
 * the op returns is emitted to the sender under the same name; nothing is, if that is null.
 *
 * <p>What the host says is written as it is if it is an object with {@code event}, else as the data of {@code message}. What users
 * of other dialects say is the data of {@code message}, with who, where and when behind it.
 *
 * <p>Who opens the connection with a {@code token} in its query, or is known to the container, is that user; everybody else is a
 * guest. What is refused is {@code {"event":"error","data":{"event":…,"code":…,"message":…}}}.
 */
public final class SwooleEvents implements Dialect {
  private static final String EVENT = "event";

  /** As long as an op of an application may be. */
  private static final int MAX_EVENT_CHARS = 64;

  /** The dialect. */
  public SwooleEvents() {}

  @Override
  public Manners manners() {
    return Manners.plain().ignoringBinary();
  }

  @Override
  public Conversation open(Opening opening) {
    return new Talk(Arrival.visitor(Requests.STEP, opening));
  }

  @Override
  public Optional<String> encode(Event event) {
    return Told.of(event).map(SwooleEvents::told);
  }

  private static String told(Told told) {
    if (told.from().isEmpty()) {
      Optional<Map<String, Json>> members = told.data().members();
      return members.filter(all -> all.containsKey(EVENT)).isPresent()
          ? told.data().text()
          : emitted("message", told.data()).end();
    }
    JsonObject out = emitted("message", told.data())
        .json(
            "from",
            new JsonObject()
                .text("id", told.from().get().id().value())
                .text("name", told.from().get().name())
                .end())
        .text("channel", told.channel().value());
    told.id().ifPresent(id -> out.text("id", id));
    told.at().ifPresent(at -> out.json("time", Told.millis(at)));
    return out.end();
  }

  private static JsonObject emitted(String event, Json data) {
    return new JsonObject().text(EVENT, event).json("data", data.text());
  }

  /** One connection. */
  private static final class Talk implements Conversation {
    private final Arrival arrival;

    Talk(Arrival arrival) {
      this.arrival = arrival;
    }

    @Override
    public List<Decoded> opened() {
      return arrival.once();
    }

    @Override
    public List<Decoded> decode(String frame) {
      return Requests.read(frame, fields -> {
        String event = fields.requireText(EVENT);
        if (event.length() > MAX_EVENT_CHARS) {
          throw new RefusedException(ErrorCode.UNKNOWN_OP);
        }
        Json data = fields.json("data").orElse(Json.NULL);
        return Requests.request(event, new Command.Custom(event, List.of(data)));
      });
    }

    @Override
    public Answer answer(Decoded asked, Result result) {
      if (result instanceof Result.Refused refused) {
        return Answer.of(new JsonObject()
            .text(EVENT, "error")
            .json("data", why(asked, refused.refusal()))
            .end());
      }
      return result instanceof Result.Custom done && !done.data().equals(Json.NULL)
          ? Answer.of(emitted(asked.named().orElse("message"), done.data()).end())
          : Answer.nothing();
    }

    private static String why(Decoded asked, Refusal refusal) {
      JsonObject why = new JsonObject();
      if (asked instanceof Decoded.Request request
          && request.command() instanceof Command.Custom custom) {
        why.text(EVENT, custom.op());
      }
      return why.text("code", refusal.code().code())
          .text("message", refusal.sentence())
          .end();
    }
  }
}
