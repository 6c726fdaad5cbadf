package dev.confab.chat.examples.docs;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.AccessPolicy;

/** Lets in who has a role. */
// docs:begin role-access
public final class RoleAccess implements AccessPolicy {
  private final String role;

  /** Lets in who has this role. */
  public RoleAccess(String role) {
    this.role = role;
  }

  @Override
  public void check(Identity who, Action what, ChannelName where) {
    if (!who.hasRole(role)) {
      // The same words whether the channel exists or not (ACCESS-2).
      throw new RefusedException(ErrorCode.DENIED);
    }
  }
}
// docs:end role-access
