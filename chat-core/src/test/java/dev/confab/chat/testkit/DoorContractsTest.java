package dev.confab.chat.testkit;

import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The suites for the smaller doors pass what is right and notice what is wrong. */
final class DoorContractsTest {
  private static final Set<String> AUTH = Offenders.rules("AUTH", 4);
  private static final Set<String> ACCESS = Offenders.rules("ACCESS", 2);
  private static final Set<String> INTERCEPT = Offenders.rules("INTERCEPT", 2);
  private static final Set<String> BACKPLANE = Offenders.rules("BACKPLANE", 4);

  @Test
  void every_rule_has_a_test() {
    Offenders.assertCovers(AuthenticatorContract.class, AUTH);
    Offenders.assertCovers(AccessPolicyContract.class, ACCESS);
    Offenders.assertCovers(InterceptorContract.class, INTERCEPT);
    Offenders.assertCovers(BackplaneContract.class, BACKPLANE);
  }

  @Test
  void what_keeps_the_rules_passes_in_full() {
    Offenders.assertPassesInFull(DoorOffenders.OfAuthenticators.Right.class);
    Offenders.assertPassesInFull(DoorOffenders.OfAccessPolicies.Right.class);
    Offenders.assertPassesInFull(DoorOffenders.OfInterceptors.Right.class);
    Offenders.assertPassesInFull(DoorOffenders.OfBackplanes.Right.class);
  }

  @TestFactory
  Stream<DynamicTest> every_wrong_authenticator_is_caught() {
    return Offenders.tests(DoorOffenders.OfAuthenticators.class, AUTH);
  }

  @TestFactory
  Stream<DynamicTest> every_wrong_access_policy_is_caught() {
    return Offenders.tests(DoorOffenders.OfAccessPolicies.class, ACCESS);
  }

  @TestFactory
  Stream<DynamicTest> every_wrong_interceptor_is_caught() {
    return Offenders.tests(DoorOffenders.OfInterceptors.class, INTERCEPT);
  }

  @TestFactory
  Stream<DynamicTest> every_wrong_backplane_is_caught() {
    return Offenders.tests(DoorOffenders.OfBackplanes.class, BACKPLANE);
  }
}
