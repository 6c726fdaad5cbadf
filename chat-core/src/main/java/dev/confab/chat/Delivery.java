package dev.confab.chat;

import dev.confab.chat.internal.engine.Engine;
import dev.confab.chat.internal.hub.Reach;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.session.Sessions;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.model.Recipients.Whom;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Frame;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Finds the connections a host means, tells them what is not recorded, and ends them. Any thread. */
final class Delivery {
  private static final System.Logger LOG = System.getLogger(Delivery.class.getName());

  /** The longest of names: what fits with it fits with every other. */
  private static final ChannelName LONGEST = ChannelName.of("x".repeat(ChannelName.MAX_CHARS));

  /** One connection, and the channel that what it is told names. */
  private record Target(Session session, ChannelName named) {}

  private final Engine engine;
  private final Sessions sessions;
  private final Waiting waiting;

  Delivery(Engine engine, Waiting waiting) {
    this.engine = engine;
    this.sessions = engine.sessions();
    this.waiting = waiting;
  }

  SignalCount announce(ChannelName channel, Json data) {
    Instant at = engine.threads().time().now().truncatedTo(ChronoUnit.MILLIS);
    Event event = new Event.Unlogged(channel, Optional.empty(), at, data);
    requireFits(data, event);
    Reach reach = waiting.of(engine.hub().tell(channel, event, any -> true));
    return new SignalCount(reach.given(), reach.dropped(), 0);
  }

  SignalCount signal(Recipients to, Json data) {
    requireFits(data, signal(to.named().orElse(LONGEST), data));
    if (to.whom() instanceof Whom.Channels channels) {
      return signal(channels.names(), to, data);
    }
    Round round = new Round(to, new Frames(data), engine.threads().pumps());
    return waiting.of(round.start());
  }

  /** A channel tells its own: who is behind there, or leaves, is not told. */
  private SignalCount signal(List<ChannelName> names, Recipients to, Json data) {
    Set<ConnectionId> told = new HashSet<>(to.except());
    for (UserId user : to.exceptUsers()) {
      sessions.of(user).forEach(session -> told.add(session.id()));
    }
    // Channels are asked one after the other, so nobody else has the set meanwhile.
    Predicate<ConnectionId> wanted =
        names.size() > 1 ? told::add : connection -> !told.contains(connection);
    int given = 0;
    int dropped = 0;
    for (ChannelName name : names) {
      Event event = new Event.Signalled(
          to.named().orElse(name), Optional.empty(), engine.hub().headHere(name), data);
      Reach reach = waiting.of(engine.hub().tell(name, event, wanted));
      given += reach.given();
      dropped += reach.dropped();
    }
    return new SignalCount(given, dropped, 0);
  }

  int disconnect(Recipients who, CloseReason reason, Optional<Json> last) {
    last.ifPresent(data -> requireFits(data, signal(who.named().orElse(LONGEST), data)));
    Optional<Frames> frames = last.map(Frames::new);
    return each(who, target -> {
      if (target.session().outlet().isEnding()) {
        return false;
      }
      // In the line of the replies: signals are not written any more once it ends.
      frames
          .flatMap(all -> all.of(target))
          .ifPresent(frame -> target.session().outlet().queue(frame, null));
      target.session().end(reason);
      return true;
    });
  }

  int cut(Recipients who, CloseReason reason) {
    return each(who, target -> {
      target.session().cut(reason);
      return true;
    });
  }

  private int each(Recipients who, Predicate<Target> action) {
    int[] count = {0};
    Consumer<Target> counting = target -> count[0] += action.test(target) ? 1 : 0;
    if (who.whom() instanceof Whom.Channels channels) {
      Set<ConnectionId> met = new HashSet<>();
      for (ChannelName name : channels.names()) {
        engine.audiences().forEach(name, member -> {
          Session session = member.session();
          if (meant(who, session) && (channels.names().size() == 1 || met.add(session.id()))) {
            counting.accept(new Target(session, who.named().orElse(name)));
          }
        });
      }
    } else {
      new Found(who).forEachRemaining(counting);
    }
    return count[0];
  }

  private static boolean meant(Recipients who, Session session) {
    return !who.except().contains(session.id())
        && (who.exceptUsers().isEmpty()
            || session
                .identity()
                .map(Identity::id)
                .filter(who.exceptUsers()::contains)
                .isEmpty());
  }

  private Event signal(ChannelName named, Json data) {
    return new Event.Signalled(named, Optional.empty(), engine.hub().headHere(named), data);
  }

  /** What never fits would be dropped for everybody, and nobody would know why. */
  private void requireFits(Json data, Event event) {
    int most = engine.limits().hostDataBytes();
    if (data.bytes() > most) {
      throw new RefusedException(
          ErrorCode.TOO_LARGE, "data may have " + most + " bytes, got " + data.bytes());
    }
    int bound = engine.limits().signalBytes();
    for (Dialect dialect : engine.dialects()) {
      int length = dialect.encode(event).map(text -> Frame.of(text).length()).orElse(0);
      if (bound > 0 && length > bound) {
        throw new RefusedException(
            ErrorCode.TOO_LARGE,
            "what is not recorded may take " + bound + " bytes, this takes " + length);
      }
    }
  }

  /** One signal as text, once for each dialect and channel it names. Not for several threads at once. */
  private final class Frames {
    private final Json data;
    private ChannelName named = LONGEST;
    private final Map<Dialect, Optional<Frame>> frames = new HashMap<>(4);

    Frames(Json data) {
      this.data = data;
    }

    Optional<Frame> of(Target target) {
      if (!target.named().equals(named)) {
        frames.clear();
        named = target.named();
      }
      return frames.computeIfAbsent(
          target.session().outlet().dialect(),
          dialect -> dialect.encode(signal(target.named(), data)).map(Frame::of));
    }
  }

  /** The connections that are meant one by one, found as they are asked for. Not for several threads at once. */
  private final class Found implements Iterator<Target> {
    private final Recipients who;
    private final Iterator<?> each;
    private Iterator<Session> some = List.<Session>of().iterator();
    private ChannelName named = ChannelName.BROADCAST;
    private Optional<Target> next = Optional.empty();
    private int unknown;

    Found(Recipients who) {
      this.who = who;
      this.each = who.whom() instanceof Whom.Connections connections
          ? connections.ids().iterator()
          : who.whom() instanceof Whom.Users users
              ? users.ids().iterator()
              : List.of(sessions.all()).iterator();
    }

    /** How many of the listed were not here. */
    int unknown() {
      return unknown;
    }

    @Override
    public boolean hasNext() {
      while (next.isEmpty() && (some.hasNext() || each.hasNext())) {
        if (some.hasNext()) {
          next = Optional.of(some.next())
              .filter(session -> meant(who, session))
              .map(session -> new Target(session, who.named().orElse(named)));
        } else {
          some = sessionsOf(each.next());
        }
      }
      return next.isPresent();
    }

    private Iterator<Session> sessionsOf(Object listed) {
      if (listed instanceof ConnectionId id) {
        Session session = sessions.find(id);
        unknown += session == null ? 1 : 0;
        return session == null
            ? List.<Session>of().iterator()
            : List.of(session).iterator();
      }
      if (listed instanceof UserId user) {
        named = ChannelName.user(user);
        List<Session> mine = sessions.of(user);
        unknown += mine.isEmpty() ? 1 : 0;
        return mine.iterator();
      }
      return sessions.all().iterator();
    }

    @Override
    public Target next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Target found = next.get();
      next = Optional.empty();
      return found;
    }
  }

  /** Tells connections one after the other, in turns with what else the pumps have to do. */
  private final class Round implements Runnable {
    private static final int SLICE = 256;

    private final Found found;
    private final Frames frames;
    private final Executor pumps;
    private final CompletableFuture<SignalCount> done = new CompletableFuture<>();
    private int given;

    Round(Recipients to, Frames frames, Executor pumps) {
      this.found = new Found(to);
      this.frames = frames;
      this.pumps = pumps;
    }

    CompletableFuture<SignalCount> start() {
      pumps.execute(this);
      return done;
    }

    @Override
    public void run() {
      for (int i = 0; i < SLICE && found.hasNext(); i++) {
        Target target = found.next();
        try {
          tell(target);
        } catch (RuntimeException | Error e) {
          // One that can not be told must not keep the others from it.
          LOG.log(System.Logger.Level.ERROR, "a connection could not be told", e);
        }
      }
      if (found.hasNext()) {
        pumps.execute(this);
      } else {
        done.complete(new SignalCount(given, 0, found.unknown()));
      }
    }

    private void tell(Target target) {
      Optional<Frame> frame = frames.of(target);
      if (frame.isEmpty() || target.session().outlet().isEnding()) {
        return;
      }
      given++;
      if (target.session().outlet().signal(null, target.named(), frame.get())) {
        target.session().outlet().pump();
      }
    }
  }
}
