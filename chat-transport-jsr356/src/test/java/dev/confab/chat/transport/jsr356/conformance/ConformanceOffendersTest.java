package dev.confab.chat.transport.jsr356.conformance;

import dev.confab.chat.testkit.Offenders;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The kit notices an adapter that breaks a rule. Rule 23 is that there is a kit; it counts its own tests. */
final class ConformanceOffendersTest {
  private static final Set<String> RULES = Offenders.rules("JSR356", 22);

  @TestFactory
  Stream<DynamicTest> every_planted_offender_is_caught() {
    return Offenders.tests(ConformanceOffenders.class, RULES);
  }
}
