package dev.confab.chat.dialects;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect.Opening;
import dev.confab.chat.spi.Guests;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One connection: what it asks, and what it has shown signatures for. */
final class PusherTalk implements Conversation {
  private static final String SUBSCRIBE = "pusher:subscribe";
  private static final String UNSUBSCRIBE = "pusher:unsubscribe";

  private static final int MAX_EVENT_CHARS = 200;

  /** The op of a signed login. */
  private static final String LOGIN = "login";

  /** What changes nothing, in the place of a step that turns out not to be needed. */
  private static final Command NOTHING = new Command.Ping();

  private static final CloseReason NOT_LET_IN = CloseReason.of(4009, "not let in");

  private final String socketId;
  private final Credentials.Guest guest;
  private final String path;

  /** True if it began as a guest of ours. */
  private final boolean guests;

  private final AppSecret secret;
  private final Passes passes;
  private final Passes.Pass pass;
  private final PusherFrames frames;
  private final Arrival arrival;

  PusherTalk(Opening opening, AppSecret secret, Passes passes, PusherFrames frames) {
    this.secret = secret;
    this.passes = passes;
    this.frames = frames;
    pass = passes.open();
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
      case PusherFrames.PING -> Requests.request(PusherFrames.PING, new Command.Ping());
      case "pusher:pong" -> Requests.request("pusher:pong", new Command.Pong());
      case SUBSCRIBE -> subscribe(data(fields), before);
      case UNSUBSCRIBE ->
        Requests.request(UNSUBSCRIBE, Requests.unsubscribe(PusherChannels.named(data(fields))));
      default -> {
        if (!event.startsWith(PusherFrames.CLIENT) || event.length() > MAX_EVENT_CHARS) {
          throw new RefusedException(ErrorCode.UNKNOWN_OP);
        }
        yield clientEvent(
            event, PusherChannels.named(fields), fields.json("data").orElse(Json.NULL));
      }
    };
  }

  private Fields data(Fields fields) {
    Json data = fields.json("data").orElseThrow(() -> Fields.wrong("data", "must be an object"));
    return Fields.of(data.asString().orElse(data.text()));
  }

  private Decoded subscribe(Fields fields, List<Decoded> before) {
    ChannelName channel = PusherChannels.named(fields);
    Optional<SignedMember> member = Optional.empty();
    if (PusherChannels.needsSignature(channel)) {
      Optional<String> channelData = fields.text("channel_data");
      if (!secret.signed(fields.requireText("auth"), socketId, channel, channelData)) {
        // Not a word of what would have been right.
        throw new RefusedException(
            Refusal.of(ErrorCode.DENIED, "The signature is not one for this channel and socket"));
      }
      if (PusherChannels.isPresence(channel)) {
        member = Optional.of(SignedMember.of(fields.requireText("channel_data")));
        SignedMember known = member.get();
        before.add(
            new Decoded.Deferred(Requests.STEP, Optional.empty(), who -> becoming(known, who)));
      }
    }
    Optional<SignedMember> as = member;
    return new Decoded.Deferred(SUBSCRIBE, Optional.empty(), who -> subscription(channel, as, who));
  }

  /** A guest becomes the user who was signed, and is where it was before. */
  private Decoded becoming(SignedMember member, Optional<Identity> who) {
    pass.borneBy(who.map(Identity::id));
    if (who.isPresent() && !who.get().hasRole(Guests.ROLE)) {
      return Requests.request(Requests.STEP, NOTHING);
    }
    pass.soonBorneBy(member.user().id());
    List<Decoded.Request> links = new ArrayList<>(3);
    if (who.isPresent()) {
      links.add(Requests.request(Requests.STEP, new Command.Logout()));
    }
    links.add(Requests.login(LOGIN, new SignedIn(passes, member).proof(path)));
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
    return new Decoded.Deferred(PusherFrames.CLIENT, Optional.empty(), who -> {
      pass.borneBy(who.map(Identity::id));
      return PusherChannels.needsSignature(channel) && pass.has(channel)
          ? Requests.request(PusherFrames.CLIENT, new Command.Signal(channel, Json.object(said)))
          : refused(
              PusherFrames.CLIENT,
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
    } else if (request.op().equals(PusherFrames.PING)) {
      return Answer.of(PusherFrames.pong());
    } else if (request.op().equals(SUBSCRIBE)
        && request.command() instanceof Command.Subscribe subscribe
        && result instanceof Result.Subscribed in) {
      return Answer.of(frames.succeeded(subscribe.channels().get(0), in));
    }
    return Answer.nothing();
  }

  private Answer refused(Decoded asked, Refusal refusal) {
    ErrorCode code = refusal.code();
    boolean tooOften = code == ErrorCode.RATE_LIMITED
        && asked.named().filter(PusherFrames.CLIENT::equals).isPresent();
    Answer answer = Answer.of(PusherFrames.error(refusal, tooOften));
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

  @Override
  public void closed() {
    pass.close();
  }
}
