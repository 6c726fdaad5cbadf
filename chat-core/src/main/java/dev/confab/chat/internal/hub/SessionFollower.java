package dev.confab.chat.internal.hub;

import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.internal.outlet.Source;
import dev.confab.chat.internal.outlet.Turn;
import dev.confab.chat.internal.session.Audiences;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.session.Subscription;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Result.PresencePage;
import dev.confab.chat.spi.Frame;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** One subscription of one session: a position in one log, and nothing that grows while the client does not read. */
final class SessionFollower extends Source implements Follower, Subscription, Reading.Owner {
  private static final int BARRIER_BYTES = 16 * 1024;

  private final Pin pin;
  private final Session session;
  private final Outlet outlet;
  private final int dialect;
  private final UserRef user;
  private final LongAdder delivered;
  private final Audiences audiences;
  private final Reading reading;

  /** Set under the lock of this. */
  private volatile boolean over;

  private volatile Followers.@Nullable Slice slice;

  /** The number at which {@code live} is said; negative once it was. Touched by the pump only. */
  private long liveAt;

  SessionFollower(
      Pin pin,
      Hub hub,
      Session session,
      int dialect,
      UserRef user,
      Cursor start,
      long liveAt,
      long trimmedTold) {
    this.pin = pin;
    this.session = session;
    this.outlet = session.outlet();
    this.dialect = dialect;
    this.user = user;
    this.liveAt = liveAt;
    this.delivered = hub.delivered();
    this.audiences = hub.audiences();
    this.reading = hub.reading(pin.channel(), start, trimmedTold, this);
  }

  @Override
  public void readable() {
    outlet.readySoon(this);
  }

  /** Joins the channel and looks once more whether it moved while that was being prepared. */
  void start(boolean presence) {
    Followers.Slice mine = pin.channel().followers().add(this);
    slice = mine;
    if (over) {
      // Ended meanwhile, by somebody who could not know yet where to take it out.
      pin.channel().followers().remove(this, mine);
      return;
    }
    audiences.join(this);
    if (presence) {
      openWatch();
    }
    outlet.readySoon(this);
  }

  /** Who is there; what changes is held until {@link #openWatch}. */
  PresencePage watch(int limit) {
    PresencePage page = pin.channel().presence().watch(this, limit);
    if (over) {
      // Ended meanwhile, before there was anything to take back.
      pin.channel().presence().unwatch(this);
    }
    return page;
  }

  void openWatch() {
    pin.channel().presence().open(this);
  }

  @Override
  public ChannelName channel() {
    return pin.channel().name();
  }

  @Override
  public Source source() {
    return this;
  }

  @Override
  public Session session() {
    return session;
  }

  @Override
  public UserRef user() {
    return user;
  }

  @Override
  public boolean isOver() {
    return over;
  }

  ConnectionId connection() {
    return session.id();
  }

  int dialect() {
    return dialect;
  }

  @Override
  public boolean behind() {
    return reading.behind();
  }

  @Override
  public void wake(boolean suspect) {
    if (suspect) {
      reading.suspect();
    } else if (reading.position().seq() >= pin.channel().tail().end().seq()) {
      return;
    }
    if (outlet.ready(this)) {
      outlet.pump();
    }
  }

  /** Tells it something that may be dropped. */
  void signal(Frame frame) {
    if (outlet.signal(this, pin.channel().name(), frame)) {
      outlet.pump();
    }
  }

  @Override
  protected boolean pull(Turn turn, int maxBytes) {
    int left = maxBytes;
    while (true) {
      sayLive(turn);
      Reading.Step step = reading.next(dialect, maxBytes);
      if (step instanceof Reading.Step.Encoded encoded) {
        return take(encoded.run(), turn);
      } else if (step instanceof Reading.Step.Entries page) {
        for (Entry entry : page.entries()) {
          Optional<Frame> frame =
              outlet.dialect().encode(new Event.Recorded(entry)).map(Frame::of);
          if (frame.isPresent()) {
            int length = frame.get().length();
            if ((left < maxBytes && length > left) || !turn.takesOrEnds(length)) {
              return true;
            }
            turn.add(frame.get());
            left -= length;
            delivered.increment();
          }
          reading.moveTo(entry.cursor());
        }
      } else if (step instanceof Reading.Step.Reset reset) {
        liveAt = -1;
        if (!canBeTold(turn, new Event.Reset(pin.channel().name(), reset.head()))) {
          return false;
        }
      } else if (step instanceof Reading.Step.Trimmed trimmed) {
        if (!canBeTold(turn, new Event.Trimmed(pin.channel().name(), trimmed.range()))) {
          return false;
        }
      } else {
        sayLive(turn);
        return false;
      }
    }
  }

  @Override
  protected boolean pullTo(long seq, Turn turn) {
    while (reading.position().seq() < seq && !reading.isBehindGone() && !reading.elsewhere()) {
      sayLive(turn);
      // As far as the others read, so that all are at one place; and to what the barrier asks for.
      // Who is answered first is shown no more than was answered.
      long horizon = outlet.dialect().manners().acknowledgesFirst()
          ? seq
          : Math.max(seq, pin.channel().horizon());
      if (!(pin.channel().tail().look(reading.position(), dialect, BARRIER_BYTES, horizon)
          instanceof Tail.Look.Here here)) {
        return true;
      }
      Run run = here.run();
      if (!turn.takesOrEnds(run.length())) {
        return false;
      }
      take(run, turn);
    }
    return true;
  }

  private boolean take(Run run, Turn turn) {
    if (!run.frames().isEmpty() && !turn.takesOrEnds(run.length())) {
      return true;
    }
    turn.addAll(run.frames(), run.length());
    reading.moveTo(run.to());
    delivered.add(run.shown());
    sayLive(turn);
    return run.more();
  }

  private void sayLive(Turn turn) {
    if (liveAt < 0) {
      return;
    }
    if (!reading.isBehindGone() && reading.isAtEnd()) {
      // The log went back to before where this was to be said, and no further than to here.
      liveAt = Math.min(liveAt, reading.position().seq());
    }
    if (reading.position().seq() >= liveAt) {
      outlet
          .dialect()
          .encode(new Event.Live(pin.channel().name(), liveAt))
          .map(Frame::of)
          .ifPresent(turn::add);
      liveAt = -1;
    }
  }

  private boolean canBeTold(Turn turn, Event event) {
    if (outlet.dialect().manners().canBeReset()) {
      outlet.dialect().encode(event).map(Frame::of).ifPresent(turn::add);
      return true;
    }
    session.end(CloseReason.LOG_RESET);
    return false;
  }

  @Override
  protected void shrink() {
    reading.shrink();
  }

  @Override
  public void end() {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
    }
    audiences.leave(this);
    outlet.detach(this);
    Followers.Slice mine = slice;
    if (mine != null) {
      pin.channel().followers().remove(this, mine);
    }
    pin.channel().presence().unwatch(this);
    // A guest's id is the connection's, and goes with it.
    boolean guest = user.id().value().equals(session.id().value());
    pin.channel().presence().leave(user, guest && session.isEnded());
    reading.abandon();
    pin.release();
  }
}
