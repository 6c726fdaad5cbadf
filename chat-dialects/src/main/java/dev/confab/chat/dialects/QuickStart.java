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
import java.util.Set;
import java.util.function.Function;

/**
 * The room of connmix' quick start: {@code join} one room at a time, {@code send}, {@code quit}, each acknowledged with {@code
 * {"status":"success"}}, a send before its event. What the host says in the room or in {@code broadcast} is written as it is.
 *
 * <p>Everybody is a guest who shows no token in the opening request's query and is not known to the container. A guest whom the
 * host has logged out is a guest again with the next {@code join}.
 */
public final class QuickStart implements Dialect {
  private static final Manners MANNERS = Manners.plain().acknowledgingFirst().ignoringBinary();

  private static final Conversation.Answer SUCCESS =
      Conversation.Answer.of("{\"status\":\"success\"}");

  /** The ops of the links of a join before its last. */
  private static final String LEAVE = "leave";

  private static final String ENTER = "enter";

  private static final Set<String> BEFORE = Set.of(LEAVE, ENTER);

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
    private final Credentials.Guest guest;
    private final boolean guests;
    private final Arrival arrival;
    private final Whereabouts room = new Whereabouts();

    Talk(Opening opening) {
      guest = Arrival.guest(opening);
      guests = Requests.proven(opening.handshake()).isEmpty();
      arrival = Arrival.visitor(Requests.STEP, opening);
    }

    @Override
    public List<Decoded> opened() {
      return arrival.once();
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

    /** In as a guest, if the host has logged it out meanwhile; out of the room before, and into this one. */
    private Decoded join(ChannelName next) {
      ChannelName[] others = room.move(next).stream()
          .filter(before -> !before.equals(next))
          .toArray(ChannelName[]::new);
      return new Decoded.Deferred("join", Optional.empty(), who -> {
        List<Decoded.Request> links = new ArrayList<>(3);
        if (guests && who.isEmpty()) {
          links.add(Requests.login(ENTER, guest));
        }
        if (others.length > 0) {
          links.add(Requests.request(LEAVE, Requests.unsubscribe(others)));
        }
        links.add(Requests.request("join", Requests.subscribe(next, ChannelName.BROADCAST)));
        return new Decoded.Chain(links);
      });
    }

    @Override
    public Answer answer(Decoded asked, Result result) {
      if (result instanceof Result.Refused refused) {
        if (asked.named().filter(op -> op.equals("join") || BEFORE.contains(op)).isPresent()) {
          room.stayed(refused.refusal().code());
        }
        if (refused.refusal().code() == ErrorCode.NOT_AUTHENTICATED) {
          room.gone();
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
      return asked
              .named()
              .filter(op -> op.equals(Requests.STEP) || BEFORE.contains(op))
              .isPresent()
          ? Answer.nothing()
          : SUCCESS;
    }
  }
}
