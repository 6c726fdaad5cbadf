package dev.confab.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Limits;
import dev.confab.chat.testkit.LoopbackTransport;
import dev.confab.chat.testkit.Received;
import dev.confab.chat.testkit.TransportClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What who comes back is told of what retention has removed meanwhile. Found by simulation: the follower said again what the
 * reply had said already, and a plain client, which can not be told in another way, was closed.
 */
final class TrimmedResumeTest {
  private static final ChannelName ROOM = ChannelName.of("room_hill");
  private static final String RESUME =
      "{\"op\":\"subscribe\",\"args\":[\"room_hill\",{\"since\":{\"room_hill\":\"0\"}}]}";

  private final InMemoryMessageStore store = InMemoryMessageStore.create();
  private final Chat chat = Chat.builder()
      .authenticator(credentials -> Identity.of("1", "tom"))
      .store(store)
      // The first comes at any time within the interval.
      .limits(Limits.builder().heartbeat(Duration.ofHours(1)).build())
      .build();
  private final LoopbackTransport transport = new LoopbackTransport(chat.acceptor());

  @BeforeEach
  void the_first_two_of_three_are_gone() {
    chat.publish(ROOM, "one");
    chat.publish(ROOM, "two");
    chat.publish(ROOM, "three");
    store.trim(ROOM, 2);
  }

  @AfterEach
  void close() {
    chat.close(Duration.ofSeconds(3));
  }

  @Test
  void a_plain_client_is_told_in_the_reply_and_stays() {
    TransportClient tom = transport.connect("/chat", List.of());
    tom.sendText("{\"op\":\"auth\",\"args\":[\"tom\",\"123456\"]}");
    hears(tom, "\"op\":\"auth\",\"success\":true");
    tom.sendText(RESUME);
    hears(tom, "\"trimmed\":{\"from\":1,\"to\":2}");
    hears(tom, "{\"event\":\"subscribe\",\"channel\":\"room_hill\",\"seq\":3");
    tom.sendText("{\"op\":\"ping\"}");
    hears(tom, "{\"op\":\"pong\"}");
  }

  @Test
  void a_chat_v1_client_is_told_once() {
    TransportClient tom = transport.connect("/chat", List.of("chat.v1"));
    hears(tom, "\"welcome\"");
    tom.sendText("{\"op\":\"auth\",\"args\":[\"tom\",\"123456\"]}");
    hears(tom, "\"op\":\"auth\",\"success\":true");
    tom.sendText(RESUME);
    StringBuilder heard = new StringBuilder();
    while (!heard.toString().contains("\"event\":\"live\"")) {
      assertThat(tom.read(Duration.ofSeconds(20)))
          .isInstanceOfSatisfying(Received.Text.class, text -> heard.append(text.text()));
    }
    assertThat(heard.toString())
        .containsOnlyOnce("trimmed")
        .contains("\"trimmed\":{\"from\":1,\"to\":2}")
        .contains("\"seq\":3");
  }

  private static void hears(TransportClient client, String part) {
    assertThat(client.read(Duration.ofSeconds(20)))
        .isInstanceOfSatisfying(
            Received.Text.class, text -> assertThat(text.text()).contains(part));
  }
}
