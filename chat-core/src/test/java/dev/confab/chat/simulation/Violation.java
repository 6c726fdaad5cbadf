package dev.confab.chat.simulation;

/** A run in which a rule did not hold. */
final class Violation extends AssertionError {
  private static final long serialVersionUID = 1L;

  private final Rule rule;

  Violation(Rule rule, String what, Throwable cause) {
    super(rule + ": " + what, cause);
    this.rule = rule;
  }

  Rule rule() {
    return rule;
  }
}
