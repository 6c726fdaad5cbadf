package dev.confab.chat.spi;

import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;

/** Access policies that need no code. */
public final class AccessPolicies {
  private AccessPolicies() {}

  /** Whoever is logged in may read and write everywhere but in other users' own channels, to which they may only write. */
  public static AccessPolicy openRooms() {
    return (who, what, where) -> {
      if (where.owner().isPresent()
          && what != AccessPolicy.Action.WRITE
          && !where.owner().get().equals(who.id())) {
        throw new RefusedException(ErrorCode.DENIED);
      }
    };
  }

  /** Nobody may do anything: a start for a list of exceptions. */
  public static AccessPolicy nothing() {
    return (who, what, where) -> {
      throw new RefusedException(ErrorCode.DENIED);
    };
  }
}
