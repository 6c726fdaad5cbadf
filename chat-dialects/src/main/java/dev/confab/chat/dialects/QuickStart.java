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
import java.util.function.Function;

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

  /** The op of the first link of a join. */
  private static final String LEAVE = "leave";

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

  /** One client, and the room it is in. */
  private static final class Talk implements Conversation {
    private List<Decoded> opened;
    private final Whereabouts room = new Whereabouts();

    Talk(Opening opening) {
      Credentials visitor = Requests.shown(opening.handshake())
          .orElseGet(() -> new Credentials.Guest(opening.connection(), Optional.empty()));
      opened = opening.handshake().principal().isPresent()
          ? List.of()
          : List.of(Requests.request(STEP, new Command.Authenticate(visitor)));
    }

    @Override
    public List<Decoded> opened() {
      // Once, and then forgotten: there may be a token in it.
      List<Decoded> once = opened;
      opened = List.of();
      return once;
    }

    @Override
    public List<Decoded> decode(String frame) {
      return Requests.read(frame, fields -> switch (fields
          .text("op")
          .orElseThrow(() -> new RefusedException(ErrorCode.BAD_FRAME))) {
        case "join" -> join(Requests.room(fields.requireId("room_id")));
        case "send" -> {
          Json said = Json.string(fields.requireText("msg"));
          yield here("send", here -> Requests.say(here, said));
        }
        case "quit" -> here("quit", here -> Requests.unsubscribe(here, ChannelName.BROADCAST));
        default -> throw new RefusedException(ErrorCode.UNKNOWN_OP);
      });
    }

    /** What is asked of the room it is in once the joins before are done. */
    private Decoded here(String op, Function<ChannelName, Command> asked) {
      return new Decoded.Deferred(
          op,
          Optional.empty(),
          who -> room.here()
              .<Decoded>map(here -> Requests.request(op, asked.apply(here)))
              .orElseGet(() -> new Decoded.Malformed(
                  Optional.of(op),
                  Optional.empty(),
                  Refusal.of(ErrorCode.DENIED, "Join a room first"))));
    }

    private Decoded join(ChannelName next) {
      List<Decoded.Request> links = new ArrayList<>(2);
      ChannelName[] others = room.move(next).stream()
          .filter(before -> !before.equals(next))
          .toArray(ChannelName[]::new);
      if (others.length > 0) {
        links.add(Requests.request(LEAVE, Requests.unsubscribe(others)));
      }
      links.add(Requests.request("join", Requests.subscribe(next, ChannelName.BROADCAST)));
      return new Decoded.Chain(links);
    }

    @Override
    public Answer answer(Decoded asked, Result result) {
      if (result instanceof Result.Refused refused) {
        if (asked.named().filter(op -> op.equals("join") || op.equals(LEAVE)).isPresent()) {
          room.stayed(refused.refusal().code());
        }
        return Answer.of(new JsonObject()
            .text("status", "error")
            .text("code", refused.refusal().code().code())
            .text("msg", refused.refusal().sentence())
            .end());
      }
      if (asked instanceof Decoded.Request request) {
        if (request.command() instanceof Command.Subscribe subscribe) {
          room.entered(subscribe.channels().get(0));
        } else if (request.command() instanceof Command.Unsubscribe unsubscribe) {
          room.left(unsubscribe.channels());
        }
      }
      return asked.named().filter(op -> op.equals(STEP) || op.equals(LEAVE)).isPresent()
          ? Answer.nothing()
          : SUCCESS;
    }
  }
}
