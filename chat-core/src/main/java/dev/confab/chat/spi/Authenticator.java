package dev.confab.chat.spi;

import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.RefusedException;

/**
 * Says who somebody is. The application's own users, whatever they are kept in.
 *
 * <p><b>Threads.</b> Called on door threads, several at once but never more than {@code Limits.logins()}; may block.
 *
 * <ol>
 *   <li>AUTH-1: right credentials give the identity; the same credentials give the same user id on every node.
 *   <li>AUTH-2: a wrong password and an unknown name are refused alike, with {@code BAD_CREDENTIALS}.
 *   <li>AUTH-3: kinds of credentials it does not take are refused, not failed over.
 *   <li>AUTH-4: no message of its exceptions holds a secret.
 * </ol>
 */
@FunctionalInterface
public interface Authenticator {
  /**
   * Who this is.
   *
   * @throws RefusedException if it is nobody; any other exception is answered {@code internal}
   */
  Identity authenticate(Credentials credentials);
}
