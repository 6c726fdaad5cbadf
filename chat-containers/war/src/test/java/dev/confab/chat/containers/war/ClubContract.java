package dev.confab.chat.containers.war;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.RawWebSocket.HandshakeRefusedException;
import dev.confab.chat.testkit.Received;
import dev.confab.chat.testkit.Rule;
import dev.confab.chat.transport.jsr356.conformance.ConformanceReport;
import dev.confab.chat.transport.jsr356.conformance.Guest;
import dev.confab.chat.transport.jsr356.conformance.ProcessContract;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a club has of its chats, whatever server it runs in: seen by its members, over real sockets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(ConformanceReport.class)
public abstract class ClubContract implements ProcessContract {
  /** For what must come; a slow machine may need it. */
  protected static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Pattern POSITION = Pattern.compile("\"seq\":(\\d+),\"id\":\"([^\"]+)\"");

  private final List<RawWebSocket> clients = new ArrayList<>();
  private ClubServer server;

  /** A new server. */
  protected abstract ClubServer server();

  @Override
  public final String containerName() {
    try (ClubServer any = server()) {
      return any.name();
    }
  }

  @BeforeAll
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void start_the_server() throws Exception {
    server = server();
    server.start();
  }

  @AfterEach
  void close_the_clients() {
    clients.forEach(RawWebSocket::close);
    clients.clear();
  }

  @AfterAll
  void stop_the_server() {
    server.close();
  }

  /** Connects as a page of the server itself does. */
  protected final RawWebSocket connect(String path, Map<String, String> headers) {
    URI uri = server.uri(path);
    Map<String, String> all = new TreeMap<>(headers);
    all.putIfAbsent("Origin", "http://" + uri.getAuthority());
    RawWebSocket client = RawWebSocket.connect(uri, List.of("chat.v1"), all);
    clients.add(client);
    return client;
  }

  /** Somebody in the members' chat. */
  protected final Guest member(String id) {
    Guest guest = new Guest(connect("/chat", Map.of()));
    guest.await("\"event\":\"welcome\"", PATIENCE);
    return guest.login(id, "secret-" + id, PATIENCE);
  }

  private Guest staff() {
    return new Guest(connect("/staff", basic("kim", "secret-kim")));
  }

  private static Map<String, String> basic(String name, String password) {
    String token = Base64.getEncoder()
        .encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
    return Map.of("Authorization", "Basic " + token);
  }

  private static String newRoom() {
    return "room_" + UUID.randomUUID();
  }

  private static void send(Guest from, String room, String text) {
    from.say("{\"op\":\"sendtoroom\",\"args\":[\"" + room + "\",\"" + text + "\"]}");
    from.await("\"op\":\"sendtoroom\",\"success\":true", PATIENCE);
  }

  private static String cursorOf(String event) {
    Matcher position = POSITION.matcher(event);
    assertThat(position.find()).as(event).isTrue();
    return position.group(1) + "." + position.group(2);
  }

  private static void resume(Guest guest, String room, String cursor) {
    guest.say("{\"op\":\"subscribe\",\"args\":[\"" + room + "\",{\"since\":{\"" + room + "\":\""
        + cursor + "\"}}]}");
    guest.await("\"op\":\"subscribe\",\"success\":true", PATIENCE);
  }

  @Test
  void members_are_those_of_the_application() {
    member("ann").subscribe(newRoom(), PATIENCE);

    Guest stranger = new Guest(connect("/chat", Map.of()));
    stranger.say("{\"op\":\"auth\",\"args\":[\"ann\",\"wrong\"]}");
    assertThat(stranger.await("\"op\":\"auth\"", PATIENCE)).contains("bad_credentials");
    stranger.say("{\"op\":\"auth\",\"args\":[\"kim\",\"secret-kim\"]}");
    assertThat(stranger.await("\"op\":\"auth\"", PATIENCE)).contains("bad_credentials");
  }

  @Test
  void what_one_says_the_others_hear_and_later_find() {
    String room = newRoom();
    Guest ann = member("ann").subscribe(room, PATIENCE);
    Guest tom = member("tom").subscribe(room, PATIENCE);

    send(ann, room, "grüße 😀");

    assertThat(tom.await("\"event\":\"subscribe\"", PATIENCE))
        .contains("\"data\":\"grüße 😀\"", "\"from\":{\"id\":\"ann\",\"name\":\"Ann\"}");
    tom.say("{\"op\":\"history\",\"args\":[\"" + room + "\"]}");
    assertThat(tom.await("\"op\":\"history\"", PATIENCE)).contains("grüße 😀");
  }

  @Test
  void who_comes_back_hears_what_was_said_meanwhile() {
    String room = newRoom();
    Guest ann = member("ann").subscribe(room, PATIENCE);
    Guest tom = member("tom").subscribe(room, PATIENCE);
    send(ann, room, "before");
    String cursor = cursorOf(tom.await("\"data\":\"before\"", PATIENCE));
    tom.socket().reset();
    send(ann, room, "meanwhile 1");
    send(ann, room, "meanwhile 2");

    Guest again = member("tom");
    resume(again, room, cursor);

    assertThat(again.data("", 2, PATIENCE)).containsExactly("meanwhile 1", "meanwhile 2");
  }

  @Test
  void bean_of_the_application_answers_an_op() {
    Guest ann = member("ann");
    ann.say("{\"op\":\"hours\"}");
    assertThat(ann.await("\"op\":\"hours\"", PATIENCE)).contains("from nine to five");
  }

  @Test
  void bean_is_found_on_a_thread_of_the_chat() {
    assumeTrue(server.hasBeans(), "no CDI");
    Guest ann = member("ann");
    ann.say("{\"op\":\"noticeboard\"}");
    assertThat(ann.await("\"op\":\"noticeboard\"", PATIENCE)).contains("from nine to five");
  }

  @Test
  @Rule("JSR356-20")
  void endpoint_that_the_server_has_asked_for_leads_to_the_same_chat() {
    String room = newRoom();
    Guest tom = member("tom").subscribe(room, PATIENCE);

    Guest ann = new Guest(connect("/side-door", Map.of()));
    ann.await("\"event\":\"welcome\"", PATIENCE);
    send(ann.login("ann", "secret-ann", PATIENCE), room, "through the side door");

    assertThat(tom.data("through", 1, PATIENCE)).containsExactly("through the side door");
  }

  @Test
  @Rule("JSR356-12")
  void staff_are_who_the_server_has_logged_in() {
    assumeTrue(server.logsIn(), "no login of the server's");

    assertThat(staff().await("\"event\":\"welcome\"", PATIENCE))
        .contains("\"user\":{\"id\":\"kim\"");
    for (Map<String, String> headers :
        List.of(Map.<String, String>of(), basic("kim", "wrong"), basic("ann", "secret-ann"))) {
      assertThatThrownBy(() -> connect("/staff", headers))
          .isInstanceOfSatisfying(
              HandshakeRefusedException.class,
              refused -> assertThat(refused.status()).isEqualTo(401));
    }
  }

  @Test
  @Rule("JSR356-20")
  void two_chats_of_one_application_share_nothing() {
    assumeTrue(server.logsIn(), "no login of the server's");
    String room = newRoom();
    Guest tom = member("tom").subscribe(room, PATIENCE);
    Guest kim = staff().subscribe(room, PATIENCE);

    send(member("ann"), room, "among members");
    send(staff(), room, "among staff");

    assertThat(tom.data("among", 1, PATIENCE)).containsExactly("among members");
    assertThat(kim.data("among", 1, PATIENCE)).containsExactly("among staff");
  }

  @Test
  @Rule("JSR356-11")
  void page_of_another_server_is_refused() {
    RawWebSocket evil = connect("/chat", Map.of("Origin", "https://evil.example"));

    assertThat(evil.read(PATIENCE)).isEqualTo(new Received.Closed(1008, "origin not allowed"));
  }

  @Test
  @Rule("JSR356-20")
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void server_that_stops_says_so_and_messages_outlive_it_where_it_has_a_database()
      throws Exception {
    String room = newRoom();
    Guest ann = member("ann");
    Guest tom = member("tom").subscribe(room, PATIENCE);
    send(ann, room, "before");
    String cursor = cursorOf(tom.await("\"data\":\"before\"", PATIENCE));
    send(ann, room, "kept");

    int code;
    try {
      server.stop();
      code = tom.end(PATIENCE);
    } finally {
      server.start();
    }
    // 4000 is ours; some containers close or cut what is open before they tell the application to
    // stop. Whoever hears any of these comes back.
    assertThat(code).isIn(4000, 1001, 1006);
    ConformanceReport.note("clients of an application that stops hear", "" + code);

    Guest again = member("ann");
    if (server.keepsMessages()) {
      resume(again, room, cursor);
      assertThat(again.data("", 1, PATIENCE)).containsExactly("kept");
    } else {
      again.subscribe(room, PATIENCE);
    }
  }
}
