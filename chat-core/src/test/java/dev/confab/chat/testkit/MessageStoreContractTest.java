package dev.confab.chat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.spi.MessageStore;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The suite for stores passes what is right and notices what is wrong. */
final class MessageStoreContractTest {
  private static final Set<String> RULES = Offenders.rules("STORE", 14);

  @Test
  void every_rule_has_a_test() {
    Offenders.assertCovers(MessageStoreContract.class, RULES);
  }

  @Test
  void store_that_keeps_the_rules_through_every_trouble_passes_in_full() {
    Offenders.assertPassesInFull(MessageStoreOffenders.Right.class);
  }

  @TestFactory
  Stream<DynamicTest> every_planted_offender_is_caught() {
    return Offenders.tests(MessageStoreOffenders.class, RULES);
  }

  @Test
  void ability_that_is_there_but_not_declared_fails_the_suite() {
    assertThat(Offenders.run(ConcealsThatItTrims.class).failures())
        .extracting(Offenders.Failure::test)
        .containsExactly("abilities_that_are_not_declared_are_lacking()");
  }

  @Test
  void test_that_ends_itself_without_want_of_an_ability_fails() {
    Offenders.Report report = Offenders.run(GivesUpSilently.class);
    assertThat(report.failures())
        .extracting(Offenders.Failure::test)
        .contains("only_messages_are_counted()");
    assertThat(report.failures())
        .allSatisfy(failure -> assertThat(failure.stack()).contains("not today"));
    assertThat(report.skipped())
        .as("what wants an ability that is not declared")
        .contains("reading_leaves_nothing_behind()")
        .doesNotContain("only_messages_are_counted()");
  }

  /** Can do more than it says. */
  static final class ConcealsThatItTrims extends OnePlainStore {
    @Override
    protected void trim(ChannelName channel, long upTo) {
      store.trim(channel, upTo);
    }
  }

  /** Skips every test by itself. */
  static final class GivesUpSilently extends OnePlainStore {
    @Override
    protected MessageStore open() {
      return Assumptions.abort("not today");
    }
  }

  abstract static class OnePlainStore extends MessageStoreContract {
    final InMemoryMessageStore store = InMemoryMessageStore.create();

    @Override
    protected Set<Ability> abilities() {
      return Set.of();
    }

    @Override
    protected MessageStore open() {
      return store;
    }
  }
}
