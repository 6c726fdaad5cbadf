package dev.confab.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import dev.confab.chat.planted.neighbours.internal.hub.AsksItsNeighbour;
import dev.confab.chat.planted.unlisted.internal.misc.BelongsNowhere;
import dev.confab.chat.planted.upward.model.CallsUpward;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The hallway: packages depend downward only, so a message can walk through the stages once and
 * never come back to one it has left.
 */
final class PackageOrderTest {
  private static final String ROOT = "dev.confab.chat";
  private static final String PLANTED = ROOT + ".planted";

  /** The top package itself: everything is assembled there. */
  private static final String TOP = "";

  /**
   * Every package of the core, highest first. A package may use those on lower floors and itself;
   * those on one floor do not know each other.
   */
  private static final List<List<String>> FLOORS = List.of(
      List.of(TOP),
      List.of("internal.engine"),
      List.of("internal.intake"),
      List.of("internal.command"),
      List.of("internal.journal", "internal.hub", "internal.cluster"),
      List.of("internal.session"),
      List.of("internal.outlet"),
      List.of("internal.dialect"),
      List.of("local"),
      List.of("internal.time"),
      List.of("spi"),
      List.of("protocol"),
      List.of("model"));

  @Test
  void packages_of_the_core_depend_downward_only() {
    JavaClasses core = new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .importPackages(ROOT);

    assertThat(violations(ROOT, core)).isEmpty();
  }

  @Test
  void package_that_uses_one_above_it_is_reported() {
    assertThat(violationsPlantedIn("upward"))
        .isNotEmpty()
        .allSatisfy(violation ->
            assertThat(violation).contains(CallsUpward.class.getName(), "model must not use spi"));
  }

  @Test
  void package_that_uses_its_neighbour_on_the_same_floor_is_reported() {
    assertThat(violationsPlantedIn("neighbours"))
        .isNotEmpty()
        .allSatisfy(violation -> assertThat(violation)
            .contains(
                AsksItsNeighbour.class.getName(), "internal.hub must not use internal.journal"));
  }

  @Test
  void package_that_is_not_in_the_order_is_reported() {
    assertThat(violationsPlantedIn("unlisted"))
        .singleElement()
        .satisfies(violation -> assertThat(violation)
            .contains(
                BelongsNowhere.class.getName(), "internal.misc has no place in the package order"));
  }

  /** A tree of test classes that stands in for the core and breaks the order in one way. */
  private static List<String> violationsPlantedIn(String tree) {
    String root = PLANTED + "." + tree;
    return violations(root, new ClassFileImporter().importPackages(root));
  }

  private static List<String> violations(String root, JavaClasses classes) {
    ArchRule rule = ArchRuleDefinition.classes().should(dependDownwardOnly(root));
    return rule.evaluate(classes).getFailureReport().getDetails();
  }

  private static ArchCondition<JavaClass> dependDownwardOnly(String root) {
    return new ArchCondition<>("depend downward only") {
      @Override
      public void check(JavaClass user, ConditionEvents events) {
        OptionalInt floor = floorOf(root, user);
        if (floor.isEmpty()) {
          report(
              user,
              user.getName() + ": " + place(root, user) + " has no place in the package order",
              events);
          return;
        }
        for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
          JavaClass used = dependency.getTargetClass().getBaseComponentType();
          if (!isWithin(root, used) || place(root, used).equals(place(root, user))) {
            continue;
          }
          OptionalInt lower = floorOf(root, used);
          if (lower.isEmpty() || lower.getAsInt() <= floor.getAsInt()) {
            report(
                user,
                place(root, user) + " must not use " + place(root, used) + ": "
                    + dependency.getDescription(),
                events);
          }
        }
      }
    };
  }

  private static void report(JavaClass offender, String message, ConditionEvents events) {
    events.add(SimpleConditionEvent.violated(offender, message));
  }

  private static boolean isWithin(String root, JavaClass type) {
    return type.getPackageName().equals(root) || type.getPackageName().startsWith(root + ".");
  }

  /** The package of a class below the root, as it is written in the order. */
  private static String place(String root, JavaClass type) {
    return type.getPackageName().equals(root)
        ? TOP
        : type.getPackageName().substring(root.length() + 1);
  }

  private static OptionalInt floorOf(String root, JavaClass type) {
    return IntStream.range(0, FLOORS.size())
        .filter(floor -> FLOORS.get(floor).contains(place(root, type)))
        .findFirst();
  }
}
