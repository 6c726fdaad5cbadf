package dev.confab.chat.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a contract suite whose implementation is wrong on purpose, and says which rule it breaks. {@link Offenders} proves
 * that the suite notices.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Offends {
  /** The id of the one rule that is broken. */
  String value();
}
