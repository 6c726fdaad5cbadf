package dev.confab.chat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.AccessPolicy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What every {@link AccessPolicy} must do, rule by rule. Extend it, give it a way to make policies as on several nodes, and
 * some people and channels to ask about. ACCESS-3 is the chat's own: it does not ask.
 */
public abstract class AccessPolicyContract {
  /** A policy as on a node of its own. */
  protected abstract AccessPolicy policy();

  /** People who may do different things. */
  protected abstract List<Identity> people();

  /** Somebody who has nothing to do with {@link #existing} and {@link #missing}. */
  protected abstract Identity stranger();

  /** A channel that the application knows, and the stranger does not. */
  protected abstract ChannelName existing();

  /** A channel of the same kind that there is none of. */
  protected abstract ChannelName missing();

  @Rule("ACCESS-1")
  @Test
  void question_that_is_asked_again_is_answered_alike_in_any_order_and_on_every_node() {
    List<Question> questions = new ArrayList<>();
    List<Identity> everybody = new ArrayList<>(people());
    everybody.add(stranger());
    for (Identity who : everybody) {
      for (AccessPolicy.Action what : AccessPolicy.Action.values()) {
        for (ChannelName where : List.of(
            existing(),
            missing(),
            ChannelName.BROADCAST,
            ChannelName.user(stranger().id()))) {
          questions.add(new Question(who, what, where));
        }
      }
    }
    Map<Question, Optional<Refusal>> first = new HashMap<>();
    Random order = new Random(1);
    AccessPolicy node = policy();
    AccessPolicy otherNode = policy();
    for (int round = 0; round < 10; round++) {
      Collections.shuffle(questions, order);
      for (Question question : questions) {
        Optional<Refusal> answer = question.ask(round % 2 == 0 ? node : otherNode);
        assertThat(answer)
            .as("%s", question)
            .isEqualTo(first.computeIfAbsent(question, none -> answer));
      }
    }
  }

  @Rule("ACCESS-2")
  @Test
  void stranger_can_not_tell_a_channel_that_exists_from_one_that_does_not() {
    for (AccessPolicy.Action what : AccessPolicy.Action.values()) {
      Optional<Refusal> there = new Question(stranger(), what, existing()).ask(policy());
      Optional<Refusal> notThere = new Question(stranger(), what, missing()).ask(policy());
      assertThat(notThere).as("%s", what).isEqualTo(there);
    }
  }

  private record Question(Identity who, AccessPolicy.Action what, ChannelName where) {
    Optional<Refusal> ask(AccessPolicy policy) {
      try {
        policy.check(who, what, where);
        return Optional.empty();
      } catch (RefusedException e) {
        return Optional.of(e.refusal());
      }
    }
  }
}
