package dev.confab.chat.dialects;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The room of connmix' quick start: {@code join} one room at a time, {@code send}, {@code quit}, each acknowledged with {@code
 * {"status":"success"}}, a send before its event. What the host says in the room or in {@code broadcast} is written as it is.
 *
 * <p>Everybody is a guest who shows no token in the opening request's query and is not known to the container.
 */
public final class QuickStart implements Dialect {
  private static final Manners MANNERS = Manners.plain().acknowledgingFirst().ignoringBinary();

  private static final Conversation.Answer SUCCESS =
      Conversation.Answer.of("{\"status\":\"success\"}");

  /** The op of what is no request of the client's own. */
  private static final String STEP = "step";

  /** The dialect. */
  public QuickStart() {}

  @Override
  public Manners manners() {
    return MANNERS;
  }

  @Override
  public Conversation open(Opening opening) {
    return new Talk(opening);
  }

  @Override
  public Optional<String> encode(Event event) {
    return Told.of(event)
        .map(told -> told.from().isEmpty()
            ? told.text()
            : new JsonObject()
                .text("client_id", told.from().get().id().value())
                .text("msg", told.text())
                .end())
        .filter(text -> !text.isBlank());
  }

  /** One client: the room it is in, as the socket's threads know it, one at a time. */
  private static final class Talk implements Conversation {
    private final List<Decoded> opened;
    private volatile Optional<ChannelName> room = Optional.empty();

    Talk(Opening opening) {
      Credentials visitor = Requests.shown(opening.handshake())
          .orElseGet(() -> new Credentials.Guest(opening.connection(), Optional.empty()));
      opened = opening.handshake().principal().isPresent()
          ? List.of()
          : List.of(Requests.request(STEP, new Command.Authenticate(visitor)));
    }

    @Override
    public List<Decoded> opened() {
      return opened;
    }

    @Override
    public List<Decoded> decode(String frame) {
      return Requests.read(frame, fields -> switch (fields
          .text("op")
          .orElseThrow(() -> new RefusedException(ErrorCode.BAD_FRAME))) {
        case "join" -> join(Requests.room(fields.requireId("room_id")));
        case "send" ->
          Requests.request("send", Requests.say(here(), Json.string(fields.requireText("msg"))));
        case "quit" -> quit();
        default -> throw new RefusedException(ErrorCode.UNKNOWN_OP);
      });
    }

    private ChannelName here() {
      return room.orElseThrow(
          () -> new RefusedException(Refusal.of(ErrorCode.DENIED, "Join a room first")));
    }

    private Decoded join(ChannelName next) {
      List<Decoded.Request> links = new ArrayList<>(2);
      room.filter(before -> !before.equals(next))
          .ifPresent(before -> links.add(Requests.request(STEP, Requests.unsubscribe(before))));
      room = Optional.of(next);
      links.add(Requests.request("join", Requests.subscribe(next, ChannelName.BROADCAST)));
      return new Decoded.Chain(links);
    }

    private Decoded quit() {
      ChannelName here = here();
      room = Optional.empty();
      return Requests.request("quit", Requests.unsubscribe(here, ChannelName.BROADCAST));
    }

    @Override
    public Answer answer(Decoded asked, Result result) {
      if (result instanceof Result.Refused refused) {
        if (asked.named().filter("join"::equals).isPresent()) {
          room = Optional.empty();
        }
        return Answer.of(new JsonObject()
            .text("status", "error")
            .text("code", refused.refusal().code().code())
            .text("msg", refused.refusal().sentence())
            .end());
      }
      return asked.named().filter(STEP::equals).isPresent() ? Answer.nothing() : SUCCESS;
    }
  }
}
