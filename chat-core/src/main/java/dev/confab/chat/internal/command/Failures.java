package dev.confab.chat.internal.command;

import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;

/** Turns what went wrong into what the client is told: never more than a code and the name of a line in our log. */
public final class Failures {
  private static final System.Logger LOG = System.getLogger(Failures.class.getName());

  private Failures() {}

  /** A read from the store failed. */
  public static Refusal ofStore(Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
    if (cause instanceof StoreUnavailableException) {
      return Refusal.of(ErrorCode.STORE_UNAVAILABLE, "Storage unavailable");
    }
    return of(cause);
  }

  /** Something of ours or of the application's failed, or refused. */
  public static Refusal of(Throwable failure) {
    if (failure instanceof RefusedException refused) {
      return refused.refusal();
    }
    String trace = Long.toString(ThreadLocalRandom.current().nextLong() >>> 1, 36);
    LOG.log(System.Logger.Level.ERROR, "a command failed, trace " + trace, failure);
    return Refusal.of(ErrorCode.INTERNAL).traced(trace);
  }
}
