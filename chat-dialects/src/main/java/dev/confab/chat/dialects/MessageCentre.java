package dev.confab.chat.dialects;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.InvalidNameException;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.AccessPolicy;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Guests;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The message centre of connmix and its siblings: {@code auth} with a token, {@code subscribe} and {@code unsubscribe} by names
 * that stand for channels of the chat, {@code {"result":true}} or {@code {"code":1,"msg":"…"}}, and what is pushed.
 *
 * <table>
 *   <caption>Names a client may use, if the centre has them</caption>
 *   <tr><th>client's name</th><th>channel</th><th>who</th></tr>
 *   <tr><td>{@code @user}</td><td>{@code user_<id>}</td><td>who is logged in: one's own</td></tr>
 *   <tr><td>{@code 100001@video}, {@link #withOpen}</td><td>{@code video_100001}</td><td>everybody</td></tr>
 *   <tr><td>{@code BTCUSDT@depth}, {@link #withStreams}</td><td>{@code ex_BTCUSDT@depth}</td><td>everybody</td></tr>
 *   <tr><td>{@code @balance}, {@link #withOwnStreams}</td><td>{@code ex_<id>@balance}</td><td>who is logged in: one's own</td></tr>
 * </table>
 *
 * <p>What the host says is written as it is if it is a string, or an object with {@code event}; anything else stands in {@code
 * data} of {@code {"event":"<client's name>","data":…}}. What users of other dialects say there is {@code
 * {"uid":…,"msg":…}} in its place.
 *
 * <p>Errors are told. A frame that is none, a name that is none, a token that is not taken and a subscription that is refused
 * then end the connection, as they always did, but with a code that says whether to come back: 4400, 4401, 1008, 1013.
 *
 * <p>Where everybody may subscribe, who has not logged in is a guest; the chat's authenticator has to know {@link
 * dev.confab.chat.spi.Guests guests} then. Other dialects must not reach {@code ex_} channels by name: give {@link #access()}
 * to {@code ChatBuilder.access("ex_", …)}.
 */
public final class MessageCentre implements Dialect {
  /** What the channels of streams begin with. */
  public static final String STREAM_PREFIX = "ex_";

  /** The most open channels of a guest that are kept when the guest logs in. */
  private static final int MAX_KEPT = 1_000;

  private static final Conversation.Answer DONE = Conversation.Answer.of("{\"result\":true}");

  /** What changes nothing, in the place of a step that turns out not to be needed. */
  private static final Command NOTHING = new Command.Ping();

  private static final Refusal NO_CHANNEL =
      Refusal.badArgs("channel", "There is no channel of this name");

  private static final CloseReason NOT_LET_IN = CloseReason.of(4401, "token not accepted");
  private static final CloseReason REFUSED = CloseReason.of(1008, "refused");
  private static final CloseReason LATER = CloseReason.of(1013, "try again later");

  private final Set<String> open;
  private final Set<String> streams;
  private final Set<String> ownStreams;

  /** A centre with {@code @user} alone. */
  public MessageCentre() {
    this(Set.of(), Set.of(), Set.of());
  }

  private MessageCentre(Set<String> open, Set<String> streams, Set<String> ownStreams) {
    this.open = open;
    this.streams = streams;
    this.ownStreams = ownStreams;
  }

  /** The same with channels that everybody may follow, as the barrage of a video: {@code <id>@<type>}. */
  public MessageCentre withOpen(String... types) {
    return new MessageCentre(joined(open, types), streams, ownStreams);
  }

  /** The same with streams that everybody may follow, as an exchange's: {@code <symbol>@<type>}. */
  public MessageCentre withStreams(String... types) {
    return new MessageCentre(open, joined(streams, types), ownStreams);
  }

  /** The same with streams of one's own, as a balance: {@code @<type>}. */
  public MessageCentre withOwnStreams(String... types) {
    return new MessageCentre(open, streams, joined(ownStreams, types));
  }

  private Set<String> joined(Set<String> before, String... types) {
    Set<String> all = new LinkedHashSet<>(before);
    for (String type : types) {
      boolean taken = open.contains(type) || streams.contains(type) || ownStreams.contains(type);
      if (!type.matches("[a-z][a-z0-9]*")
          || type.equals("user")
          || type.equals("room")
          || taken
          || !all.add(type)) {
        throw new IllegalArgumentException(
            "a type is a word of small letters and digits, not user or room, and there once, got "
                + type);
      }
    }
    return Set.copyOf(all);
  }

  /**
   * Who may do what with streams, for {@code ChatBuilder.access("ex_", …)}: nobody writes but the host, everybody reads {@code
   * ex_<symbol>@<type>} of a public type, and a user's own are read by that user alone.
   */
  public AccessPolicy access() {
    return (who, what, where) -> {
      String name = where.value().substring(STREAM_PREFIX.length());
      int at = name.lastIndexOf('@');
      String type = name.substring(at + 1);
      boolean own = ownStreams.contains(type)
          && at > 0
          && name.substring(0, at).equals(who.id().value());
      if (what != AccessPolicy.Action.READ || !(own || (at > 0 && streams.contains(type)))) {
        throw new RefusedException(ErrorCode.DENIED);
      }
    };
  }

  @Override
  public Manners manners() {
    return Manners.plain();
  }

  @Override
  public Conversation open(Opening opening) {
    return new Talk(opening);
  }

  @Override
  public Optional<String> encode(Event event) {
    return Told.of(event).map(this::told).filter(text -> !text.isBlank());
  }

  private String told(Told told) {
    if (told.from().isEmpty() && told.data().asString().isPresent()) {
      return told.text();
    }
    String name = clientName(told.channel());
    if (told.from().isEmpty()) {
      boolean whole =
          told.data().members().filter(members -> members.containsKey("event")).isPresent();
      return whole
          ? told.data().text()
          : new JsonObject()
              .text("event", name)
              .json("data", told.data().text())
              .end();
    }
    UserRef from = told.from().get();
    JsonObject data = new JsonObject().id("uid", from.id().value());
    if (name.startsWith("@") && open.contains(name.substring(1))) {
      String type = name.substring(1);
      data.id(type + "_id", told.channel().value().substring(type.length() + 1));
    }
    data.json("msg", told.data().text());
    return new JsonObject().text("event", name).json("data", data.end()).end();
  }

  private boolean isOpen(ChannelName channel) {
    String name = channel.value();
    return open.stream().anyMatch(type -> name.startsWith(type + "_"))
        || (name.startsWith(STREAM_PREFIX)
            && streams.contains(name.substring(name.lastIndexOf('@') + 1)));
  }

  /** What clients call a channel; its own name if they have none for it. */
  private String clientName(ChannelName channel) {
    String name = channel.value();
    if (channel.owner().isPresent()) {
      return "@user";
    }
    for (String type : open) {
      if (name.startsWith(type + "_")) {
        return "@" + type;
      }
    }
    if (name.startsWith(STREAM_PREFIX)) {
      String type = name.substring(name.lastIndexOf('@') + 1);
      return ownStreams.contains(type) ? "@" + type : name.substring(STREAM_PREFIX.length());
    }
    return name;
  }

  /** One client. Guarded by itself where a frame and an answer both touch it. */
  private final class Talk implements Conversation {
    private final List<Decoded> opened;

    /** True if it began as a guest of ours. */
    private final boolean guest;

    // Both guarded by this.
    /** Open channels it follows, for when it logs in. */
    private final Set<ChannelName> kept = new LinkedHashSet<>(4);

    /** True if the login on its way ends a guest's subscriptions. */
    private boolean moving;

    Talk(Opening opening) {
      boolean known = opening.handshake().principal().isPresent();
      guest = !known && !(open.isEmpty() && streams.isEmpty());
      opened = guest ? List.of(Requests.login(Requests.STEP, Arrival.guest(opening))) : List.of();
    }

    @Override
    public List<Decoded> opened() {
      return opened;
    }

    @Override
    public List<Decoded> decode(String frame) {
      List<Decoded> asked = Requests.read(frame, fields -> switch (fields
          .text("op")
          .orElseThrow(() -> new RefusedException(ErrorCode.BAD_FRAME))) {
        case "auth" -> Requests.login("auth", new Credentials.Token(fields.requireText("token")));
        case "subscribe" -> subscribe(fields);
        case "unsubscribe" -> channel(fields, "unsubscribe", Requests::unsubscribe);
        case "ping" -> Requests.request("ping", new Command.Ping());
        default -> throw new RefusedException(ErrorCode.UNKNOWN_OP);
      });
      return guest
              && asked.get(0) instanceof Decoded.Request request
              && request.command() instanceof Command.Authenticate login
          ? moved(login)
          : asked;
    }

    /**
     * A guest's login: out first, and afterwards into the open channels again. Who it is by then, and what it follows, is known
     * only when its turn comes; the host may have logged it in.
     */
    private List<Decoded> moved(Command.Authenticate login) {
      return List.of(
          new Decoded.Deferred(Requests.STEP, Optional.empty(), who -> {
            boolean stays = who.filter(any -> any.hasRole(Guests.ROLE)).isEmpty();
            synchronized (this) {
              moving = !stays;
            }
            return Requests.request(Requests.STEP, stays ? NOTHING : new Command.Logout());
          }),
          Requests.request(Requests.STEP, login),
          new Decoded.Deferred("auth", Optional.empty(), who -> {
            ChannelName[] again;
            synchronized (this) {
              again = moving ? kept.toArray(ChannelName[]::new) : new ChannelName[0];
              kept.clear();
            }
            return Requests.request(
                "auth", again.length == 0 ? NOTHING : Requests.subscribe(again));
          }));
    }

    private Decoded subscribe(Fields fields) {
      Optional<Cursor> since = fields.text("since").map(Cursor::parse);
      return channel(
          fields,
          "subscribe",
          name -> since.isPresent()
              ? Requests.subscribeSince(name, since.get())
              : Requests.subscribe(name));
    }

    /** Exactly the names there are: whatever stands before or behind is another name. */
    private Decoded channel(Fields fields, String op, Function<ChannelName, Command> asked) {
      String name = fields.requireText("channel");
      int at = name.indexOf('@');
      if (at < 0 || at != name.lastIndexOf('@') || at == name.length() - 1) {
        throw new RefusedException(Refusal.of(ErrorCode.CHANNEL_NAME));
      }
      String head = name.substring(0, at);
      String type = name.substring(at + 1);
      if (type.equals("user") && head.isEmpty()) {
        return new Decoded.Deferred(
            op, Optional.empty(), who -> own(op, who, id -> asked.apply(Command.OWN)));
      } else if (ownStreams.contains(type) && head.isEmpty()) {
        return new Decoded.Deferred(
            op,
            Optional.empty(),
            who ->
                own(op, who, id -> asked.apply(ChannelName.of(STREAM_PREFIX + id + "@" + type))));
      } else if (open.contains(type) && !head.isEmpty()) {
        return Requests.request(op, asked.apply(ChannelName.of(type + "_" + head)));
      } else if (streams.contains(type) && !head.isEmpty()) {
        return Requests.request(op, asked.apply(ChannelName.of(STREAM_PREFIX + head + "@" + type)));
      }
      throw new RefusedException(NO_CHANNEL);
    }

    /** What is one's own is nobody's before the login. */
    private Decoded own(String op, Optional<Identity> who, Function<String, Command> asked) {
      if (who.isEmpty() || who.get().hasRole(Guests.ROLE)) {
        return new Decoded.Malformed(
            Optional.of(op), Optional.empty(), Refusal.of(ErrorCode.NOT_AUTHENTICATED));
      }
      try {
        return Requests.request(op, asked.apply(who.get().id().value()));
      } catch (InvalidNameException tooLongWithItsId) {
        return new Decoded.Malformed(Optional.of(op), Optional.empty(), NO_CHANNEL);
      }
    }

    @Override
    public Answer answer(Decoded asked, Result result) {
      if (result instanceof Result.Refused refused) {
        Refusal refusal = refused.refusal();
        boolean stranger = refusal.code() == ErrorCode.NOT_AUTHENTICATED;
        Answer answer = Answer.of(new JsonObject()
            .json("code", "1")
            .text("msg", stranger ? "Not Auth" : refusal.sentence())
            .text("error", refusal.code().code())
            .end());
        return end(asked, refusal.code()).map(answer::thenClose).orElse(answer);
      }
      if (asked instanceof Decoded.Request request) {
        if (request.command() instanceof Command.Subscribe subscribe) {
          followed(subscribe.channels());
        } else if (request.command() instanceof Command.Unsubscribe unsubscribe) {
          synchronized (this) {
            kept.removeAll(Set.copyOf(unsubscribe.channels()));
          }
        }
      }
      if (asked.named().filter("ping"::equals).isPresent()) {
        return Answer.of("{\"op\":\"pong\"}");
      }
      return asked.named().filter(Requests.STEP::equals).isPresent() ? Answer.nothing() : DONE;
    }

    private synchronized void followed(List<ChannelName> channels) {
      for (ChannelName channel : channels) {
        if (guest && kept.size() < MAX_KEPT && isOpen(channel)) {
          kept.add(channel);
        }
      }
    }

    private static Optional<CloseReason> end(Decoded asked, ErrorCode code) {
      boolean login = asked instanceof Decoded.Request request
          && request.command() instanceof Command.Authenticate;
      boolean later = code.retry() == ErrorCode.Retry.LATER || code.retry() == ErrorCode.Retry.SAME;
      if (login) {
        return Optional.of(later ? LATER : NOT_LET_IN);
      }
      return switch (code) {
        case NOT_AUTHENTICATED, UNKNOWN_OP, BAD_ARGS -> Optional.empty();
        case BAD_FRAME, CHANNEL_NAME -> Optional.of(CloseReason.ABUSE);
        default -> Optional.of(later ? LATER : REFUSED);
      };
    }
  }
}
