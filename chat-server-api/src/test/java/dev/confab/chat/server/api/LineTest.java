package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ConnectionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who is handed what, and when. */
final class LineTest {
  private static final ConnectionId CLIENT = new ConnectionId("c1");

  /** A worker that only takes. */
  private static final class Hands implements Line.Taker {
    final List<Line.Handout> taken = new ArrayList<>();

    @Override
    public void take(Line.Handout handout) {
      taken.add(handout);
    }
  }

  private final List<Work> aside = new ArrayList<>();

  private Line line(int handouts) {
    Line line = new Line(WorkQueue.named("q").handouts(handouts).onSetAside(aside::add));
    for (String order : List.of("a", "b")) {
      String record = "{\"event\":\"message\",\"frame\":{\"data\":\"" + order + "\"}}";
      assertThat(line.message(CLIENT, record, false)).isEqualTo(Line.Taking.TAKEN);
    }
    return line;
  }

  private static Hands join(Line line) {
    Hands hands = new Hands();
    assertThat(line.join(hands, Optional.empty())).isTrue();
    return hands;
  }

  private static long later(Duration time) {
    return System.nanoTime() + time.toNanos();
  }

  @Test
  void record_of_lost_workers_comes_at_once_the_first_time_and_then_rests() {
    Line line = line(20);
    Hands first = join(line);
    Hands second = join(line);
    line.gone(first.taken.isEmpty() ? second : first);
    Hands other = first.taken.isEmpty() ? first : second;
    assertThat(other.taken).hasSize(1);
    assertThat(other.taken.get(0).handouts()).isEqualTo(2);
    Hands third = join(line);
    line.gone(other);
    assertThat(third.taken).isEmpty();
    line.look(later(Duration.ofSeconds(1)));
    assertThat(third.taken).hasSize(1);
    assertThat(third.taken.get(0).handouts()).isEqualTo(3);
  }

  @Test
  void record_that_kills_its_workers_is_set_aside_and_what_came_later_goes_on() {
    Line line = line(3);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Hands dies = join(line);
      line.look(later(Duration.ofSeconds(1)));
      ids.add(dies.taken.get(0).id());
      line.gone(dies);
    }
    assertThat(ids).containsOnly(ids.get(0)).hasSize(3);
    assertThat(aside).hasSize(1);
    assertThat(aside.get(0).id()).isEqualTo(ids.get(0));
    assertThat(aside.get(0).text()).contains("a");
    assertThat(aside.get(0).handouts()).isEqualTo(3);
    assertThat(line.counters().setAside()).isEqualTo(1);
    assertThat(line.counters().waiting()).isEqualTo(1);
    Hands lives = join(line);
    assertThat(lives.taken).hasSize(1);
    assertThat(lives.taken.get(0).json()).contains("\"b\"");
    assertThat(lives.taken.get(0).id()).isNotEqualTo(ids.get(0));
    assertThat(line.done(lives, lives.taken.get(0).key())).isTrue();
    assertThat(line.counters().waitingBytes()).isZero();
  }
}
