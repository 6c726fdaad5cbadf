package dev.confab.chat.internal.outlet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The line in which sources stand that have something to pull. */
final class ReadyTest {
  private static final class Nothing extends Source {
    @Override
    protected boolean pull(Turn turn, int maxBytes) {
      return false;
    }

    @Override
    protected boolean pullTo(long seq, Turn turn) {
      return true;
    }

    @Override
    protected void shrink() {}
  }

  @Test
  void sources_leave_the_line_in_the_order_they_came_or_from_wherever_they_stand() {
    Random random = new Random(3);
    Ready ready = new Ready();
    List<Source> expected = new ArrayList<>();
    List<Source> away = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      away.add(new Nothing());
    }
    for (int step = 0; step < 2_000; step++) {
      int dice = random.nextInt(5);
      if (dice < 2 && !away.isEmpty()) {
        Source source = away.remove(random.nextInt(away.size()));
        ready.add(source);
        expected.add(source);
      } else if (dice == 2 && !expected.isEmpty()) {
        Source source = expected.remove(random.nextInt(expected.size()));
        ready.remove(source);
        away.add(source);
      } else if (dice == 3) {
        Source source = ready.poll();
        assertThat(source).isSameAs(expected.isEmpty() ? null : expected.get(0));
        if (source != null) {
          expected.remove(source);
          away.add(source);
        }
      } else if (random.nextInt(50) == 0) {
        ready.clear();
        away.addAll(expected);
        expected.clear();
      }
      assertThat(ready.all()).isEqualTo(expected);
      assertThat(ready.isEmpty()).isEqualTo(expected.isEmpty());
      assertThat(expected).allMatch(source -> source.ready);
      assertThat(away).noneMatch(source -> source.ready || source.behind != null);
    }
  }
}
