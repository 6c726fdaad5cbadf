package dev.confab.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.testkit.LoopbackTransport;
import dev.confab.chat.testkit.Received;
import dev.confab.chat.testkit.TransportClient;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What two people in a room see, without a socket between them and the chat. */
final class ChatRoomTest {
  /** Comes at any time within the first interval. */
  private static final Received PING = new Received.Text("{\"event\":\"ping\"}");

  private final Chat chat = Chat.builder()
      .authenticator(credentials -> {
        if (credentials instanceof Credentials.Password password
            && password.password().equals("123456")) {
          return Identity.of(password.name().substring(4), password.name());
        }
        throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
      })
      .build();
  private final LoopbackTransport transport = new LoopbackTransport(chat.acceptor());

  private final Map<TransportClient, Deque<String>> unread = new HashMap<>();

  @AfterEach
  void close() {
    chat.close(Duration.ofSeconds(3));
  }

  @Test
  void a_whole_conversation_is_answered_in_order() {
    TransportClient tom = transport.connect("/chat", List.of());
    say(tom, "{\"op\":\"ping\"}");
    hears(tom, "{\"op\":\"pong\"}");
    say(tom, "{\"op\":\"subscribe\",\"args\":[\"room_101\"]}");
    hears(tom, "{\"op\":\"subscribe\",\"error\":\"No access\"");
    say(tom, "{\"op\":\"auth\",\"args\":[\"user1\",\"wrong\"]}");
    hears(tom, "{\"op\":\"auth\",\"error\":\"Invalid name or password\"");
    say(tom, "{\"op\":\"auth\",\"args\":[\"user1\",\"123456\"]}");
    hears(tom, "{\"op\":\"auth\",\"success\":true");
    say(tom, "{\"op\":\"subscribe\",\"args\":[\"room_101\"]}");
    hears(tom, "{\"op\":\"subscribe\",\"success\":true");
    say(tom, "{\"op\":\"sendtoroom\",\"args\":[\"room_101\",\"hello,world!\"]}");
    hears(tom, "{\"event\":\"subscribe\",\"channel\":\"room_101\",\"seq\":1");
    hears(tom, "{\"op\":\"sendtoroom\",\"success\":true");
    chat.publish(ChannelName.of("room_101"), "from the host");
    hears(tom, "{\"event\":\"subscribe\",\"channel\":\"room_101\",\"seq\":2");
    TransportClient ann = transport.connect("/chat", List.of("chat.v1"));
    hears(ann, "{\"event\":\"welcome\"");
    say(ann, "{\"op\":\"auth\",\"args\":[\"user2\",\"123456\"],\"id\":1}");
    hears(ann, "{\"op\":\"auth\",\"success\":true,\"id\":1");
    say(
        ann,
        "{\"op\":\"subscribe\",\"args\":[\"room_101\",{\"since\":{\"room_101\":\"0\"},\"presence\":true}]}");
    hears(
        ann,
        "{\"op\":\"subscribe\",\"success\":true,\"data\":{\"channels\":{\"room_101\":{\"head\":2");
    hears(ann, "{\"event\":\"subscribe\",\"channel\":\"room_101\",\"seq\":1");
  }

  @Test
  void what_is_asked_behind_a_subscribe_finds_the_subscription() {
    // The lane went on once the reply was queued, and the follower was added after that: what was
    // said in between in a
    // channel without log could miss its own sender. Doors that run at once make it happen every
    // time.
    AtomicReference<Chat> itself = new AtomicReference<>();
    try (Chat prompt = Chat.builder()
        .authenticator(credentials -> Identity.of("1", "user1"))
        .on(
            "where",
            call -> Json.string(itself
                .get()
                .connections()
                .channels(call.connection(), Optional.empty(), 10)
                .items()
                .toString()))
        .doors(Runnable::run)
        .build()) {
      itself.set(prompt);
      TransportClient tom = new LoopbackTransport(prompt.acceptor()).connect("/chat", List.of());
      say(tom, "{\"op\":\"auth\",\"args\":[\"user1\",\"123456\"]}");
      say(tom, "{\"op\":\"subscribe\",\"args\":[\"room_1\"]}");
      say(tom, "{\"op\":\"where\"}");
      hears(tom, "{\"op\":\"auth\",\"success\":true");
      hears(tom, "{\"op\":\"subscribe\",\"success\":true");
      hears(tom, "{\"op\":\"where\",\"success\":true,\"data\":\"[room_1]\"");
    }
  }

  private static void say(TransportClient client, String frame) {
    client.sendText(frame);
  }

  /** A frame of chat.v1 may hold several texts, a line each; they are looked at one by one. */
  private void hears(TransportClient client, String beginning) {
    Deque<String> lines = unread.computeIfAbsent(client, fresh -> new ArrayDeque<>());
    if (lines.isEmpty()) {
      Received frame;
      do {
        frame = client.read(Duration.ofSeconds(20));
      } while (frame instanceof Received.Ping || frame.equals(PING));
      assertThat(frame).isInstanceOf(Received.Text.class);
      lines.addAll(List.of(((Received.Text) frame).text().split("\n", -1)));
    }
    assertThat(lines.remove()).startsWith(beginning);
  }
}
