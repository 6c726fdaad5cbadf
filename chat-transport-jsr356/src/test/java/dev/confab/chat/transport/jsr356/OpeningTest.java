package dev.confab.chat.transport.jsr356;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.Handshake;
import dev.confab.chat.testkit.RecordingAcceptor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The way of what an opening request said to the socket that was opened. */
final class OpeningTest {
  private final ChatEndpoint endpoint = ChatEndpoint.install(
      new DifficultContainer().container(), "/chat", new RecordingAcceptor(List.of(), 10));

  @Test
  void container_that_keeps_a_copy_of_the_properties_keeps_nothing_of_the_request() {
    Opening opening = new Opening(
        endpoint,
        Handshake.of("/chat", Optional.empty()),
        Optional.empty(),
        true,
        Optional.empty(),
        Optional.empty());
    Map<String, Object> ofConfiguration = new HashMap<>();
    opening.leave(ofConfiguration);
    Map<String, Object> ofSession = new HashMap<>(ofConfiguration);

    assertThat(Opening.taken(ofSession)).isSameAs(opening);

    assertThat(ofSession).isEmpty();
    assertThat(Opening.taken(ofConfiguration)).isNull();
    endpoint.close();
  }
}
