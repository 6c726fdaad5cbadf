package dev.confab.chat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs contract suites as a program would, to prove that they notice what is wrong and let pass what is right.
 *
 * <p>An offender is a nested class of a holder that extends the suite, gives it an implementation that breaks one rule, and
 * says so with {@link Offends}. Use, in a test class:
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicTest> every_planted_offender_is_caught() {
 *   return Offenders.tests(StoreOffenders.class, Offenders.rules("STORE", 14));
 * }
 * }</pre>
 */
public final class Offenders {
  /** A test of a nested run may take this long, whatever the run around it allows. */
  private static final String TIMEOUT = "60 s";

  private Offenders() {}

  /** The ids {@code door-1} to {@code door-last}. */
  public static Set<String> rules(String door, int last) {
    return IntStream.rangeClosed(1, last)
        .mapToObj(number -> door + "-" + number)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * One test for each offender that is nested in the holder, and one that each of these rules has an offender.
   *
   * @param holder the class the offenders are nested in
   * @param rules the rules that can be broken from outside
   */
  public static Stream<DynamicTest> tests(Class<?> holder, Set<String> rules) {
    List<Class<?>> offenders = nestedIn(holder);
    Stream<DynamicTest> each = offenders.stream()
        .map(offender -> DynamicTest.dynamicTest(
            ruleBrokenBy(offender) + " is broken by " + offender.getSimpleName(),
            () -> assertCaught(offender)));
    DynamicTest all = DynamicTest.dynamicTest("every rule has an offender", () -> {
      Set<String> broken = new TreeSet<>();
      offenders.forEach(offender -> broken.add(ruleBrokenBy(offender)));
      assertThat(broken).isEqualTo(new TreeSet<>(rules));
    });
    return Stream.concat(each, Stream.of(all));
  }

  /** Asserts that tests of the offender's suite fail, and only such of the rule it says it breaks. */
  public static void assertCaught(Class<?> offender) {
    String rule = ruleBrokenBy(offender);
    Report report = run(offender);
    assertThat(report.failures())
        .as("what notices that %s breaks %s", offender.getSimpleName(), rule)
        .isNotEmpty()
        .allSatisfy(failure -> assertThat(failure.rule())
            .as("%s failed: %s", failure.test(), failure.stack())
            .contains(rule));
  }

  /** Asserts that every test of the suite runs and passes: none fails, none is skipped. */
  public static void assertPassesInFull(Class<?> suite) {
    Report report = run(suite);
    assertThat(report.failures()).isEmpty();
    assertThat(report.skipped()).isEmpty();
    assertThat(report.passed()).isNotEmpty();
  }

  /** Asserts that the suite has at least one test for each of these rules, and knows no others. */
  public static void assertCovers(Class<?> suite, Set<String> rules) {
    Set<String> tested = new TreeSet<>();
    for (Class<?> type = suite; type != null; type = type.getSuperclass()) {
      for (Method method : type.getDeclaredMethods()) {
        ruleOf(method).ifPresent(tested::add);
      }
    }
    assertThat(tested).isEqualTo(new TreeSet<>(rules));
  }

  /** Runs all tests of this class. */
  public static Report run(Class<?> suite) {
    LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
        .selectors(DiscoverySelectors.selectClass(suite))
        .configurationParameter("junit.jupiter.execution.timeout.default", TIMEOUT)
        .build();
    Listener listener = new Listener();
    // Nothing of the run around this one listens in: an offender's failures are not its failures.
    LauncherConfig config = LauncherConfig.builder()
        .enableTestExecutionListenerAutoRegistration(false)
        .enableLauncherSessionListenerAutoRegistration(false)
        .enablePostDiscoveryFilterAutoRegistration(false)
        .build();
    LauncherFactory.create(config).execute(request, listener);
    return listener.report();
  }

  private static List<Class<?>> nestedIn(Class<?> holder) {
    List<Class<?>> offenders = Arrays.stream(holder.getDeclaredClasses())
        .filter(type -> type.isAnnotationPresent(Offends.class))
        .sorted(Comparator.comparing(Class::getSimpleName))
        .toList();
    assertThat(offenders).as("offenders nested in %s", holder.getName()).isNotEmpty();
    return offenders;
  }

  private static String ruleBrokenBy(Class<?> offender) {
    return offender.getAnnotation(Offends.class).value();
  }

  private static Optional<String> ruleOf(Method method) {
    return Optional.ofNullable(method.getAnnotation(Rule.class)).map(Rule::value);
  }

  /**
   * What became of the tests of one run.
   *
   * @param passed their names
   * @param failures those that failed, and what else went wrong
   * @param skipped names of those that were not run, or ended themselves by an assumption
   */
  public record Report(List<String> passed, List<Failure> failures, List<String> skipped) {}

  /**
   * A test that failed.
   *
   * @param test its name
   * @param rule the rule it proves; empty if it says none, or if no test but its setting failed
   * @param stack what was thrown
   */
  public record Failure(String test, Optional<String> rule, String stack) {}

  private static final class Listener implements TestExecutionListener {
    private final List<String> passed = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();

    @Override
    public synchronized void executionSkipped(TestIdentifier test, String reason) {
      skipped.add(test.getDisplayName());
    }

    @Override
    public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
      switch (result.getStatus()) {
        case SUCCESSFUL -> {
          if (test.isTest()) {
            passed.add(test.getDisplayName());
          }
        }
        case ABORTED -> skipped.add(test.getDisplayName());
        case FAILED -> {
          StringWriter stack = new StringWriter();
          result.getThrowable().ifPresent(thrown -> thrown.printStackTrace(new PrintWriter(stack)));
          Optional<String> rule = test.getSource()
              .filter(MethodSource.class::isInstance)
              .map(source -> ((MethodSource) source).getJavaMethod())
              .flatMap(Offenders::ruleOf);
          failures.add(new Failure(test.getDisplayName(), rule, stack.toString()));
        }
      }
    }

    private synchronized Report report() {
      return new Report(List.copyOf(passed), List.copyOf(failures), List.copyOf(skipped));
    }
  }
}
