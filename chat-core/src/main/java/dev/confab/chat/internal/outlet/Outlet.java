package dev.confab.chat.internal.outlet;

import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Frame;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What one connection still has to be told: replies, signals, and the sources that have something to pull. At most one
 * write is in flight, and while it is nothing else happens: positions simply stay behind.
 *
 * <p>An outlet is idle, pumping or writing. Who has something sets <em>again</em>; who finds it idle becomes the pump; the
 * pump clears <em>again</em>, collects one turn, and goes idle only by a step that fails if <em>again</em> was set.
 *
 * <p><b>Threads.</b> Any. Its own lock is a leaf and is never held while a source, a dialect or the connection is called.
 */
public final class Outlet {
  private static final System.Logger LOG = System.getLogger(Outlet.class.getName());

  /** How much one source adds before the next one's turn. */
  private static final int SOURCE_BYTES = 16 * 1024;

  /** How many turns one pump writes before others get its thread. */
  private static final int TURNS = 16;

  /**
   * What a reader took faster than it has to counts for it later, up to this much. It is more than a third of the largest
   * send buffer Linux gives a socket by itself: a write waits until so much of that is free, however steadily the client
   * reads.
   */
  private static final long CREDIT_BYTES = 2 << 20;

  private static final int CALLING = 0;
  private static final int RETURNED = 1;
  private static final int ENDED = 2;

  /** Told what a session has to know of its outlet; on any thread. */
  public interface Owner {
    /** A write failed: the connection is of no use any more. */
    void writeFailed(Throwable failure);
  }

  /**
   * A source that has to pass a number before a reply may leave, or, for clients that are answered first, right behind it.
   *
   * @param source the source
   * @param seq the number
   */
  public record Barrier(Source source, long seq) {}

  private enum State {
    IDLE,
    PUMPING,
    WRITING,
    CLOSED
  }

  private final Connection connection;
  private final Dialect dialect;
  private final boolean joins;
  private final Owner owner;
  private final Executor pumps;
  private final Flights flights;
  private final Limits limits;
  private final Time time;

  // All below guarded by this.
  private State state = State.IDLE;
  private boolean again;
  private final Replies replies;
  private final Ready ready = new Ready();
  private final Signals signals;
  private @Nullable CloseReason ending;
  private long endingSince;
  private long writeSince;
  private int writeLength;
  private long lastWrite;

  /** By how much the writes so far were faster than a second for each KiB. */
  private long creditNanos;

  /** An idle outlet of this connection. */
  public Outlet(
      Connection connection,
      Dialect dialect,
      Owner owner,
      Executor pumps,
      Flights flights,
      Limits limits,
      Time time) {
    this.connection = connection;
    this.dialect = dialect;
    this.joins = dialect.manners().joinsFrames();
    this.owner = owner;
    this.pumps = pumps;
    this.flights = flights;
    this.limits = limits;
    this.time = time;
    this.replies = new Replies(limits.replyBytes());
    this.signals = new Signals(limits.signalBytes());
    this.lastWrite = time.nanos();
  }

  /** The dialect the client speaks. */
  public Dialect dialect() {
    return dialect;
  }

  /** True if replies have room. */
  public synchronized boolean hasRoom() {
    return replies.hasRoom();
  }

  /** Queues an event that belongs to no channel, in the order of the replies. */
  public void tell(Event event) {
    dialect.encode(event).ifPresent(text -> queue(Frame.of(text), null));
  }

  /**
   * Queues a reply, behind all that were queued before and, if there is a barrier, behind what its source still owes, or, for
   * clients that are answered first, right before that. May be called under the caller's lock.
   */
  public void queue(Frame frame, @Nullable Barrier barrier) {
    synchronized (this) {
      if (state == State.CLOSED || ending != null) {
        return;
      }
      replies.add(frame, barrier, time.nanos());
      if (!becomesPump()) {
        return;
      }
    }
    pumps.execute(this::pump);
  }

  /**
   * Queues a frame as {@link #queue} does, without having it written: it leaves with what else leaves. Who calls this sees to
   * it that, if it still {@link #waits} a moment later, it is let {@link #leave}.
   */
  public synchronized void queueToLeave(Frame frame, @Nullable Barrier barrier) {
    if (state != State.CLOSED && ending == null) {
      replies.add(frame, barrier, time.nanos());
    }
  }

  /** True if a reply waits and nobody is seeing to it. */
  public synchronized boolean waits() {
    return state == State.IDLE && !replies.isEmpty();
  }

  /** Writes what waits, if nobody is seeing to it. On a pump. */
  public void leave() {
    synchronized (this) {
      if (!waits() || !becomesPump()) {
        return;
      }
    }
    pump();
  }

  /**
   * True if replies have room. If not, the task runs once they have, on a pump: it must hand over at once. There is one
   * task that waits at a time, for this or for what {@link #hasShownOr} is asked.
   */
  public boolean hasRoomOr(Runnable task) {
    synchronized (this) {
      if (replies.hasRoom() || state == State.CLOSED) {
        return true;
      }
      replies.whenRoom(task);
      return false;
    }
  }

  /**
   * True if all that was acknowledged was shown to who sent it, as far as it lay at hand: a source may be detached and nothing
   * of that is missed. If not, the task runs once it was, as that of {@link #hasRoomOr} does.
   */
  public boolean hasShownOr(Runnable task) {
    synchronized (this) {
      if (replies.allShown() || state == State.CLOSED) {
        return true;
      }
      replies.whenShown(task);
      return false;
    }
  }

  /**
   * Notes that a source has something.
   *
   * @return true if the caller became the pump and has to call {@link #pump}
   */
  public boolean ready(Source source) {
    synchronized (this) {
      if (source.detached || state == State.CLOSED || ending != null) {
        return false;
      }
      if (!source.ready) {
        ready.add(source);
      }
      return becomesPump();
    }
  }

  /** Notes that a source has something, and lets a pump see to it. */
  public void readySoon(Source source) {
    if (ready(source)) {
      pumps.execute(this::pump);
    }
  }

  /**
   * Queues something that may be dropped: if too much waits, the oldest of the same channel goes.
   *
   * @param source the subscription it belongs to; null if to none
   * @return true if the caller became the pump and has to call {@link #pump}
   */
  public boolean signal(@Nullable Source source, Object channel, Frame frame) {
    synchronized (this) {
      if (state == State.CLOSED || ending != null || (source != null && source.detached)) {
        return false;
      }
      flights.signalsDropped(signals.add(source, channel, frame));
      return becomesPump();
    }
  }

  /** Queues a signal, and lets a pump see to it. */
  public void signalSoon(@Nullable Source source, Object channel, Frame frame) {
    if (signal(source, channel, frame)) {
      pumps.execute(this::pump);
    }
  }

  /** After this returns nothing is pulled from the source into a later turn, and none of its signals is left. */
  public void detach(Source source) {
    synchronized (this) {
      source.detached = true;
      if (source.ready) {
        ready.remove(source);
      }
      signals.removeAllOf(source);
    }
    source.shrink();
  }

  /** Collects and writes, turn by turn, until nothing is left or a write is in flight. Only for who became the pump. */
  public void pump() {
    try {
      for (int turns = 0; turns < TURNS; turns++) {
        Turn turn = collect();
        if (turn == null || !write(turn)) {
          return;
        }
      }
    } catch (RuntimeException | Error e) {
      // Nobody else would ever pump it again.
      LOG.log(
          System.Logger.Level.ERROR, "what a connection has to be told could not be collected", e);
      close(CloseReason.INTERNAL);
      return;
    }
    pumps.execute(this::pump);
  }

  private @Nullable Turn collect() {
    Turn turn = collectTurn();
    Runnable released;
    synchronized (this) {
      released = replies.released();
    }
    if (released != null) {
      // Not sooner: what belongs to a reply is in the turn now.
      released.run();
    }
    return turn;
  }

  private @Nullable Turn collectTurn() {
    while (true) {
      synchronized (this) {
        if (state == State.CLOSED) {
          return null;
        }
        state = State.PUMPING;
        again = false;
      }
      Turn turn = new Turn(joins, flights.nextWriteBytes());
      if (collectReplies(turn)) {
        if (dialect.manners().acknowledgesFirst()) {
          collectBehindReplies(turn);
        } else {
          collectReady(turn);
        }
        collectSignals(turn);
      }
      if (!turn.isEmpty()) {
        return turn;
      }
      CloseReason reason;
      synchronized (this) {
        if (state == State.CLOSED) {
          return null;
        }
        reason = replies.isEmpty() ? ending : null;
        if (reason == null) {
          if (again || hasMore()) {
            continue;
          }
          state = State.IDLE;
          return null;
        }
      }
      close(reason);
      return null;
    }
  }

  /** False if the turn is full, or holds a reply back that something has to come before. */
  private boolean collectReplies(Turn turn) {
    boolean answersFirst = dialect.manners().acknowledgesFirst();
    while (true) {
      Replies.Waiting next;
      synchronized (this) {
        next = replies.first();
      }
      if (next == null) {
        return true;
      }
      Barrier barrier = answersFirst ? null : next.barrier;
      if (barrier != null && !isPassed(barrier, turn)) {
        return false;
      }
      if (!turn.takes(next.frame.length())) {
        return false;
      }
      turn.add(next.frame);
      synchronized (this) {
        if (replies.remove(next) && answersFirst && next.barrier != null) {
          replies.owe(next.barrier);
        }
      }
    }
  }

  /** False if the turn is full before its source has passed the number. */
  private boolean isPassed(Barrier barrier, Turn turn) {
    return isDetached(barrier.source()) || barrier.source().pullTo(barrier.seq(), turn);
  }

  /** What a source shows now may be what a reply of just now acknowledges: that one was queued before. */
  private void collectBehindReplies(Turn turn) {
    Turn events = new Turn(joins, turn.room());
    collectReady(events);
    collectReplies(turn);
    events.moveInto(turn);
    collectOwed(turn);
  }

  /** Also looks at what is passed already where the turn is full: somebody may wait for that. */
  private void collectOwed(Turn turn) {
    while (true) {
      Barrier owed;
      synchronized (this) {
        owed = replies.firstOwed();
      }
      if (owed == null || !isPassed(owed, turn)) {
        return;
      }
      synchronized (this) {
        replies.shown(owed.source());
      }
    }
  }

  private void collectReady(Turn turn) {
    while (turn.room() > 0) {
      Source source;
      synchronized (this) {
        if (ending != null) {
          return;
        }
        source = ready.poll();
        if (source == null) {
          return;
        }
      }
      if (source.pull(turn, Math.min(SOURCE_BYTES, turn.room()))) {
        synchronized (this) {
          if (!source.ready && !source.detached) {
            ready.add(source);
          }
        }
      }
    }
  }

  private void collectSignals(Turn turn) {
    synchronized (this) {
      if (ending == null) {
        signals.moveInto(turn);
      }
    }
  }

  /** True if the write is done already and the pump may go on; else whoever ends it sees to what comes next. */
  private boolean write(Turn turn) {
    List<Frame> frames = turn.frames();
    synchronized (this) {
      if (state == State.CLOSED) {
        return false;
      }
      state = State.WRITING;
      writeSince = time.nanos();
      writeLength = turn.bytes();
      lastWrite = writeSince;
    }
    flights.started(turn.bytes());
    Flight flight = new Flight(turn.bytes());
    try {
      connection.write(frames, flight);
    } catch (RuntimeException | Error e) {
      // None should; but who pumps may be waking a whole channel, and the others are waiting.
      flight.done(e);
    }
    return !flight.compareAndSet(CALLING, RETURNED);
  }

  /** One write. Its value says whether the call has returned, or the write has ended while the call was still running. */
  private final class Flight extends AtomicInteger implements Connection.Done {
    private static final long serialVersionUID = 1L;

    private final int length;
    private boolean over;

    Flight(int length) {
      super(CALLING);
      this.length = length;
    }

    @Override
    public void done(@Nullable Throwable failure) {
      synchronized (this) {
        if (over) {
          return;
        }
        over = true;
      }
      flights.ended(length);
      if (failure == null) {
        earn(length);
      } else {
        owner.writeFailed(failure);
      }
      if (!compareAndSet(CALLING, ENDED)) {
        afterWrite();
      }
    }
  }

  /** Never writes itself: it may run inside the container's stack or under its lock. */
  private void afterWrite() {
    synchronized (this) {
      if (state != State.WRITING) {
        return;
      }
      boolean nothing = !again && !hasMore() && ending == null;
      state = nothing ? State.IDLE : State.PUMPING;
      if (nothing) {
        return;
      }
    }
    pumps.execute(this::pump);
  }

  /** Sends a ping of the transport's own if nothing else is under way. */
  public void ping() {
    synchronized (this) {
      if (state != State.IDLE || ending != null) {
        return;
      }
      // Nobody else may write while the ping does.
      state = State.PUMPING;
      lastWrite = time.nanos();
    }
    try {
      connection.ping();
    } finally {
      pumps.execute(this::pump);
    }
  }

  /** Sends what is queued as replies, then this event if the client knows it, and closes. */
  public void end(CloseReason reason) {
    Frame bye = dialect.encode(new Event.Bye(reason)).map(Frame::of).orElse(null);
    synchronized (this) {
      if (state == State.CLOSED || ending != null) {
        return;
      }
      if (bye != null) {
        replies.add(bye, null, time.nanos());
      }
      ending = reason;
      endingSince = time.nanos();
      if (!becomesPump()) {
        return;
      }
    }
    pumps.execute(this::pump);
  }

  /** Closes at once. Closing again does nothing. */
  public void close(CloseReason reason) {
    if (discard()) {
      connection.close(reason);
    }
  }

  /**
   * Forgets all that waits, because the connection has ended.
   *
   * @return false if that was known already
   */
  public boolean discard() {
    List<Source> held;
    Runnable released;
    synchronized (this) {
      if (state == State.CLOSED) {
        return false;
      }
      state = State.CLOSED;
      held = ready.all();
      replies.clear();
      released = replies.released();
      ready.clear();
      signals.clear();
    }
    held.forEach(Source::shrink);
    if (released != null) {
      released.run();
    }
    return true;
  }

  private synchronized void earn(int length) {
    long earned = creditNanos + nanosFor(length) - (time.nanos() - writeSince);
    creditNanos = Math.max(0, Math.min(nanosFor(CREDIT_BYTES), earned));
  }

  /** How long so much may take. */
  private static long nanosFor(long bytes) {
    return bytes * (1_000_000_000L / 1024);
  }

  /**
   * Why this connection has to end now, as far as an outlet can see; null if it need not.
   *
   * <p>A client that speaks while it does not take a write may be reading what stands before it in the buffers between: it
   * is given what it took faster before.
   *
   * @param lastWord when the client was heard last, on the clock that never jumps
   * @param silence after how long without a word it no longer counts as one that speaks
   */
  public @Nullable CloseReason verdict(long lastWord, Duration silence) {
    List<Source> held = List.of();
    CloseReason reason = null;
    synchronized (this) {
      long now = time.nanos();
      if (state == State.WRITING) {
        Duration waited = Duration.ofNanos(now - writeSince);
        boolean speaks = lastWord - writeSince > 0 && now - lastWord < silence.toNanos();
        Duration credit = Duration.ofNanos(speaks ? creditNanos : 0);
        if (waited.compareTo(stallAfter(writeLength).plus(credit)) >= 0) {
          reason = CloseReason.STALLED;
        } else if (waited.toMillis() > 1000) {
          held = ready.all();
        }
      }
      if (ending != null && now - endingSince > Duration.ofSeconds(2).toNanos()) {
        reason = ending;
      }
      if (reason == null && replies.fullFor(limits.repliesFullFor().toNanos(), now)) {
        reason = CloseReason.OVERLOADED;
      }
    }
    // Pages for a client that does not read would keep others from reading theirs.
    held.forEach(Source::shrink);
    return reason;
  }

  private Duration stallAfter(int length) {
    Duration byLength = Duration.ofNanos(nanosFor(length));
    return byLength.compareTo(limits.stallAfter()) > 0 ? byLength : limits.stallAfter();
  }

  /** True if nothing that is queued from now on will be written. */
  public synchronized boolean isEnding() {
    return state == State.CLOSED || ending != null;
  }

  /** True while a write waits for the socket. */
  public synchronized boolean writing() {
    return state == State.WRITING;
  }

  /** When something was last written, on the clock that never jumps. */
  public synchronized long lastWrite() {
    return lastWrite;
  }

  /** True if something waits that a turn would take. */
  private boolean hasMore() {
    return !replies.isEmpty() || !replies.allShown() || !ready.isEmpty() || !signals.isEmpty();
  }

  private boolean becomesPump() {
    again = true;
    if (state != State.IDLE) {
      return false;
    }
    state = State.PUMPING;
    return true;
  }

  private synchronized boolean isDetached(Source source) {
    return source.detached;
  }
}
