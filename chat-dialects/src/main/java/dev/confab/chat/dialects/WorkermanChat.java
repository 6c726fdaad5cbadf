package dev.confab.chat.dialects;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the page of workerman-chat speaks: {@code login} into a room, {@code say} to all or to one, {@code logout}, the list of
 * who is there, and a ping every 10 s. Room {@code 1} is the channel {@code room_1}; a client's id is its user's id, for a guest
 * the connection's; what is said to one goes to that user's own channel.
 *
 * <p>Who opens the connection with a {@code token} in its query, or is known to the container, is that user; everybody else is a
 * guest by the name given at login, so the chat's authenticator has to know {@link dev.confab.chat.spi.Guests guests}.
 *
 * <p>Text is kept as text. The page inserts ids, names and contents as HTML: they are escaped in its frames, and nowhere else.
 */
public final class WorkermanChat implements Dialect {
  /** How many of whom a client has spoken to in private are remembered by name. */
  private static final int NAMES = 128;

  private static final String ALL = "all";

  private static final Heartbeat TIMES =
      new Heartbeat(Duration.ofSeconds(10), Duration.ofSeconds(60));

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);

  private final ZoneId zone;
  private final Clock clock;
  private final Manners manners;

  /** The dialect, with the times of this machine's zone. */
  public WorkermanChat() {
    this(ZoneId.systemDefault());
  }

  /** The dialect, with times of this zone. */
  public WorkermanChat(ZoneId zone) {
    this(zone, Clock.systemUTC(), TIMES);
  }

  WorkermanChat(ZoneId zone, Clock clock, Heartbeat times) {
    this.zone = zone;
    this.clock = clock;
    this.manners = Manners.plain().pinging().beating(times).ignoringBinary();
  }

  /** The same, asking the page in other times than every 10 s, and waiting for a word longer or less long than 60 s. */
  public WorkermanChat beating(Heartbeat times) {
    return new WorkermanChat(zone, clock, times);
  }

  @Override
  public Manners manners() {
    return manners;
  }

  @Override
  public Conversation open(Opening opening) {
    return new Talk(opening);
  }

  @Override
  public Optional<String> encode(Event event) {
    if (event instanceof Event.Ping) {
      return Optional.of("{\"type\":\"ping\"}");
    } else if (event instanceof Event.Joined joined) {
      return joined.channel().isRoom()
          ? Optional.of(login(joined.user(), joined.at()).end())
          : Optional.empty();
    } else if (event instanceof Event.Left left) {
      return left.channel().isRoom()
          ? Optional.of(new JsonObject()
              .text("type", "logout")
              .text("from_client_id", Html.escaped(left.user().id().value()))
              .text("from_client_name", Html.escaped(left.user().name()))
              .text("time", time(left.at()))
              .end())
          : Optional.empty();
    }
    return Told.of(event).map(this::told);
  }

  private String told(Told told) {
    if (told.from().isEmpty() && told.data().text().startsWith("{")) {
      // The host knows the page: what it makes itself is shown as it is.
      return told.data().text();
    }
    Optional<String> owner = told.channel().owner().map(id -> id.value());
    String content = Html.lines(told.text());
    return say(
        told.from().map(user -> user.id().value()).orElse(""),
        told.from().map(UserRef::name).orElse(""),
        owner.orElse(ALL),
        owner.isPresent() && told.from().isPresent() ? "<b>对你说: </b>" + content : content,
        told.at().orElseGet(clock::instant));
  }

  private String say(String id, String name, String to, String html, Instant at) {
    return new JsonObject()
        .text("type", "say")
        .text("from_client_id", Html.escaped(id))
        .text("from_client_name", Html.escaped(name))
        .text("to_client_id", Html.escaped(to))
        .text("content", html)
        .text("time", time(at))
        .end();
  }

  private JsonObject login(UserRef user, Instant at) {
    return new JsonObject()
        .text("type", "login")
        .text("client_id", Html.escaped(user.id().value()))
        .text("client_name", Html.escaped(user.name()))
        .text("time", time(at));
  }

  private String time(Instant at) {
    // Four digits are all the page knows, and zones have no offset for the farthest of times.
    long second = Math.max(-62_135_596_800L, Math.min(253_402_214_400L, at.getEpochSecond()));
    Instant near = Instant.ofEpochSecond(second);
    ZoneOffset offset = zone.getRules().getOffset(near);
    return TIME.format(LocalDateTime.ofEpochSecond(second, 0, offset));
  }

  /** One page. Guarded by itself where both a frame and an answer touch it. */
  private final class Talk implements Conversation {
    private final ConnectionId connection;
    private final boolean guest;

    private final Whereabouts room = new Whereabouts();

    // All below guarded by this.
    /** What the opening request showed; forgotten once it was taken. */
    private Optional<Credentials> shown;

    private Optional<UserRef> me = Optional.empty();
    private final Map<String, String> names = new LinkedHashMap<>(4, 0.75f, true);

    Talk(Opening opening) {
      connection = opening.connection();
      shown = Requests.proven(opening.handshake());
      guest = shown.isEmpty();
    }

    @Override
    public List<Decoded> opened() {
      return List.of();
    }

    @Override
    public List<Decoded> decode(String frame) {
      return Requests.read(frame, this::read);
    }

    private Decoded read(Fields fields) {
      return switch (fields
          .text("type")
          .orElseThrow(() -> new RefusedException(ErrorCode.BAD_FRAME))) {
        case "login" -> login(fields);
        case "say" -> say(fields);
        case "ping" -> Requests.request("ping", new Command.Ping());
        case "pong" -> Requests.request("pong", new Command.Pong());
        default -> Requests.malformed(Refusal.of(ErrorCode.UNKNOWN_OP));
      };
    }

    /** Who it is, out of the room before, and into this one: its last link is what the page waits for. */
    private Decoded login(Fields fields) {
      ChannelName next = Requests.room(fields.requireId("room_id"));
      Optional<String> name = fields.text("client_name");
      List<ChannelName> before = room.move(next);
      return new Decoded.Deferred("login", Optional.empty(), who -> {
        List<Decoded.Request> links = new ArrayList<>(4);
        credentials(who, name).ifPresent(any -> links.add(Requests.login("login", any)));
        if (!before.isEmpty()) {
          links.add(
              Requests.request("login", Requests.unsubscribe(before.toArray(ChannelName[]::new))));
        }
        links.add(Requests.request("login", Requests.subscribe(Command.OWN)));
        links.add(Requests.request("login", Requests.watch(next)));
        return new Decoded.Chain(links);
      });
    }

    /** A guest may change its name; whom the host has made of it meanwhile it stays. */
    private synchronized Optional<Credentials> credentials(
        Optional<Identity> who, Optional<String> name) {
      is(who);
      if (!guest) {
        return shown;
      }
      boolean bound =
          who.filter(known -> !known.id().value().equals(connection.value())).isPresent();
      return bound ? Optional.empty() : Optional.of(new Credentials.Guest(connection, name));
    }

    /** The host may have said since who it is. */
    private synchronized void is(Optional<Identity> who) {
      who.ifPresent(known -> me = Optional.of(known.user()));
    }

    private Decoded say(Fields fields) {
      String to = fields.requireId("to_client_id");
      Json content = Json.string(fields.requireText("content"));
      if (to.equals(ALL)) {
        return said(here -> Requests.say(here, content));
      }
      ChannelName channel = Requests.user(to);
      String name = fields.text("to_client_name").orElse(to);
      synchronized (this) {
        names.put(to, name.length() <= UserRef.MAX_NAME_CHARS ? name : to);
        if (names.size() > NAMES) {
          names.remove(names.keySet().iterator().next());
        }
      }
      return said(here -> Requests.say(channel, content));
    }

    /** What is said from the room it is in once the logins before are done; from nowhere nothing is. */
    private Decoded said(Function<ChannelName, Command> from) {
      return new Decoded.Deferred("say", Optional.empty(), who -> {
        is(who);
        return room.here()
            .<Decoded>map(here -> Requests.request("say", from.apply(here)))
            .orElseGet(() -> new Decoded.Malformed(
                Optional.of("say"), Optional.empty(), Refusal.of(ErrorCode.NOT_AUTHENTICATED)));
      });
    }

    @Override
    public Answer answer(Decoded asked, Result result) {
      if (result instanceof Result.Refused refused) {
        return refused(asked, refused.refusal());
      } else if (result instanceof Result.LoggedIn login) {
        synchronized (this) {
          me = Optional.of(login.user());
          shown = Optional.empty();
        }
      } else if (result instanceof Result.Pong) {
        return Answer.of("{\"type\":\"pong\"}");
      } else if (asked instanceof Decoded.Request request) {
        if (request.command() instanceof Command.Subscribe subscribe
            && result instanceof Result.Subscribed in) {
          subscribe.channels().stream()
              .filter(ChannelName::isRoom)
              .findFirst()
              .ifPresent(room::entered);
          return entered(in);
        } else if (request.command() instanceof Command.Unsubscribe unsubscribe) {
          room.left(unsubscribe.channels());
        } else if (request.command() instanceof Command.Send send
            && result instanceof Result.Sent sent) {
          return echo(send, sent);
        }
      }
      return Answer.nothing();
    }

    private Answer refused(Decoded asked, Refusal refusal) {
      boolean stranger = refusal.code() == ErrorCode.NOT_AUTHENTICATED;
      if (stranger) {
        room.gone();
      }
      Answer answer = Answer.of(new JsonObject()
          .text("type", "error")
          .text("code", refusal.code().code())
          .text("message", refusal.sentence())
          .end());
      if (asked.named().filter("login"::equals).isEmpty()) {
        return answer;
      }
      room.stayed(refusal.code());
      // Logged out by the host, with nothing left to show: the page opens another, and shows it
      // there.
      return stranger && !guest && spent() ? answer.thenClose(CloseReason.LOGIN_TIMEOUT) : answer;
    }

    private synchronized boolean spent() {
      return shown.isEmpty();
    }

    /** The newcomer learns its own id and who is there, itself included. */
    private synchronized Answer entered(Result.Subscribed in) {
      Optional<Result.PresencePage> there = in.channels().values().stream()
          .flatMap(each -> each.presence().stream())
          .findFirst();
      if (there.isEmpty() || me.isEmpty()) {
        return Answer.nothing();
      }
      UserRef self = me.get();
      Map<String, String> list = new LinkedHashMap<>();
      there
          .get()
          .users()
          .forEach(each -> list.put(each.user().id().value(), each.user().name()));
      list.putIfAbsent(self.id().value(), self.name());
      JsonObject clients = new JsonObject();
      list.forEach((id, name) -> clients.text(Html.escaped(id), Html.escaped(name)));
      return Answer.of(WorkermanChat.this
          .login(self, clock.instant())
          .json("client_list", clients.end())
          .end());
    }

    /** What was said to one is shown to who said it, as the server put it. */
    private synchronized Answer echo(Command.Send send, Result.Sent sent) {
      Optional<String> to = send.channel().owner().map(id -> id.value());
      if (to.isEmpty() || me.isEmpty()) {
        return Answer.nothing();
      }
      String name = names.getOrDefault(to.get(), to.get());
      String text = send.data().asString().orElse(send.data().text());
      return Answer.of(WorkermanChat.this.say(
          me.get().id().value(),
          me.get().name(),
          to.get(),
          "<b>你对" + Html.escaped(name) + "说: </b>" + Html.lines(text),
          sent.receipt().at()));
    }
  }
}
