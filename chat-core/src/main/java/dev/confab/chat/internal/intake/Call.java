package dev.confab.chat.internal.intake;

import dev.confab.chat.internal.command.Answer;
import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.Frame;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One request on its way through its lane, and its one answer. */
final class Call implements Answer {
  private enum State {
    /** The application may still have it. */
    OPEN,
    /** The application allowed it in time; what it does happens. */
    CLAIMED,
    ANSWERED,
    /** Answered because the application did not answer in time. */
    TIMED_OUT
  }

  private final Lane lane;
  private volatile Decoded decoded;
  private final int bytes;
  private final @Nullable Refusal refusal;
  private final @Nullable Runnable instead;
  private final @Nullable AtomicBoolean chainBroken;
  private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
  private final AtomicBoolean oneArrived = new AtomicBoolean();

  /** True once the answer, if it is answered at all, may leave. Guarded by the lane. */
  boolean answered;

  /** The answer; null if such clients are not given any. Guarded by the lane. */
  @Nullable
  Frame frame;

  /** Why the connection ends behind the answer; null if it does not. Guarded by the lane. */
  @Nullable
  CloseReason close;

  /** What has to be passed before it leaves. Guarded by the lane. */
  Outlet.@Nullable Barrier barrier;

  /** True while it is counted as a send without outcome. Guarded by the lane. */
  boolean open;

  /**
   * A request.
   *
   * @param bytes what it counts for while it waits
   * @param refusal why it is refused before anybody looks at it; null if it is not
   * @param instead what is done in the place of a reply to what nobody asked for; null for a reply
   * @param chainBroken whether a link of its chain was refused; null if it is none
   */
  Call(
      Lane lane,
      Decoded decoded,
      int bytes,
      @Nullable Refusal refusal,
      @Nullable Runnable instead,
      @Nullable AtomicBoolean chainBroken) {
    this.lane = lane;
    this.decoded = decoded;
    this.bytes = bytes;
    this.refusal = refusal;
    this.instead = instead;
    this.chainBroken = chainBroken;
  }

  Decoded decoded() {
    return decoded;
  }

  /** It is known now what is asked. */
  void resolve(Decoded asked) {
    decoded = asked;
  }

  /** What is asked; null if that could not be read. */
  @Nullable
  Command command() {
    return decoded instanceof Decoded.Request request ? request.command() : null;
  }

  /** True if a link before it was refused: it is neither done nor answered. */
  boolean isPointless() {
    return chainBroken != null && chainBroken.get();
  }

  /** What stands behind it in its chain is pointless. */
  void breakChain() {
    if (chainBroken != null) {
      chainBroken.set(true);
    }
  }

  boolean isSend() {
    return command() instanceof Command.Send;
  }

  boolean isLogin() {
    return command() instanceof Command.Authenticate;
  }

  int bytes() {
    return bytes;
  }

  @Nullable
  Refusal refusal() {
    return refusal;
  }

  @Nullable
  Runnable instead() {
    return instead;
  }

  @Override
  public boolean claim() {
    return state.compareAndSet(State.OPEN, State.CLAIMED);
  }

  @Override
  public void done(Result result, Outlet.@Nullable Barrier passed) {
    if (becomesAnswered()) {
      lane.answered(this, result, passed, null);
    }
  }

  @Override
  public Optional<Outlet> queued(Result result, Outlet.@Nullable Barrier passed) {
    return becomesAnswered() ? lane.queued(this, result, passed) : Optional.empty();
  }

  @Override
  public void doneThen(Result result, Runnable task) {
    if (becomesAnswered()) {
      lane.answered(this, result, null, task);
    }
  }

  private boolean becomesAnswered() {
    return state.compareAndSet(State.OPEN, State.ANSWERED)
        || state.compareAndSet(State.CLAIMED, State.ANSWERED);
  }

  /** Answers {@code unavailable} if the application still has it; true if so. */
  boolean timeOut() {
    if (!state.compareAndSet(State.OPEN, State.TIMED_OUT)) {
      return false;
    }
    Result late = new Result.Refused(Refusal.of(ErrorCode.UNAVAILABLE));
    lane.answered(this, late, null, null);
    return true;
  }

  boolean timedOut() {
    return state.get() == State.TIMED_OUT;
  }

  /** The lane goes on when both its runner is through with this call and the answer is there: true for the later one. */
  boolean secondToArrive() {
    return !oneArrived.compareAndSet(false, true);
  }
}
