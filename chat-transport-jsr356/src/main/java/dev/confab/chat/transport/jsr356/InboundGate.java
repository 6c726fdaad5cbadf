package dev.confab.chat.transport.jsr356;

import dev.confab.chat.spi.Inbound;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread at a time tell the chat of a connection, and its end last and once. An end that comes while something is told
 * is told by the thread that tells, when it is through; nobody waits.
 */
final class InboundGate {
  private enum State {
    /** Something is told; also before the chat has taken the connection. */
    BUSY,
    FREE,
    /** Something is told, and the end comes after it. */
    ENDING,
    ENDED
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.BUSY);

  /** Set once, before the gate is free for the first time; absent if the chat failed to take the connection. */
  private volatile @Nullable Inbound inbound;

  private volatile int code;
  private volatile String reason = "";

  /** The chat has taken the connection. */
  void open(Inbound taken) {
    inbound = taken;
    release();
  }

  /** The chat could not take it; nothing is told any more. */
  void abandon() {
    state.set(State.ENDED);
  }

  /**
   * Tells this, unless the end was told.
   *
   * @return false if another thread tells something just now, which containers must not do
   */
  boolean tell(Consumer<Inbound> what) {
    if (!state.compareAndSet(State.FREE, State.BUSY)) {
      return state.get() != State.BUSY;
    }
    Inbound taken = inbound;
    try {
      if (taken != null) {
        what.accept(taken);
      }
    } finally {
      release();
    }
    return true;
  }

  /** Tells the end, now or when the thread that tells is through. Called once. */
  void end(int code, String reason) {
    this.code = code;
    this.reason = reason;
    while (true) {
      if (state.compareAndSet(State.FREE, State.ENDED)) {
        tellEnd();
        return;
      }
      if (state.compareAndSet(State.BUSY, State.ENDING) || state.get() == State.ENDED) {
        return;
      }
    }
  }

  private void release() {
    if (!state.compareAndSet(State.BUSY, State.FREE)
        && state.compareAndSet(State.ENDING, State.ENDED)) {
      tellEnd();
    }
  }

  private void tellEnd() {
    Inbound taken = inbound;
    if (taken != null) {
      taken.closed(code, reason);
    }
  }
}
