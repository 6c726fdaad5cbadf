package dev.confab.chat.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.Chat;
import dev.confab.chat.dialects.WorkermanChat;
import dev.confab.chat.model.Identity;
import dev.confab.chat.spi.Guests;
import dev.confab.chat.testkit.LoopbackTransport;
import dev.confab.chat.testkit.Received;
import dev.confab.chat.testkit.TransportClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Visitors keep to the rules of the page, and everybody else is left alone. */
final class VisitorRulesTest {
  private final Chat chat = VisitorRules.online(
          VisitorRules.inboxes(Chat.builder(), id -> id.value().equals("17")))
      .authenticator(Guests.beside(credentials -> Identity.of("18", "tom")))
      .dialect("/workerman", new WorkermanChat())
      .build();
  private final LoopbackTransport transport = new LoopbackTransport(chat.acceptor());

  @AfterEach
  void close() {
    transport.close();
    chat.close(Duration.ofSeconds(3));
  }

  @Test
  void guest_can_not_write_to_an_account_and_only_so_often_to_a_guest() {
    TransportClient guest = transport.connect("/workerman", List.of());
    guest.sendText("{\"type\":\"login\",\"client_name\":\"eve\",\"room_id\":\"1\"}");
    await(guest, "client_list");
    guest.sendText(say("17"));
    await(guest, "\"code\":\"denied\"");
    guest.sendText(say("another"));
    await(guest, "\"type\":\"say\"");
    for (int i = 0; i < 6; i++) {
      guest.sendText(say("another"));
    }
    await(guest, "\"code\":\"rate_limited\"");
  }

  private static String say(String to) {
    return "{\"type\":\"say\",\"to_client_id\":\"" + to
        + "\",\"to_client_name\":\"x\",\"content\":\"buy\"}";
  }

  @Test
  void account_can_write_to_an_account() {
    TransportClient tom = login();
    tom.sendText("{\"op\":\"publish\",\"args\":[\"user_17\",\"hello\"]}");
    await(tom, "\"success\":true");
  }

  @Test
  void counts_of_who_is_online_are_read_and_only_the_host_writes() {
    TransportClient tom = login();
    tom.sendText("{\"op\":\"subscribe\",\"args\":[\"online\"]}");
    await(tom, "\"connections\":1");
    tom.sendText("{\"op\":\"publish\",\"args\":[\"online\",{\"connections\":99}]}");
    await(tom, "\"code\":\"denied\"");
    tom.sendText("{\"op\":\"signal\",\"args\":[\"online\",{\"connections\":99}]}");
    await(tom, "\"code\":\"denied\"");
  }

  private TransportClient login() {
    TransportClient client = transport.connect("/chat", List.of());
    client.sendText("{\"op\":\"auth\",\"args\":[\"tom\",\"secret\"]}");
    await(client, "\"success\":true");
    return client;
  }

  /** Reads until a frame has this in it; a few others may come before. */
  private static void await(TransportClient client, String part) {
    List<Received> read = new ArrayList<>();
    do {
      read.add(client.read(Duration.ofSeconds(20)));
    } while (read.size() < 50 && !String.valueOf(read.get(read.size() - 1)).contains(part));
    assertThat(String.valueOf(read.get(read.size() - 1))).as("%s", read).contains(part);
  }
}
