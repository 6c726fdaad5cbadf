package dev.confab.chat.dialects;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.AccessPolicy;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import java.time.Duration;
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

  private final AppSecret secret;
  private final Heartbeat times;
  private final Passes passes;
  private final PusherFrames frames;

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
    this.frames = new PusherFrames(passes);
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
      if (PusherChannels.needsSignature(where) && !letsIn(who.id(), where)) {
        throw new RefusedException(ErrorCode.DENIED);
      }
      otherwise.check(who, what, where);
    };
  }

  /** Lets in whom the application has signed into a presence channel; everybody else is asked of the other authenticator. */
  public Authenticator authenticator(Authenticator otherwise) {
    return credentials -> {
      Optional<SignedMember> signed = SignedIn.shown(credentials, passes);
      return signed.isPresent()
          ? new Identity(signed.get().user(), Set.of(ROLE), Map.of(), Optional.empty())
          : otherwise.authenticate(credentials);
    };
  }

  /** True if a connection of this user has shown a signature for this channel. */
  boolean letsIn(UserId user, ChannelName channel) {
    return PusherChannels.needsSignature(channel) && passes.has(user, channel);
  }

  @Override
  public Manners manners() {
    return Manners.plain().greeting().pinging().beating(times).ignoringBinary();
  }

  @Override
  public Conversation open(Opening opening) {
    return new PusherTalk(opening, secret, passes, frames);
  }

  @Override
  public Optional<String> encode(Event event) {
    return event instanceof Event.Welcome welcome
        ? Optional.of(
            PusherFrames.established(secret.socketId(welcome.connection()), times.every()))
        : frames.event(event);
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "Pusher[" + path() + "]";
  }
}
