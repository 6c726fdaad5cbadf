package dev.confab.chat.spi;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.testkit.AccessPolicyContract;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The policies that need no code. */
final class AccessPoliciesTest extends AccessPolicyContract {
  private static final Identity ANN = Identity.of("ann", "Ann");
  private static final Identity BOB = Identity.of("bob", "Bob");

  @Override
  protected AccessPolicy policy() {
    return AccessPolicies.openRooms();
  }

  @Override
  protected List<Identity> people() {
    return List.of(ANN, BOB);
  }

  @Override
  protected Identity stranger() {
    return Identity.of("eve", "Eve");
  }

  @Override
  protected ChannelName existing() {
    return ChannelName.user(ANN.id());
  }

  @Override
  protected ChannelName missing() {
    return ChannelName.of("user_nobody");
  }

  @Test
  void open_rooms_are_open_and_a_users_own_channel_is_for_others_to_write_to() {
    AccessPolicy policy = policy();
    for (AccessPolicy.Action what : AccessPolicy.Action.values()) {
      assertThatCode(() -> policy.check(ANN, what, ChannelName.of("room_1")))
          .doesNotThrowAnyException();
      assertThatCode(() -> policy.check(ANN, what, ChannelName.user(ANN.id())))
          .doesNotThrowAnyException();
    }
    ChannelName bobs = ChannelName.user(BOB.id());
    assertThatCode(() -> policy.check(ANN, AccessPolicy.Action.WRITE, bobs))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> policy.check(ANN, AccessPolicy.Action.READ, bobs))
        .isInstanceOf(RefusedException.class);
    assertThatThrownBy(() -> policy.check(ANN, AccessPolicy.Action.PRESENCE, bobs))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void nothing_allows_nothing() {
    for (AccessPolicy.Action what : AccessPolicy.Action.values()) {
      assertThatThrownBy(
              () -> AccessPolicies.nothing().check(ANN, what, ChannelName.user(ANN.id())))
          .isInstanceOf(RefusedException.class);
    }
  }
}
