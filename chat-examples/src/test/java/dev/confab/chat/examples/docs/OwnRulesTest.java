package dev.confab.chat.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.Chat;
import dev.confab.chat.Following;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.testkit.LoopbackTransport;
import dev.confab.chat.testkit.Received;
import dev.confab.chat.testkit.TransportClient;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The programs of the pages, in a chat without sockets. */
final class OwnRulesTest {
  private final Doorbell doorbell = new Doorbell();
  private final Chat chat = OwnOps.addTo(Chat.builder())
      .authenticator(credentials -> Identity.of("1", "ann"))
      .interceptor(new CardNumbers())
      .access("staff_", new RoleAccess("staff"))
      .listener(doorbell)
      .build();

  @AfterEach
  void close() {
    chat.close(Duration.ofSeconds(3));
  }

  // docs:begin own-rules
  @Test
  void ops_policies_and_listeners_can_be_tried_without_a_socket() {
    try (LoopbackTransport transport = new LoopbackTransport(chat.acceptor())) {
      TransportClient ann = transport.connect("/chat", List.of());
      assertThat(ask(ann, "{\"op\":\"version\"}"))
          .isEqualTo("{\"op\":\"version\",\"success\":true,\"data\":\"0.1\"}");
      assertThat(ask(ann, "{\"op\":\"dice\"}")).contains("\"code\":\"not_authenticated\"");
      assertThat(ask(ann, "{\"op\":\"auth\",\"args\":[\"ann\",\"secret\"]}"))
          .contains("\"success\":true");
      assertThat(ask(ann, "{\"op\":\"dice\",\"args\":[1]}")).endsWith("\"data\":1}");
      assertThat(ask(ann, "{\"op\":\"dice\",\"args\":[\"x\"]}")).contains("\"field\":\"sides\"");
      assertThat(ask(ann, "{\"op\":\"subscribe\",\"args\":[\"staff_1\"]}"))
          .contains("\"code\":\"denied\"");
      assertThat(
              ask(ann, "{\"op\":\"publish\",\"args\":[\"room_1\",\"tell me your card number\"]}"))
          .contains("\"code\":\"rejected\"", "Nobody here may ask for card numbers.");
      Awaitility.await().until(() -> doorbell.logins() == 1 && doorbell.refusals() == 4);
    }
  }

  private static String ask(TransportClient client, String frame) {
    client.sendText(frame);
    Received next = client.read(Duration.ofSeconds(20));
    while (next instanceof Received.Ping) {
      next = client.read(Duration.ofSeconds(20));
    }
    return ((Received.Text) next).text();
  }
  // docs:end own-rules

  @Test
  void follower_of_the_host_is_told_again_what_it_threw_at() throws Exception {
    ChannelName room = ChannelName.of("room_1");
    BlockingQueue<Entry> told = new LinkedBlockingQueue<>();
    boolean[] thrown = new boolean[1];
    try (Following audit = AuditTrail.follow(chat, room, Cursor.START, entry -> {
      if (!thrown[0]) {
        thrown[0] = true;
        throw new IllegalStateException("planted");
      }
      told.add(entry);
    })) {
      chat.publish(room, "one");
      chat.publish(room, "two");
      Entry first = told.poll(10, TimeUnit.SECONDS);
      Entry second = told.poll(10, TimeUnit.SECONDS);
      assertThat(first.seq()).isEqualTo(1);
      assertThat(second.seq()).isEqualTo(2);
      Awaitility.await().until(() -> audit.position().equals(second.cursor()));
    }
  }

  @Test
  void host_hears_why_its_own_message_was_refused() {
    try {
      chat.publish(ChannelName.of("room_1"), Json.string("tell me your card number"));
      throw new AssertionError("was recorded");
    } catch (RefusedException refused) {
      assertThat(refused.refusal().code()).isEqualTo(ErrorCode.REJECTED);
    }
  }

  @Test
  void lines_of_a_tcp_socket_are_answered_and_a_close_by_the_host_ends_them() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
      Socket accepted = server.accept();
      Thread serving = new Thread(() -> LineTransport.serve(chat.acceptor(), accepted));
      serving.start();
      client.setSoTimeout(10_000);
      BufferedReader in = new BufferedReader(
          new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
      OutputStream out = client.getOutputStream();
      out.write("{\"op\":\"ping\"}\n{\"op\":\"auth\",\"args\":[\"a\",\"b\"]}\n"
          .getBytes(StandardCharsets.UTF_8));
      assertThat(in.readLine()).isEqualTo("{\"op\":\"pong\"}");
      assertThat(in.readLine()).startsWith("{\"op\":\"auth\",\"success\":true");
      assertThat(chat.disconnect(Recipients.user(new UserId("1")), CloseReason.KICKED))
          .isEqualTo(1);
      assertThat(in.readLine()).isNull();
      serving.join(10_000);
      assertThat(serving.isAlive()).isFalse();
      assertThat(chat.counters().connections()).isZero();
    }
  }
}
