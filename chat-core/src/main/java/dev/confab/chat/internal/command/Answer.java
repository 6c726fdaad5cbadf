package dev.confab.chat.internal.command;

import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.Result;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes the one answer to one request. Any thread; a second answer is ignored. */
public interface Answer {
  /**
   * Says that the application has answered in time and what it allowed happens now. Nothing may take effect before.
   *
   * @return false if it was answered {@code unavailable} already
   */
  boolean claim();

  /** Done; the reply leaves only once the barrier is passed. */
  void done(Result result, Outlet.@Nullable Barrier barrier);

  /**
   * Done, as above; but the reply is only queued, and leaves with what else leaves.
   *
   * @return where it waits, for the caller to see to it that it leaves; empty if there is no reply
   */
  Optional<Outlet> queued(Result result, Outlet.@Nullable Barrier barrier);

  /** Done; the task runs once the reply is queued, and before anything that was asked later. */
  void doneThen(Result result, Runnable task);

  /** Done. */
  default void done(Result result) {
    done(result, null);
  }

  /** Refused. */
  default void refused(Refusal refusal) {
    done(new Result.Refused(refusal), null);
  }
}
