package dev.confab.chat;

import dev.confab.chat.internal.command.Failures;
import dev.confab.chat.internal.engine.Engine;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Lets the host's own threads wait for what the chat's threads do, but not longer than the chat lives. */
final class Waiting {
  private final Engine engine;

  Waiting(Engine engine) {
    this.engine = engine;
  }

  /** The outcome; what went wrong is refused as a client's command would be. */
  <T> T of(CompletableFuture<T> outcome) {
    try {
      if (!outcome.isDone()) {
        CompletableFuture.anyOf(outcome, engine.closed()).join();
      }
      if (!outcome.isDone()) {
        // The threads that would have done it are gone.
        throw new RefusedException(ErrorCode.UNAVAILABLE, "the chat is closed");
      }
      return outcome.join();
    } catch (CompletionException e) {
      Throwable cause = cause(e);
      throw cause instanceof RefusedException refused
          ? new RefusedException(refused.refusal())
          : new RefusedException(Failures.ofStore(cause));
    }
  }

  static Throwable cause(Throwable failure) {
    @Nullable Throwable cause = failure instanceof CompletionException ? failure.getCause() : null;
    return cause == null ? failure : cause;
  }
}
