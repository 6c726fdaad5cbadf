package dev.confab.chat.internal.dialect;

import dev.confab.chat.testkit.DialectContract;
import dev.confab.chat.testkit.Offenders;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The suite itself: it knows every rule of the door and notices each that is broken. */
final class DialectContractTest {
  @Test
  void suite_has_a_test_for_every_rule() {
    Offenders.assertCovers(DialectContract.class, Offenders.rules("DIALECT", 7));
  }

  @TestFactory
  Stream<DynamicTest> every_planted_offender_is_caught() {
    return Offenders.tests(DialectOffenders.class, Offenders.rules("DIALECT", 7));
  }
}
