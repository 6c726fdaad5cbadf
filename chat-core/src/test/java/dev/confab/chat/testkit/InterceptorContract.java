package dev.confab.chat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Interceptor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Interceptor} must do, rule by rule. Extend it, give it a way to make interceptors as on several nodes,
 * and drafts it treats in different ways. INTERCEPT-3 can not be seen from outside.
 */
public abstract class InterceptorContract {
  /** An interceptor as on a node of its own. */
  protected abstract Interceptor interceptor();

  /** Drafts that it passes, changes and refuses. */
  protected abstract List<Draft> drafts();

  @Rule("INTERCEPT-1")
  @Test
  void draft_that_is_reviewed_again_is_decided_alike_also_on_another_node() {
    assertThat(drafts()).isNotEmpty();
    Interceptor node = interceptor();
    Interceptor otherNode = interceptor();
    Map<Draft, Decision> first = new HashMap<>();
    for (int round = 0; round < 6; round++) {
      for (Draft draft : drafts()) {
        Decision decision = Decision.of(round % 2 == 0 ? node : otherNode, draft);
        assertThat(decision)
            .as("%s", draft)
            .isEqualTo(first.computeIfAbsent(draft, none -> decision));
      }
    }
  }

  @Rule("INTERCEPT-2")
  @Test
  void nothing_of_a_draft_is_changed_but_its_data() {
    List<Draft> passed = new ArrayList<>();
    for (Draft draft : drafts()) {
      Decision.of(interceptor(), draft).passed().ifPresent(reviewed -> {
        passed.add(reviewed);
        assertThat(reviewed.withData(Json.NULL)).isEqualTo(draft.withData(Json.NULL));
      });
    }
    assertThat(passed).as("drafts that pass").isNotEmpty();
  }

  private record Decision(Optional<Draft> passed, Optional<Refusal> refused) {
    static Decision of(Interceptor interceptor, Draft draft) {
      try {
        return new Decision(Optional.of(interceptor.review(draft)), Optional.empty());
      } catch (RefusedException e) {
        return new Decision(Optional.empty(), Optional.of(e.refusal()));
      }
    }
  }
}
