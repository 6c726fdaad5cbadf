package dev.confab.chat.transport.jsr356.conformance;

import dev.confab.chat.testkit.Offends;
import dev.confab.chat.testkit.Rule;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Of an offender only the tests of the rule it breaks are run: the suite is long, and there are many offenders. */
final class OffendedRule implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Offends offends = context.getRequiredTestClass().getAnnotation(Offends.class);
    if (offends == null || context.getTestMethod().isEmpty()) {
      return ConditionEvaluationResult.enabled("all rules are tested");
    }
    Rule rule = context.getRequiredTestMethod().getAnnotation(Rule.class);
    return rule != null && rule.value().equals(offends.value())
        ? ConditionEvaluationResult.enabled("this rule is broken")
        : ConditionEvaluationResult.disabled("another rule is broken");
  }
}
