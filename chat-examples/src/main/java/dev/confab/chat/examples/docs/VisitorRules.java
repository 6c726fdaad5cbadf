package dev.confab.chat.examples.docs;

import dev.confab.chat.ChatBuilder;
import dev.confab.chat.model.ChannelKind;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.AccessPolicies;
import dev.confab.chat.spi.AccessPolicy;
import dev.confab.chat.spi.Guests;
import java.time.Duration;
import java.util.function.Predicate;

/** What visitors may not do where everybody may come in. */
public final class VisitorRules {
  private VisitorRules() {}

  /** Keeps guests out of the inboxes of accounts, and says how often anybody may write to somebody. */
  // docs:begin inboxes
  public static ChatBuilder inboxes(ChatBuilder builder, Predicate<UserId> accounts) {
    return builder
        .channels(ChannelKind.of("user_").withRate(5, Duration.ofSeconds(10)))
        .access("user_", (who, what, where) -> {
          AccessPolicies.openRooms().check(who, what, where);
          if (who.hasRole(Guests.ROLE) && where.owner().filter(accounts).isPresent()) {
            throw new RefusedException(ErrorCode.DENIED);
          }
        });
  }
  // docs:end inboxes

  /** Tells how many are online in a channel that everybody may read and only the host writes to. */
  // docs:begin online
  public static ChatBuilder online(ChatBuilder builder) {
    return builder.onlineCounts(ChannelName.of("online")).access("online", (who, what, where) -> {
      if (what == AccessPolicy.Action.WRITE) {
        throw new RefusedException(ErrorCode.DENIED);
      }
    });
  }
  // docs:end online
}
