package dev.confab.chat.spi;

import dev.confab.chat.model.Draft;
import dev.confab.chat.protocol.RefusedException;

/**
 * Sees what is about to be recorded: passes it, changes its data, or refuses it.
 *
 * <p><b>Threads.</b> For a client's message a door thread, for the host's own the thread that publishes; may block.
 *
 * <ol>
 *   <li>INTERCEPT-1: it may be asked more than once for one key, and then decides alike.
 *   <li>INTERCEPT-2: only the data of a draft may differ from the one it was given.
 *   <li>INTERCEPT-3: it records nothing of its own as if the draft were recorded already.
 * </ol>
 */
@FunctionalInterface
public interface Interceptor {
  /**
   * The draft to record instead, or the same.
   *
   * @throws RefusedException if it shall not be recorded, with {@code REJECTED} and the reason for people
   */
  Draft review(Draft draft);
}
