package dev.confab.chat.protocol;

import dev.confab.chat.model.ChatException;
import java.io.Serial;

/** Refuses one command, or is how the host learns that its own was refused. Bears no stack: it is an answer, not a bug. */
public final class RefusedException extends ChatException {
  @Serial
  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  /** Refuses for this reason. */
  public RefusedException(Refusal refusal) {
    super(refusal.code().code() + ": " + refusal.sentence());
    this.refusal = refusal;
  }

  /** Refuses with this code in its usual words. */
  public RefusedException(ErrorCode code) {
    this(Refusal.of(code));
  }

  /** Refuses with this code in these words. */
  public RefusedException(ErrorCode code, String sentence) {
    this(Refusal.of(code, sentence));
  }

  /** Why. */
  public Refusal refusal() {
    return refusal;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
