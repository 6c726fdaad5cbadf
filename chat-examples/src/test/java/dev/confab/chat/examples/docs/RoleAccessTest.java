package dev.confab.chat.examples.docs;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Identity;
import dev.confab.chat.spi.AccessPolicy;
import dev.confab.chat.testkit.AccessPolicyContract;
import java.util.List;
import java.util.Set;

/** The policy of the page keeps the rules of every policy. */
// docs:begin role-access-test
final class RoleAccessTest extends AccessPolicyContract {
  @Override
  protected AccessPolicy policy() {
    return new RoleAccess("staff");
  }

  @Override
  protected List<Identity> people() {
    return List.of(Identity.of("1", "ann").withRoles(Set.of("staff")), Identity.of("2", "tom"));
  }

  @Override
  protected Identity stranger() {
    return Identity.of("3", "eve");
  }

  @Override
  protected ChannelName existing() {
    return ChannelName.of("staff_lounge");
  }

  @Override
  protected ChannelName missing() {
    return ChannelName.of("staff_nowhere");
  }
}
// docs:end role-access-test
