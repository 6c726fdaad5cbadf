package dev.confab.chat.internal.command;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.AccessPolicy;
import java.util.Map;
import java.util.Optional;

/** Who may do what where: the rules no policy can change, then the policy chosen by the channel's name. */
public final class Access {
  private final AccessPolicy general;
  private final Prefixes<AccessPolicy> byPrefix;

  /** The general policy, and others for channels whose names begin so; the longest prefix decides. */
  public Access(AccessPolicy general, Map<String, AccessPolicy> byPrefix) {
    this.general = general;
    this.byPrefix = new Prefixes<>(byPrefix);
  }

  /** The channel that is meant: one's own where the alias stands. */
  static ChannelName resolve(ChannelName name, Identity identity) {
    return name.equals(Command.OWN) ? ChannelName.user(identity.id()) : name;
  }

  /** Returns if it is allowed; a refusal names the channel. */
  public void check(Identity who, AccessPolicy.Action what, ChannelName where) {
    try {
      decide(who, what, where);
    } catch (RefusedException e) {
      Refusal refusal = e.refusal();
      throw refusal.channel().isPresent() ? e : new RefusedException(refusal.about(where));
    }
  }

  private void decide(Identity who, AccessPolicy.Action what, ChannelName where) {
    Optional<AccessPolicy> named = byPrefix.find(where.value());
    Optional<UserId> owner = where.owner();
    boolean foreign = owner.isPresent() && !owner.get().equals(who.id());
    switch (what) {
      case READ -> {
        if (foreign) {
          throw new RefusedException(ErrorCode.DENIED);
        }
        if (owner.isPresent()) {
          return;
        }
      }
      case PRESENCE -> {
        if (foreign && named.isEmpty()) {
          throw new RefusedException(ErrorCode.DENIED);
        }
      }
      case WRITE -> {}
    }
    named.orElse(general).check(who, what, where);
  }
}
