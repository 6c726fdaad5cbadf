package dev.confab.chat.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.Chat;
import dev.confab.chat.model.Identity;
import dev.confab.chat.spi.Guests;
import dev.confab.chat.testkit.LoopbackTransport;
import dev.confab.chat.testkit.Received;
import dev.confab.chat.testkit.TransportClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The dialect of the page beside {@code chat.v1}, in one chat. */
final class WordsTest {
  // docs:begin words
  @Test
  void words_and_json_meet_in_one_room() {
    Chat chat = Chat.builder()
        .authenticator(Guests.beside(credentials -> Identity.of("1", "Bob")))
        .dialect("/words", new WordsDialect())
        .build();
    try (chat;
        LoopbackTransport transport = new LoopbackTransport(chat.acceptor())) {
      TransportClient ann = transport.connect("/words", List.of());
      assertThat(ask(ann, "say hello")).isEqualTo("! No access");
      assertThat(ask(ann, "join tea Ann")).isEqualTo("* welcome");
      TransportClient page = transport.connect("/chat", List.of());
      ask(page, "{\"op\":\"auth\",\"token\":\"good\"}");
      ask(page, "{\"op\":\"subscribe\",\"args\":[\"room_tea\"]}");
      assertThat(ask(ann, "say hello")).isEqualTo("Ann: hello");
      assertThat(read(page)).contains("\"name\":\"Ann\"", "\"data\":\"hello\"");
      // What can not be joined is not joined, and the room is still the one before.
      assertThat(ask(ann, "join a\tb")).startsWith("! ");
      assertThat(ask(ann, "say still here")).isEqualTo("Ann: still here");
    }
  }

  private static String ask(TransportClient client, String frame) {
    client.sendText(frame);
    return read(client);
  }

  private static String read(TransportClient client) {
    Received next = client.read(Duration.ofSeconds(20));
    while (next instanceof Received.Ping) {
      next = client.read(Duration.ofSeconds(20));
    }
    return ((Received.Text) next).text();
  }
  // docs:end words
}
