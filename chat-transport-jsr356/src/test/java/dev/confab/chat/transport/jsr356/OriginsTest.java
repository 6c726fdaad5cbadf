package dev.confab.chat.transport.jsr356;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OriginsTest {
  @ParameterizedTest
  @CsvSource({
    "http://example.com, http://EXAMPLE.com:80",
    "https://example.com, https://example.com:443",
    "https://example.com:8443, https://example.com:8443",
    "http://[::1]:8080, http://[::1]:8080"
  })
  void same_place_written_otherwise_is_the_same_origin(String listed, String header) {
    assertThat(Origins.only(listed).admit(Optional.of(header), true, Optional.empty()))
        .isTrue();
    assertThat(Origins.only(listed).mayAdmit(header)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "http://example.com, https://example.com",
    "https://example.com, https://example.com:8443",
    "https://example.com, https://www.example.com",
    "https://example.com, https://example.com.evil.com",
    "https://example.com, https://evil.com/https://example.com",
    "https://example.com, https://example.com@evil.com",
    "https://example.com, null",
    "https://example.com, ' x y '"
  })
  void other_place_is_another_origin(String listed, String header) {
    assertThat(Origins.only(listed).admit(Optional.of(header), true, Optional.empty()))
        .isFalse();
    assertThat(Origins.only(listed).mayAdmit(header)).isFalse();
  }

  @Test
  void same_origin_admits_nobody_when_the_own_one_is_unknown() {
    assertThat(Origins.same().admit(Optional.of("http://example.com"), false, Optional.empty()))
        .isFalse();
    assertThat(Origins.same().admit(Optional.of("null"), false, Optional.empty()))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "example.com", "*", "https://example.com/chat", "https://*.example.com"})
  void what_is_no_origin_can_not_be_listed(String text) {
    assertThatThrownBy(() -> Origins.only(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text);
  }

  @Test
  void empty_list_is_refused() {
    assertThatThrownBy(Origins::only).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT-1S", "PT0.5S", "PT48H"})
  void idle_timeout_out_of_range_is_refused(String value) {
    assertThatThrownBy(() -> EndpointOptions.builder().idleTimeout(Duration.parse(value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(value);
  }
}
