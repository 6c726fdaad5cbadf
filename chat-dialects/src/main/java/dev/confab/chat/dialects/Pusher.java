package dev.confab.chat.dialects;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserId;
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
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Guests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The Pusher protocol, version 7, as the pages of webman/push speak it: {@code pusher:subscribe} to public, {@code private-} and
 * {@code presence-} channels, the latter two with what the application has signed for the connection, and {@code client-} events.
 * A channel's name is its name in the chat: {@code room_1} is where everybody else's {@code room_1} is.
 *
 * <pre>{@code
 * Pusher pusher = new Pusher(key, secret);
 * Chat.builder()
 *     .authenticator(pusher.authenticator(Guests.beside(members)))
 *     .access(pusher.access(AccessPolicies.openRooms()))
 *     .dialect(pusher.path(), pusher);
 * }</pre>
 *
 * <p>A signature – HMAC-SHA256 of {@code socket_id:channel[:channel_data]} – lets that one connection into that one channel, as
 * far as the chat's policy lets its user in, too; with {@link #access} in force nobody else reads such channels. Who shows
 * none is a guest, or the user of the opening request's {@code token}. Who joins a presence channel becomes the {@code user_id}
 * that the application has signed: to sign one is to log in.
 *
 * <p>What the host says is {@code {"event":"message","data":"…","channel":…}}, or bears the event's name that an object with
 * {@code event} and {@code data} names. A client's event is a signal: told to the others there, and not recorded.
 *
 * <p>Unlike other dialects it knows something of its connections: what they have shown signatures for, until they end.
 */
public final class Pusher implements Dialect {
  /** What the names of channels begin with that need a signature. */
  public static final String PRIVATE_PREFIX = "private-";

  /** What the names of channels begin with that need a signature for a user. */
  public static final String PRESENCE_PREFIX = "presence-";

  /** The role of who is logged in by a signature and nothing else, for access policies. */
  public static final String ROLE = "signed";

  private static final Heartbeat TIMES =
      new Heartbeat(Duration.ofSeconds(55), Duration.ofSeconds(120));

  private static final String SUBSCRIBE = "pusher:subscribe";
  private static final String UNSUBSCRIBE = "pusher:unsubscribe";
  private static final String PING = "pusher:ping";
  private static final String CLIENT = "client-";

  private static final int MAX_EVENT_CHARS = 200;

  /** The op of a signed login. */
  private static final String LOGIN = "login";

  /** What changes nothing, in the place of a step that turns out not to be needed. */
  private static final Command NOTHING = new Command.Ping();

  /** Where the door to the authenticator shows what was signed: a value of ours, which no client can send. */
  private static final String SIGNED = "dev.confab.chat.dialects.pusher";

  private static final CloseReason NOT_LET_IN = CloseReason.of(4009, "not let in");

  /** Of clients' events that come too often, in Pusher's list. */
  private static final String TOO_OFTEN = "4301";

  private final AppSecret secret;
  private final Heartbeat times;
  private final Passes passes;

  /**
   * The dialect.
   *
   * @param key the app's key, which pages know: 1 to 64 letters, digits, underscores and hyphens
   * @param secret the app's secret, which pages do not know: at least 16 characters; neither logged nor told
   */
  public Pusher(String key, String secret) {
    this(new AppSecret(key, secret), TIMES, new Passes());
  }

  private Pusher(AppSecret secret, Heartbeat times, Passes passes) {
    this.secret = secret;
    this.times = times;
    this.passes = passes;
  }

  /** The same, asking the page in other times than every 55 s, and waiting for a word longer or less long than 120 s. */
  public Pusher beating(Heartbeat newTimes) {
    return new Pusher(secret, newTimes, passes);
  }

  /** Where its clients connect: {@code /app/<key>}. */
  public String path() {
    return "/app/" + secret.appKey();
  }

  /**
   * A policy for the whole chat: {@code private-} and {@code presence-} channels are only for users of whom a connection is there
   * that has shown a signature for them, and then, as all other channels, for whom the other policy lets in.
   */
  public AccessPolicy access(AccessPolicy otherwise) {
    return (who, what, where) -> {
      if (needsSignature(where) && !letsIn(who.id(), where)) {
        throw new RefusedException(ErrorCode.DENIED);
      }
      otherwise.check(who, what, where);
    };
  }

  /** Lets in whom the application has signed into a presence channel; everybody else is asked of the other authenticator. */
  public Authenticator authenticator(Authenticator otherwise) {
    return credentials -> credentials instanceof Credentials.Proof proof
            && proof.handshake().attributes().get(SIGNED) instanceof SignedIn signed
            && signed.by() == passes
        ? new Identity(signed.member().user(), Set.of(ROLE), Map.of(), Optional.empty())
        : otherwise.authenticate(credentials);
  }

  private record SignedIn(Passes by, SignedMember member) {}

  /** True if a connection of this user has shown a signature for this channel. */
  boolean letsIn(UserId user, ChannelName channel) {
    return needsSignature(channel) && passes.has(user, channel);
  }

  private static boolean needsSignature(ChannelName channel) {
    return channel.value().startsWith(PRIVATE_PREFIX) || isPresence(channel);
  }

  private static boolean isPresence(ChannelName channel) {
    return channel.value().startsWith(PRESENCE_PREFIX);
  }

  @Override
  public Manners manners() {
    return Manners.plain().greeting().pinging().beating(times).ignoringBinary();
  }

  @Override
  public Conversation open(Opening opening) {
    return new Talk(opening);
  }

  @Override
  public Optional<String> encode(Event event) {
    if (event instanceof Event.Welcome welcome) {
      String data = new JsonObject()
          .text("socket_id", secret.socketId(welcome.connection()))
          .json("activity_timeout", Long.toString(Math.max(1, times.every().toSeconds())))
          .end();
      return Optional.of(event("pusher:connection_established", data).end());
    } else if (event instanceof Event.Ping) {
      return Optional.of(event(PING, "{}").end());
    } else if (event instanceof Event.Joined joined) {
      return isPresence(joined.channel())
          ? Optional.of(event("pusher_internal:member_added", added(joined))
              .text("channel", joined.channel().value())
              .end())
          : Optional.empty();
    } else if (event instanceof Event.Left left) {
      String data = new JsonObject().text("user_id", left.user().id().value()).end();
      return isPresence(left.channel())
          ? Optional.of(event("pusher_internal:member_removed", data)
              .text("channel", left.channel().value())
              .end())
          : Optional.empty();
    } else if (event instanceof Event.Signalled signal && signal.from().isPresent()) {
      return clientEvent(signal, signal.from().get());
    }
    return Told.of(event).map(Pusher::told);
  }

  /** All frames begin so; what they are about is JSON in a string. */
  private static JsonObject event(String name, String data) {
    return new JsonObject().text("event", name).text("data", data);
  }

  private String added(Event.Joined joined) {
    Optional<SignedMember> signed = passes.member(joined.user().id(), joined.channel());
    return new JsonObject()
        .json(
            "user_id",
            signed
                .map(SignedMember::shownId)
                .orElseGet(() -> Json.string(joined.user().id().value()))
                .text())
        .json("user_info", info(signed, joined.user()))
        .end();
  }

  /** What was signed of a user, or, of users of other dialects, the name. */
  private static String info(Optional<SignedMember> signed, UserRef user) {
    return signed
        .map(member -> member.info().text())
        .orElseGet(() -> new JsonObject().text("name", user.name()).end());
  }

  /** Signals are shown where and as this protocol has them; users of other dialects may make such, too. */
  private static Optional<String> clientEvent(Event.Signalled signal, UserRef from) {
    if (!needsSignature(signal.channel())) {
      return Optional.empty();
    }
    Map<String, Json> members = signal.data().members().orElse(Map.of());
    Optional<String> name = Optional.ofNullable(members.get("event"))
        .flatMap(Json::asString)
        .filter(text -> text.startsWith(CLIENT));
    Json data = members.getOrDefault("data", Json.NULL);
    return name.map(known -> {
      JsonObject out =
          event(known, data.text()).text("channel", signal.channel().value());
      return isPresence(signal.channel())
          ? out.text("user_id", from.id().value()).end()
          : out.end();
    });
  }

  private static String told(Told told) {
    String name = "message";
    Json data = told.data();
    if (told.from().isEmpty()) {
      Map<String, Json> members = data.members().orElse(Map.of());
      Optional<String> named = Optional.ofNullable(members.get("event"))
          .flatMap(Json::asString)
          .filter(text -> !text.startsWith("pusher") && members.containsKey("data"));
      if (named.isPresent()) {
        name = named.get();
        data = members.getOrDefault("data", Json.NULL);
      }
    }
    JsonObject out = event(name, data.text()).text("channel", told.channel().value());
    told.from()
        .ifPresent(user -> out.json(
            "from",
            new JsonObject()
                .text("id", user.id().value())
                .text("name", user.name())
                .end()));
    if (told.from().isPresent()) {
      told.id().ifPresent(id -> out.text("id", id));
      told.at().ifPresent(at -> out.json("time", Told.millis(at)));
    }
    return out.end();
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "Pusher[" + path() + "]";
  }

  /** One connection. */
  private final class Talk implements Conversation {
    private final String socketId;
    private final Credentials.Guest guest;
    private final String path;

    /** True if it began as a guest of ours. */
    private final boolean guests;

    private final Passes.Pass pass = passes.open();
    private final Arrival arrival;

    Talk(Opening opening) {
      socketId = secret.socketId(opening.connection());
      guest = Arrival.guest(opening);
      path = opening.handshake().path();
      guests = Requests.proven(opening.handshake()).isEmpty();
      arrival = Arrival.visitor(Requests.STEP, opening);
    }

    @Override
    public List<Decoded> opened() {
      return arrival.once();
    }

    @Override
    public List<Decoded> decode(String frame) {
      List<Decoded> all = new ArrayList<>(2);
      List<Decoded> asked = Requests.read(frame, fields -> read(fields, all));
      all.addAll(asked);
      return all;
    }

    /** What a frame asks; what has to be done before it is added to the others. */
    private Decoded read(Fields fields, List<Decoded> before) {
      String event =
          fields.text("event").orElseThrow(() -> new RefusedException(ErrorCode.BAD_FRAME));
      return switch (event) {
        case PING -> Requests.request(PING, new Command.Ping());
        case "pusher:pong" -> Requests.request("pusher:pong", new Command.Pong());
        case SUBSCRIBE -> subscribe(data(fields), before);
        case UNSUBSCRIBE ->
          Requests.request(UNSUBSCRIBE, Requests.unsubscribe(channel(data(fields))));
        default -> {
          if (!event.startsWith(CLIENT) || event.length() > MAX_EVENT_CHARS) {
            throw new RefusedException(ErrorCode.UNKNOWN_OP);
          }
          yield clientEvent(event, channel(fields), fields.json("data").orElse(Json.NULL));
        }
      };
    }

    private Fields data(Fields fields) {
      Json data = fields.json("data").orElseThrow(() -> Fields.wrong("data", "must be an object"));
      return Fields.of(data.asString().orElse(data.text()));
    }

    /** A name without a second reading: what is signed has colons between its parts, and ours may mean one's own channel. */
    private ChannelName channel(Fields fields) {
      ChannelName channel = ChannelName.of(fields.requireText("channel"));
      if (channel.equals(Command.OWN)
          || (needsSignature(channel) && !channel.value().matches("[-A-Za-z0-9_=@,.;]+"))) {
        throw new RefusedException(Refusal.of(ErrorCode.CHANNEL_NAME));
      }
      return channel;
    }

    private Decoded subscribe(Fields fields, List<Decoded> before) {
      ChannelName channel = channel(fields);
      Optional<SignedMember> member = Optional.empty();
      if (needsSignature(channel)) {
        Optional<String> channelData = fields.text("channel_data");
        if (!secret.signed(fields.requireText("auth"), socketId, channel, channelData)) {
          // Not a word of what would have been right.
          throw new RefusedException(
              Refusal.of(ErrorCode.DENIED, "The signature is not one for this channel and socket"));
        }
        if (isPresence(channel)) {
          member = Optional.of(SignedMember.of(fields.requireText("channel_data")));
          SignedMember known = member.get();
          before.add(
              new Decoded.Deferred(Requests.STEP, Optional.empty(), who -> becoming(known, who)));
        }
      }
      Optional<SignedMember> as = member;
      return new Decoded.Deferred(
          SUBSCRIBE, Optional.empty(), who -> subscription(channel, as, who));
    }

    /** A guest becomes the user who was signed, and is where it was before. */
    private Decoded becoming(SignedMember member, Optional<Identity> who) {
      pass.borneBy(who.map(Identity::id));
      if (who.isPresent() && !who.get().hasRole(Guests.ROLE)) {
        return Requests.request(Requests.STEP, NOTHING);
      }
      pass.soonBorneBy(member.user().id());
      Handshake proof = new Handshake(
          path,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          Map.of(),
          Map.of(SIGNED, new SignedIn(passes, member)));
      List<Decoded.Request> links = new ArrayList<>(3);
      if (who.isPresent()) {
        links.add(Requests.request(Requests.STEP, new Command.Logout()));
      }
      links.add(Requests.login(LOGIN, new Credentials.Proof(proof)));
      List<ChannelName> kept = pass.channels();
      if (!kept.isEmpty()) {
        links.add(
            Requests.request(Requests.STEP, Requests.subscribe(kept.toArray(ChannelName[]::new))));
      }
      return new Decoded.Chain(links);
    }

    private Decoded subscription(
        ChannelName channel, Optional<SignedMember> member, Optional<Identity> who) {
      Optional<UserId> id = who.map(Identity::id);
      pass.borneBy(id);
      if (member.isPresent() && id.filter(member.get().user().id()::equals).isEmpty()) {
        return refused(SUBSCRIBE, Refusal.of(ErrorCode.ALREADY_AUTHENTICATED));
      }
      List<Decoded.Request> links = new ArrayList<>(2);
      if (who.isEmpty() && guests) {
        // The host has logged it out.
        pass.soonBorneBy(new UserId(guest.connection().value()));
        links.add(Requests.login(Requests.STEP, guest));
      }
      if (!pass.add(channel, member)) {
        return refused(SUBSCRIBE, Refusal.of(ErrorCode.TOO_MANY_CHANNELS));
      }
      links.add(Requests.request(
          SUBSCRIBE, member.isPresent() ? Requests.watch(channel) : Requests.subscribe(channel)));
      return new Decoded.Chain(links);
    }

    private Decoded clientEvent(String event, ChannelName channel, Json data) {
      Map<String, Json> said = new LinkedHashMap<>();
      said.put("event", Json.string(event));
      said.put("data", data);
      return new Decoded.Deferred(CLIENT, Optional.empty(), who -> {
        pass.borneBy(who.map(Identity::id));
        return needsSignature(channel) && pass.has(channel)
            ? Requests.request(CLIENT, new Command.Signal(channel, Json.object(said)))
            : refused(
                CLIENT,
                Refusal.of(
                    ErrorCode.DENIED,
                    "Client events are for private and presence channels one is subscribed to"));
      });
    }

    private static Decoded refused(String op, Refusal refusal) {
      return new Decoded.Malformed(Optional.of(op), Optional.empty(), refusal);
    }

    @Override
    public Answer answer(Decoded asked, Result result) {
      if (result instanceof Result.Refused refused) {
        return refused(asked, refused.refusal());
      }
      if (!(asked instanceof Decoded.Request request)) {
        return Answer.nothing();
      }
      if (request.command() instanceof Command.Unsubscribe unsubscribe) {
        pass.remove(unsubscribe.channels());
      } else if (request.op().equals(PING)) {
        return Answer.of(event("pusher:pong", "{}").end());
      } else if (request.op().equals(SUBSCRIBE)
          && request.command() instanceof Command.Subscribe subscribe
          && result instanceof Result.Subscribed in) {
        ChannelName channel = subscribe.channels().get(0);
        return Answer.of(event("pusher_internal:subscription_succeeded", who(channel, in))
            .text("channel", channel.value())
            .end());
      }
      return Answer.nothing();
    }

    private Answer refused(Decoded asked, Refusal refusal) {
      ErrorCode code = refusal.code();
      boolean tooOften =
          code == ErrorCode.RATE_LIMITED && asked.named().filter(CLIENT::equals).isPresent();
      Answer answer = Answer.of(new JsonObject()
          .text("event", "pusher:error")
          .json(
              "data",
              new JsonObject()
                  .json("code", tooOften ? TOO_OFTEN : "null")
                  .text("message", refusal.sentence())
                  .end())
          .end());
      // What took too long may yet come about.
      if (code != ErrorCode.UNAVAILABLE
          && asked instanceof Decoded.Request request
          && request.command() instanceof Command.Subscribe subscribe) {
        pass.remove(subscribe.channels());
      }
      if (asked.named().filter(LOGIN::equals).isEmpty()) {
        return answer;
      }
      // A guest no more, and nobody yet.
      boolean later = code.retry() == ErrorCode.Retry.LATER;
      return answer.thenClose(later ? CloseReason.OVERLOADED : NOT_LET_IN);
    }

    /** Who is there, itself included; nothing where that is not told. */
    private String who(ChannelName channel, Result.Subscribed in) {
      Optional<Result.PresencePage> page = in.channels().values().stream()
          .flatMap(each -> each.presence().stream())
          .findFirst();
      if (!isPresence(channel) || page.isEmpty()) {
        return "{}";
      }
      StringBuilder ids = new StringBuilder("[");
      JsonObject hash = new JsonObject();
      for (Result.PresentUser present : page.get().users()) {
        UserRef user = present.user();
        ids.append(ids.length() > 1 ? "," : "")
            .append(Json.string(user.id().value()).text());
        hash.json(user.id().value(), info(passes.member(user.id(), channel), user));
      }
      String presence = new JsonObject()
          .json("count", Long.toString(page.get().count()))
          .json("ids", ids.append(']').toString())
          .json("hash", hash.end())
          .end();
      return new JsonObject().json("presence", presence).end();
    }

    @Override
    public void closed() {
      pass.close();
    }
  }
}
