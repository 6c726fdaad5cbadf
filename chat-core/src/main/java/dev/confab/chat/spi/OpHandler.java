package dev.confab.chat.spi;

import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.RefusedException;
import java.util.List;
import java.util.Optional;

/**
 * An op of the application's own.
 *
 * <p><b>Threads.</b> Called on door threads, one call of a connection at a time, several connections at once but never more
 * than {@code Limits.checks()}; may block, and may call the chat and wait for it.
 *
 * <ol>
 *   <li>OP-1: what it returns is the reply's data; {@link Json#NULL} for a reply without data.
 *   <li>OP-2: what it throws is answered: {@link RefusedException} as it says, anything else {@code internal}.
 *   <li>OP-3: once {@code Limits.doorTimeout()} has passed the client is answered {@code unavailable}, whatever it returns.
 * </ol>
 */
@FunctionalInterface
public interface OpHandler {
  /** Does what was asked. */
  Json handle(Call call);

  /**
   * What was asked, and by whom.
   *
   * @param connection on which connection
   * @param identity who; empty before login
   * @param handshake what the opening request said; empty after login
   * @param args the arguments, by position
   */
  record Call(
      ConnectionId connection,
      Optional<Identity> identity,
      Optional<Handshake> handshake,
      List<Json> args) {}
}
