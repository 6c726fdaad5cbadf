package dev.confab.chat.dialects;

import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The push pattern of GatewayWorker: the socket says {@code init} with its client id, the page posts that to the web
 * application, the application binds it to a user and joins it to groups, and from then on pushes. What the host says is
 * written as it is: a string as its text, anything else as its JSON. What users say in the same channels has the shape {@code
 * {"message":"nick : text","user":"id"}}, with more fields behind.
 *
 * <p>The client id is the connection's: random, told to this client alone, and gone with the connection. Whoever shows it may
 * be taken for that connection; log it in with {@code chat.connections().login(id, identity)} and join it with {@code
 * subscribe}, within {@code Limits.loginWithin()}.
 */
public final class GatewayPush implements Dialect {
  private static final Heartbeat TIMES =
      new Heartbeat(Duration.ofSeconds(25), Duration.ofSeconds(75));

  private static final String INIT = "init";

  private final boolean guests;
  private final Manners manners;

  /** Clients that nobody is until the host binds them. */
  public GatewayPush() {
    this(false, TIMES);
  }

  private GatewayPush(boolean guests, Heartbeat times) {
    this.guests = guests;
    this.manners = Manners.plain().greeting().pinging().beating(times).ignoringBinary();
  }

  /**
   * Clients that are guests until the host binds them, for pages anybody may look at: they need not be bound at all. A guest
   * who says something elsewhere bears the connection's id, which then is no secret any more: do not bind by it.
   */
  public static GatewayPush withGuests() {
    return new GatewayPush(true, TIMES);
  }

  /** The same, asking the page in other times than every 25 s, and waiting for a word longer or less long than 75 s. */
  public GatewayPush beating(Heartbeat times) {
    return new GatewayPush(guests, times);
  }

  @Override
  public Manners manners() {
    return manners;
  }

  @Override
  public Conversation open(Opening opening) {
    return new Talk(guests ? Arrival.visitor(INIT, opening) : Arrival.shown(INIT, opening));
  }

  @Override
  public Optional<String> encode(Event event) {
    if (event instanceof Event.Welcome welcome) {
      return Optional.of(new JsonObject()
          .text("type", INIT)
          .text("client_id", welcome.connection().value())
          .end());
    } else if (event instanceof Event.Ping) {
      return Optional.of("{\"type\":\"ping\"}");
    }
    return Told.of(event).map(GatewayPush::told).filter(text -> !text.isBlank());
  }

  private static String told(Told told) {
    if (told.from().isEmpty()) {
      return told.text();
    }
    UserRef from = told.from().get();
    JsonObject out = new JsonObject()
        // The page puts this one into itself as HTML.
        .text("message", Html.escaped(from.name() + " : " + told.text()))
        .text("user", from.id().value())
        .text("name", from.name())
        .json("content", told.data().text())
        .text("channel", told.channel().value());
    told.id().ifPresent(id -> out.text("id", id));
    told.at().ifPresent(at -> out.json("time", Told.millis(at)));
    return out.end();
  }

  /** A socket one only listens at. */
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
      return Requests.read(
          frame,
          fields -> Requests.request(
              "pong",
              switch (fields
                  .text("type")
                  .orElseThrow(() -> new RefusedException(ErrorCode.BAD_FRAME))) {
                case "pong" -> new Command.Pong();
                case "ping" -> new Command.Ping();
                default ->
                  throw new RefusedException(Refusal.of(
                      ErrorCode.UNKNOWN_OP, "This socket only pushes: post to the application"));
              }));
    }

    @Override
    public Answer answer(Decoded asked, Result result) {
      if (result instanceof Result.Refused refused) {
        return Answer.of(new JsonObject()
            .text("type", "error")
            .text("code", refused.refusal().code().code())
            .text("message", refused.refusal().sentence())
            .end());
      }
      return result instanceof Result.Pong ? Answer.of("{\"type\":\"pong\"}") : Answer.nothing();
    }
  }
}
