package dev.confab.chat.dialects;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code {"uid":"2", …}}: an object that is forwarded to the user it names, whatever else is in it. It is recorded in that
 * user's own channel, and arrives with {@code from} and {@code at} of the server's making; a client's own, and whatever looks
 * like a secret ({@code token}, {@code api_token}, {@code access_token}, {@code password}), is taken out before anything else
 * sees it.
 *
 * <p>Who is connected is the user of the {@code token} in the opening request's query, or whom the container knows. Nothing is
 * answered but what is refused: {@code {"error":"…","code":"…"}}.
 */
public final class UidForwarding implements Dialect {
  private static final Set<String> NOT_FORWARDED =
      Set.of("from", "at", "token", "api_token", "access_token", "password");

  /** The dialect. */
  public UidForwarding() {}

  @Override
  public Manners manners() {
    return Manners.plain().ignoringBinary();
  }

  @Override
  public Conversation open(Opening opening) {
    Decoded.Request follow = Requests.request("open", Requests.subscribe(Command.OWN));
    List<Decoded> asked = Requests.login("open", opening)
        .<List<Decoded>>map(login -> List.of(new Decoded.Chain(List.of(login, follow))))
        .orElseGet(() -> opening.handshake().principal().isPresent() ? List.of(follow) : List.of());
    return new Talk(new Arrival(asked));
  }

  @Override
  public Optional<String> encode(Event event) {
    return Told.of(event).map(UidForwarding::told).filter(text -> !text.isBlank());
  }

  private static String told(Told told) {
    if (told.from().isEmpty()) {
      return told.text();
    }
    JsonObject out = new JsonObject();
    Optional<Map<String, Json>> members = told.data().members();
    if (members.isPresent()) {
      members.get().forEach((name, value) -> {
        if (!NOT_FORWARDED.contains(name)) {
          out.json(name, value.text());
        }
      });
    } else {
      told.channel().owner().ifPresent(id -> out.text("uid", id.value()));
      out.json("data", told.data().text());
    }
    UserRef from = told.from().get();
    out.json(
        "from",
        new JsonObject().text("id", from.id().value()).text("name", from.name()).end());
    told.at().ifPresent(at -> out.json("at", Told.millis(at)));
    return out.end();
  }

  /** One connection; it remembers nothing. */
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
        ChannelName to = Requests.user(fields.requireId("uid"));
        return Requests.request("forward", Requests.say(to, fields.without(NOT_FORWARDED)));
      });
    }

    @Override
    public Answer answer(Decoded asked, Result result) {
      return result instanceof Result.Refused refused
          ? Answer.of(new JsonObject()
              .text("error", refused.refusal().sentence())
              .text("code", refused.refusal().code().code())
              .end())
          : Answer.nothing();
    }
  }
}
