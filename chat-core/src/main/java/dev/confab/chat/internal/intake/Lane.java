package dev.confab.chat.internal.intake;

import dev.confab.chat.internal.command.Commands;
import dev.confab.chat.internal.command.Failures;
import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.internal.session.Happenings;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.ChatListener.Happening;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Conversation.Answer;
import dev.confab.chat.spi.Frame;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One connection's commands in order. Sends run side by side; every other op waits until the sends before it have their
 * outcome and their sender is shown what it is to see of its own with it, and what is behind it waits until it is answered.
 * Requests without id are answered in the order they came.
 *
 * <p><b>Threads.</b> {@link #offer} is for the socket's thread; the commands run on the door pool, one at a time, and while
 * one waits for something no thread does. Its lock is held while a reply is put into the outlet, and only then is another
 * lock taken inside it.
 */
final class Lane {
  /** What all lanes share. */
  record Parts(
      Commands commands,
      Gate logins,
      Gate checks,
      Executor doors,
      Happenings happenings,
      RefusalCount refusals,
      Limits limits,
      Time time) {}

  /** How many times the bound may be refused and wait to be told, before it is flooding. */
  private static final int FLOOD = 4;

  private static final System.Logger LOG = System.getLogger(Lane.class.getName());

  private final Session session;
  private final Conversation conversation;
  private final Outlet outlet;
  private final Parts parts;
  private final Limits limits;

  // All below guarded by this.
  private final Deque<Call> waiting = new ArrayDeque<>(4);
  private int waitingBytes;
  private int refusedWaiting;

  /** True while somebody runs this lane or will be called to go on with it. */
  private boolean running;

  /** True if it goes on when the last open send has its outcome. */
  private boolean parkedForSends;

  private int openSends;
  private long openSendBytes;

  /** What was given to the application last, and when. */
  private @Nullable Call current;

  private long currentSince;

  /** True while it waits for a place in its gate. */
  private boolean currentInLine;

  /** Requests without id, in the order they came, that are not answered yet. */
  private final Deque<Call> unanswered = new ArrayDeque<>(4);

  private boolean closed;

  /** True until what has to come first was said: so long nothing is answered at the edge. */
  private volatile boolean greeting;

  Lane(Session session, Conversation conversation, Parts parts) {
    this.session = session;
    this.conversation = conversation;
    this.outlet = session.outlet();
    this.parts = parts;
    this.limits = parts.limits();
  }

  /**
   * Something was asked.
   *
   * @param bytes what it counts for while it waits
   */
  void offer(Decoded decoded, int bytes) {
    if (decoded instanceof Decoded.Chain chain) {
      AtomicBoolean broken = new AtomicBoolean();
      int each = bytes / chain.links().size();
      chain.links().forEach(link -> take(link, each, null, broken));
      return;
    }
    if (decoded instanceof Decoded.Request request) {
      if (request.command() instanceof Command.Pong) {
        return;
      }
      if (request.command() instanceof Command.Ping && !greeting && outlet.hasRoom()) {
        // Answered at the edge: a busy application does not look like a dead server.
        Answer answer = answer(decoded, new Result.Pong());
        answer.text().map(Frame::of).ifPresent(frame -> outlet.queue(frame, null));
        answer.close().ifPresent(session::end);
        return;
      }
    }
    take(decoded, bytes, null, null);
  }

  /**
   * Something has to be done that nobody asked for: instead of a reply, the task runs, before anything behind it does.
   *
   * @param last whether nothing more has to come before the first answer
   */
  void offerSilently(Decoded decoded, Runnable whenDone, boolean last) {
    greeting = true;
    take(
        decoded,
        0,
        () -> {
          whenDone.run();
          greeting = !last;
        },
        null);
  }

  private void take(
      Decoded decoded, int bytes, @Nullable Runnable instead, @Nullable AtomicBoolean chainBroken) {
    boolean flooding = false;
    synchronized (this) {
      if (closed) {
        return;
      }
      boolean full = waiting.size() - refusedWaiting >= limits.waitingCommands()
          || waitingBytes + bytes > limits.waitingCommandBytes();
      Call call = full
          ? tooMuch(decoded, instead, chainBroken)
          : new Call(this, decoded, bytes, null, instead, chainBroken);
      if (full && ++refusedWaiting > FLOOD * limits.waitingCommands()) {
        close();
        flooding = true;
      } else {
        waiting.addLast(call);
        waitingBytes += call.bytes();
        if (instead == null && decoded.id().isEmpty()) {
          unanswered.addLast(call);
        }
        if (running) {
          return;
        }
        running = true;
      }
    }
    if (flooding) {
      session.end(CloseReason.FLOODING);
    } else {
      go();
    }
  }

  /** It counts for nothing while it waits to be refused, so nothing of what it asked is kept. */
  private Call tooMuch(
      Decoded decoded, @Nullable Runnable instead, @Nullable AtomicBoolean chainBroken) {
    Refusal overloaded = Refusal.of(ErrorCode.OVERLOADED);
    Decoded named = new Decoded.Malformed(decoded.named(), decoded.id(), overloaded);
    return new Call(this, named, 0, overloaded, instead, chainBroken);
  }

  private void go() {
    parts.doors().execute(this::run);
  }

  /**
   * Works until nothing is left or something has to be waited for. There is one runner of a lane at a time: a thread in here,
   * or whoever was asked to let it go on.
   */
  private void run() {
    while (outlet.hasRoomOr(this::go)) {
      if (outlet.isEnding()) {
        // Who is sent away does nothing more while the goodbye is on its way.
        close();
      }
      Call call = next();
      if (call == null) {
        return;
      }
      if (call.decoded() instanceof Decoded.Deferred deferred) {
        if (!resolve(call, deferred)) {
          return;
        }
        continue;
      }
      if (call.isPointless()) {
        leave(call, Answer.nothing(), null, true);
        continue;
      }
      Refusal refusal = beforehand(call);
      if (refusal != null) {
        call.refused(refusal);
      } else if (!enter(call)) {
        return;
      }
    }
  }

  private synchronized @Nullable Call next() {
    Call call = waiting.peekFirst();
    if (call == null || closed) {
      running = false;
      return null;
    }
    if (call.decoded() instanceof Decoded.Deferred) {
      // It stays the first until it is known what it asks.
      return call;
    }
    if (call.refusal() == null && call.command() != null && !call.isSend()) {
      if (openSends > 0) {
        parkedForSends = true;
        return null;
      }
      // What comes now may end the subscription from which a sender is shown its own entries.
      if (!outlet.hasShownOr(this::go)) {
        return null;
      }
    }
    waiting.removeFirst();
    waitingBytes -= call.bytes();
    if (call.refusal() != null) {
      refusedWaiting--;
    }
    return call;
  }

  /** False if the dialect failed, and the connection ends. */
  private boolean resolve(Call call, Decoded.Deferred deferred) {
    try {
      Decoded asked = deferred.when().apply(session.identity());
      if (asked instanceof Decoded.Chain chain) {
        spread(call, chain);
        return true;
      } else if (asked instanceof Decoded.Request || asked instanceof Decoded.Malformed) {
        call.resolve(asked);
        return true;
      }
      throw new IllegalStateException("a deferred request turned out to be " + asked.getClass());
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "a dialect could not say what a frame asks", e);
    }
    close();
    session.end(CloseReason.INTERNAL);
    synchronized (this) {
      running = false;
    }
    return false;
  }

  /** The links take the place of the one that turned out to be them, in both lines. */
  private synchronized void spread(Call one, Decoded.Chain chain) {
    if (!one.equals(waiting.peekFirst())) {
      // Closed meanwhile.
      return;
    }
    AtomicBoolean broken = new AtomicBoolean();
    List<Call> links = chain.links().stream()
        .map(link -> new Call(this, link, one.bytes() / chain.links().size(), null, null, broken))
        .toList();
    Deque<Call> behind = new ArrayDeque<>(4);
    while (!unanswered.isEmpty() && waiting.contains(unanswered.peekLast())) {
      behind.addFirst(unanswered.removeLast());
    }
    // It is not there if it bears an id; its links may bear none.
    behind.remove(one);
    links.stream().filter(link -> link.decoded().id().isEmpty()).forEach(unanswered::addLast);
    unanswered.addAll(behind);
    waiting.removeFirst();
    waitingBytes -= one.bytes();
    for (int i = links.size() - 1; i >= 0; i--) {
      waiting.addFirst(links.get(i));
      waitingBytes += links.get(i).bytes();
    }
  }

  private @Nullable Refusal beforehand(Call call) {
    if (call.refusal() != null) {
      return call.refusal();
    }
    if (call.decoded() instanceof Decoded.Malformed malformed) {
      // Who is not logged in learns nothing of what an op would take.
      boolean stranger = session.identity().isEmpty();
      return stranger
              && malformed.named().filter(op -> !parts.commands().open(op)).isPresent()
          ? Refusal.of(ErrorCode.NOT_AUTHENTICATED)
          : malformed.refusal();
    }
    if (call.isSend()) {
      synchronized (this) {
        if (openSends >= limits.openSends()
            || (openSends > 0 && openSendBytes + call.bytes() > limits.openSendBytes())) {
          return Refusal.of(ErrorCode.OVERLOADED);
        }
        call.open = true;
        openSends++;
        openSendBytes += call.bytes();
      }
    }
    return null;
  }

  /** True if this thread goes on with the lane once it returns. */
  private boolean enter(Call call) {
    long now = parts.time().nanos();
    synchronized (this) {
      current = call;
      currentSince = now;
      currentInLine = true;
    }
    if (call.isLogin()) {
      session.loggingIn(true, now);
    }
    Gate gate = call.isLogin() ? parts.logins() : parts.checks();
    Runnable late = () -> {
      if (perform(call, gate)) {
        run();
      }
    };
    return gate.enter(() -> parts.doors().execute(late)) && perform(call, gate);
  }

  private boolean perform(Call call, Gate gate) {
    try {
      if (begins(call)) {
        parts.commands().handle(session, Objects.requireNonNull(call.command()), call);
      }
    } catch (RuntimeException | Error e) {
      call.refused(Failures.of(e));
    } finally {
      gate.leave();
    }
    // Who was answered "unavailable" comes back too late: the lane has gone on since.
    return !call.timedOut() && (call.isSend() || call.secondToArrive());
  }

  /** False if it was answered already; else the application has it from now on. */
  private synchronized boolean begins(Call call) {
    if (call.timedOut()) {
      return false;
    }
    currentSince = parts.time().nanos();
    currentInLine = false;
    return true;
  }

  /** A call has waited for its place for too long, or the application has had it for too long. */
  void checkTimeout(long nowNanos) {
    Call late;
    synchronized (this) {
      Duration limit = currentInLine ? limits.doorWait() : limits.doorTimeout();
      if (current == null || nowNanos - currentSince < limit.toNanos()) {
        return;
      }
      late = current;
      current = null;
    }
    if (late.timeOut()) {
      go();
    }
  }

  /**
   * The answer to a call is there. Told once for each call.
   *
   * @param then what has to happen between the reply and whatever was asked later
   */
  void answered(
      Call call, Result result, Outlet.@Nullable Barrier barrier, @Nullable Runnable then) {
    answered(call, result, barrier, then, true);
  }

  /**
   * As above; but the reply is only queued, and leaves with what else leaves.
   *
   * @return where it waits; empty if there is no reply
   */
  Optional<Outlet> queued(Call call, Result result, Outlet.@Nullable Barrier barrier) {
    answered(call, result, barrier, null, false);
    return call.instead() == null ? Optional.of(outlet) : Optional.empty();
  }

  private void answered(
      Call call,
      Result result,
      Outlet.@Nullable Barrier barrier,
      @Nullable Runnable then,
      boolean leaves) {
    if (result instanceof Result.Refused refused) {
      ErrorCode code = refused.refusal().code();
      parts.refusals().count(code);
      parts.happenings().tell(new Happening.Refused(session.id(), call.decoded().named(), code));
      call.breakChain();
    }
    if (call.isLogin()) {
      session.loggingIn(false, parts.time().nanos());
    }
    Runnable instead = call.instead();
    if (instead != null) {
      instead.run();
    } else {
      leave(call, answer(call.decoded(), result), barrier, leaves);
    }
    if (then != null) {
      then.run();
    }
    boolean goOn = !call.isSend() && !call.timedOut() && call.secondToArrive();
    synchronized (this) {
      if (call.equals(current)) {
        // An idle connection does not keep what it asked last.
        current = null;
      }
      if (call.open) {
        call.open = false;
        openSends--;
        openSendBytes -= call.bytes();
        if (openSends == 0 && parkedForSends) {
          parkedForSends = false;
          goOn = true;
        }
      }
    }
    if (goOn) {
      go();
    }
  }

  private Answer answer(Decoded asked, Result result) {
    try {
      return conversation.answer(asked, result);
    } catch (RuntimeException | Error e) {
      // The lane would wait for ever for what nobody says.
      LOG.log(System.Logger.Level.ERROR, "a dialect could not put an answer into text", e);
      return Answer.nothing().thenClose(CloseReason.INTERNAL);
    }
  }

  /** An answer leaves, or waits for those that have to leave before it. */
  private void leave(Call call, Answer answer, Outlet.@Nullable Barrier barrier, boolean leaves) {
    Frame frame = answer.text().map(Frame::of).orElse(null);
    CloseReason close = answer.close().orElse(null);
    synchronized (this) {
      if (call.decoded().id().isPresent()) {
        if (frame != null) {
          queue(frame, barrier, leaves);
        }
      } else {
        call.answered = true;
        call.frame = frame;
        call.barrier = barrier;
        call.close = close;
        close = answerInOrder(leaves);
      }
    }
    if (close != null) {
      session.end(close);
    }
  }

  /**
   * Replies to requests without id leave in the order these came. Called under the lock.
   *
   * @return why the connection ends behind them; null if it does not
   */
  private @Nullable CloseReason answerInOrder(boolean leaves) {
    for (Call next = unanswered.peekFirst(); next != null; next = unanswered.peekFirst()) {
      if (!next.answered) {
        return null;
      }
      unanswered.removeFirst();
      if (next.frame != null) {
        queue(next.frame, next.barrier, leaves);
      }
      if (next.close != null) {
        return next.close;
      }
    }
    return null;
  }

  private void queue(Frame frame, Outlet.@Nullable Barrier barrier, boolean leaves) {
    if (leaves) {
      outlet.queue(frame, barrier);
    } else {
      outlet.queueToLeave(frame, barrier);
    }
  }

  /** Nothing more is taken; what waits is not answered. What has begun ends by itself, and is. */
  synchronized void close() {
    closed = true;
    // They came last, so what has begun stands before them.
    for (Call last = waiting.pollLast(); last != null; last = waiting.pollLast()) {
      if (last.equals(unanswered.peekLast())) {
        unanswered.removeLast();
      }
    }
  }

  /** True if nothing is under way that a client waits to be told of. */
  synchronized boolean isIdle() {
    return waiting.isEmpty() && unanswered.isEmpty() && openSends == 0 && !running;
  }
}
