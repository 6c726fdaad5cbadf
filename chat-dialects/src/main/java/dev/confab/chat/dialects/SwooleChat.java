package dev.confab.chat.dialects;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The first version of the chat on Swoole: {@code {"token":…,"name":…,"room_id":1,"type":"text","content":"hi"}} is shown to
 * everybody in the room. The token is asked for once a connection, and again if it changes; what is shown is made anew of the
 * fields that were checked, with the name, id and time the server knows, and never has the token in it. Without a room it is
 * {@code broadcast}. An image is the address of one, in {@code image}; data in its place is refused.
 *
 * <p>Who opens the connection with {@code token} and, if wanted, {@code room_id} in the query, reads from then on; others from
 * their first frame on, within {@code Limits.loginWithin()}. What is refused is answered {@code
 * {"type":"error","code":"…","message":"…"}}; nothing else is.
 */
public final class SwooleChat implements Dialect {
  private static final int MAX_IMAGE_CHARS = 2_048;

  /** The op of a login. */
  private static final String AUTH = "auth";

  private static final String IMAGE = "image";
  private static final String TEXT = "text";

  /** The dialect. */
  public SwooleChat() {}

  @Override
  public Manners manners() {
    return Manners.plain().ignoringBinary();
  }

  @Override
  public Conversation open(Opening opening) {
    return new Talk(opening);
  }

  @Override
  public Optional<String> encode(Event event) {
    return Told.of(event).map(SwooleChat::told).filter(text -> !text.isBlank());
  }

  private static String told(Told told) {
    if (told.from().isEmpty()) {
      return told.text();
    }
    JsonObject out = new JsonObject().text("name", told.from().get().name());
    String channel = told.channel().value();
    if (told.channel().isRoom()) {
      out.id("room_id", channel.substring(ChannelName.ROOM_PREFIX.length()));
    } else {
      out.text("channel", channel);
    }
    Optional<String> image = told.data()
        .members()
        .map(members -> members.get(IMAGE))
        .flatMap(Json::asString)
        .filter(SwooleChat::isReference);
    if (image.isPresent()) {
      out.text("type", IMAGE).text(IMAGE, image.get());
      told.data()
          .members()
          .map(members -> members.get("content"))
          .flatMap(Json::asString)
          .ifPresent(content -> out.text("content", content));
    } else {
      out.text("type", TEXT).text("content", told.text());
    }
    out.id("user_id", told.from().get().id().value());
    told.id().ifPresent(id -> out.text("id", id));
    told.at().ifPresent(at -> out.json("time", Told.millis(at)));
    return out.end();
  }

  /** The address of an image: of the web or of this host, without anything that runs. */
  private static boolean isReference(String image) {
    return image.length() <= MAX_IMAGE_CHARS && image.matches("(https?://|/)[!-~&&[^\"'<>\\\\]]+");
  }

  /** One connection, and the token it is logged in by. */
  private static final class Talk implements Conversation {
    private final Arrival arrival;

    // Both guarded by this.
    /** Of the token that was accepted last. */
    private byte[] token = {};

    /** Logins that were asked for and are not answered yet: until they are, nobody knows who it will be. */
    private int logins;

    Talk(Opening opening) {
      List<Decoded> first = List.of();
      if (Requests.proven(opening.handshake()).isPresent()) {
        first = Requests.reading(() -> {
          ChannelName where = opening
              .handshake()
              .parameter("room_id")
              .map(Requests::room)
              .orElse(ChannelName.BROADCAST);
          List<Decoded.Request> links = new ArrayList<>(2);
          Requests.login(AUTH, opening).ifPresent(links::add);
          links.add(Requests.request("open", Requests.subscribe(where)));
          logins = links.size() - 1;
          return new Decoded.Chain(links);
        });
      }
      arrival = new Arrival(first);
    }

    @Override
    public List<Decoded> opened() {
      return arrival.once();
    }

    @Override
    public List<Decoded> decode(String frame) {
      return Requests.read(frame, this::read);
    }

    private Decoded read(Fields fields) {
      Json said = said(fields);
      ChannelName where = fields.id("room_id").map(Requests::room).orElse(ChannelName.BROADCAST);
      List<Decoded.Request> links = new ArrayList<>(3);
      synchronized (this) {
        Optional<String> shown = fields.text("token").filter(value -> !value.isEmpty());
        if (shown.isPresent()) {
          if (logins > 0 || !Arrays.equals(digest(shown.get()), token)) {
            logins++;
            links.add(Requests.login(AUTH, new Credentials.Token(shown.get())));
          }
        }
      }
      // Each time: the host may have ended it, and who is subscribed already stays so.
      links.add(Requests.request("join", Requests.subscribe(where)));
      links.add(Requests.request("say", Requests.say(where, said)));
      return new Decoded.Chain(links);
    }

    private static Json said(Fields fields) {
      String type = fields.text("type").orElse(TEXT);
      if (type.equals(TEXT)) {
        return Json.string(fields.requireText("content"));
      }
      if (!type.equals(IMAGE)) {
        throw Fields.wrong("type", "must be text or image");
      }
      String image = fields.requireText(IMAGE);
      if (!isReference(image)) {
        throw Fields.wrong(
            IMAGE, "must be the address of one, of at most " + MAX_IMAGE_CHARS + " characters");
      }
      Map<String, Json> members = new LinkedHashMap<>();
      members.put("type", Json.string(IMAGE));
      members.put(IMAGE, Json.string(image));
      fields.text("content").ifPresent(content -> members.put("content", Json.string(content)));
      return Json.object(members);
    }

    @Override
    public Answer answer(Decoded asked, Result result) {
      boolean login = asked.named().filter(AUTH::equals).isPresent();
      if (login) {
        synchronized (this) {
          logins = Math.max(0, logins - 1);
          if (result instanceof Result.LoggedIn
              && asked instanceof Decoded.Request request
              && request.command() instanceof Command.Authenticate accepted
              && accepted.credentials() instanceof Credentials.Token shown) {
            token = digest(shown.value());
          }
        }
      }
      if (!(result instanceof Result.Refused refused)) {
        return Answer.nothing();
      }
      if (login || refused.refusal().code() == ErrorCode.NOT_AUTHENTICATED) {
        // The next frame that shows a token logs in.
        synchronized (this) {
          token = new byte[0];
        }
      }
      return Answer.of(new JsonObject()
          .text("type", "error")
          .text("code", refused.refusal().code().code())
          .text("message", refused.refusal().sentence())
          .end());
    }

    /** What tells tokens apart without keeping one. */
    private static byte[] digest(String token) {
      try {
        return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      } catch (NoSuchAlgorithmException everyJdkHasIt) {
        throw new IllegalStateException(everyJdkHasIt);
      }
    }
  }
}
