package dev.confab.chat.spi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.RefusedException;

/**
 * Says whether somebody may do something in a channel.
 *
 * <p><b>Threads.</b> Called on door threads, several at once but never more than {@code Limits.checks()}; may block.
 *
 * <ol>
 *   <li>ACCESS-1: it decides by its arguments and the application's own data alone, so that a repeat is decided alike.
 *   <li>ACCESS-2: whether a channel exists can not be learned from its refusals.
 *   <li>ACCESS-3: a user's own channel is readable for that user alone, whatever the policy says; it is not asked.
 * </ol>
 */
@FunctionalInterface
public interface AccessPolicy {
  /**
   * Returns if it is allowed.
   *
   * @throws RefusedException if it is not, with {@code DENIED}, {@code MUTED} or {@code BANNED}; any other exception is
   *     answered {@code internal}
   */
  void check(Identity who, Action what, ChannelName where);

  /** What somebody may want of a channel. */
  enum Action {
    /** Follow it and read its history. */
    READ,
    /** Say something that is recorded, or something ephemeral. */
    WRITE,
    /** Learn who is there. */
    PRESENCE
  }
}
