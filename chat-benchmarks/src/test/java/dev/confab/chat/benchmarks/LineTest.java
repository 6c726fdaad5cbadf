package dev.confab.chat.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Looking at lines where they lie. */
class LineTest {
  private static Line line(String text) {
    byte[] bytes = ("{}\n" + text + "\n99").getBytes(StandardCharsets.UTF_8);
    return new Line().of(bytes, 3, bytes.length - 3);
  }

  @Test
  void a_number_is_found_behind_its_marker_and_ends_with_the_line() {
    byte[] seq = Line.marker("\",\"seq\":");

    assertThat(line("{\"channel\":\"room_7\",\"seq\":42,\"id\":1}").numberAfter(seq))
        .isEqualTo(42);
    assertThat(line("{\"channel\":\"room_7\",\"seq\":12").numberAfter(seq)).isEqualTo(12);
    assertThat(line("{\"channel\":\"room_7\"}").numberAfter(seq)).isEqualTo(-1);
  }

  @Test
  void a_start_is_compared_within_the_line_only() {
    assertThat(line("abc").startsWith(Line.marker("abc"))).isTrue();
    assertThat(line("abc").startsWith(Line.marker("abc\n9"))).isFalse();
    assertThat(line("abc")).hasToString("abc");
    assertThat(line("abc").length()).isEqualTo(3);
  }
}
