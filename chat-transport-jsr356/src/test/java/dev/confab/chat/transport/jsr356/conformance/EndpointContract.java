package dev.confab.chat.transport.jsr356.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.RawWebSocket.HandshakeRefusedException;
import dev.confab.chat.testkit.Received;
import dev.confab.chat.testkit.RecordingAcceptor;
import dev.confab.chat.testkit.RecordingAcceptor.Accepted;
import dev.confab.chat.testkit.RecordingAcceptor.Told;
import dev.confab.chat.testkit.Rule;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import dev.confab.chat.transport.jsr356.Origins;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** An installed endpoint over real sockets: who is let in, what is remembered of them, hostile bytes, and the end. */
public abstract class EndpointContract extends ContainerContract {
  private static final int MAX_FRAME_BYTES = 65_536;

  /** Tomcat looks only every ten seconds; left alone it waits 30 s for an answer, and Undertow for ever. */
  private static final Duration CUT_WITHIN = Duration.ofSeconds(22);

  private final RecordingAcceptor chat = new RecordingAcceptor(List.of("chat.v1"), MAX_FRAME_BYTES);

  private ChatEndpoint serve(EndpointOptions options) {
    return server().with("/chat", chat, options).start().endpoint("/chat");
  }

  private RawWebSocket connect(Map<String, String> headers) {
    return connect("/chat", headers);
  }

  private RawWebSocket connect(String path, Map<String, String> headers) {
    return connect(path, List.of(), headers);
  }

  private Accepted accepted() {
    return chat.next(PATIENCE);
  }

  private void expectAdmitted(Map<String, String> headers) {
    RawWebSocket client = connect(headers);
    accepted().write("welcome");
    assertThat(client.read(PATIENCE)).isEqualTo(new Received.Text("welcome"));
  }

  private void expectRefused(Map<String, String> headers) {
    int before = chat.connections();
    RawWebSocket client = connect(headers);
    assertThat(client.read(PATIENCE)).isEqualTo(new Received.Closed(1008, "origin not allowed"));
    assertThat(chat.connections()).isEqualTo(before);
  }

  private String self() {
    URI uri = server().uri("");
    return "http://" + uri.getHost() + ":" + uri.getPort();
  }

  @Test
  @Rule("JSR356-11")
  void page_of_the_same_origin_is_admitted() {
    serve(EndpointOptions.defaults());

    expectAdmitted(Map.of("Origin", self()));
    expectAdmitted(Map.of("Origin", self(), "Cookie", "session=1"));
  }

  @Test
  @Rule("JSR356-11")
  void page_of_another_origin_is_refused() {
    serve(EndpointOptions.defaults());

    expectRefused(Map.of("Origin", "http://evil.example"));
    expectRefused(Map.of("Origin", self().replace("http:", "https:")));
    expectRefused(Map.of("Origin", "http://127.0.0.1"));
    expectRefused(Map.of("Origin", "null"));
    expectRefused(Map.of("Origin", self() + ".evil.example"));
  }

  @Test
  @Rule("JSR356-11")
  void program_without_origin_is_admitted_only_without_a_browsers_identity() {
    serve(EndpointOptions.defaults());

    expectAdmitted(Map.of());
    expectRefused(Map.of("Cookie", "session=1"));
    expectRefused(Map.of("Authorization", "Basic dG9tOng="));
  }

  @Test
  @Rule("JSR356-11")
  void program_without_origin_may_have_cookies_where_that_is_allowed() {
    serve(EndpointOptions.builder().origins(Origins.same().andMissing()).build());

    expectAdmitted(Map.of("Cookie", "session=1"));
    expectRefused(Map.of("Origin", "http://evil.example"));
  }

  @Test
  @Rule("JSR356-11")
  void listed_origins_are_admitted_and_others_not() {
    serve(EndpointOptions.builder()
        .origins(Origins.only("https://www.example.com", "http://localhost:8080"))
        .build());

    expectAdmitted(Map.of("Origin", "https://www.example.com:443"));
    expectAdmitted(Map.of("Origin", "http://localhost:8080"));
    assertThatThrownBy(() -> connect(Map.of("Origin", self())))
        .isInstanceOfSatisfying(HandshakeRefusedException.class, refused -> {
          // Undertow looks for another page at that path.
          assertThat(refused.status()).isIn(403, 404);
          note("an origin that is not listed is answered", "" + refused.status());
        });
  }

  @Test
  @Rule("JSR356-11")
  void any_origin_is_admitted_where_that_is_said() {
    serve(EndpointOptions.builder().origins(Origins.any()).build());

    expectAdmitted(Map.of("Origin", "null", "Cookie", "session=1"));
    expectAdmitted(Map.of("Cookie", "session=1"));
  }

  @Test
  @Rule("JSR356-11")
  void proxy_that_is_trusted_says_what_the_same_origin_is_and_where_the_client_sits() {
    serve(EndpointOptions.builder().behindProxy().build());

    connect(Map.of(
        "Origin", "https://chat.example.com",
        "X-Forwarded-Proto", "https",
        "X-Forwarded-Host", "chat.example.com",
        "X-Forwarded-For", "6.6.6.6, 203.0.113.7"));

    assertThat(accepted().handshake().remoteAddress()).contains("203.0.113.7");
    expectRefused(Map.of("Origin", "https://chat.example.com"));
  }

  @Test
  @Rule("JSR356-11")
  void proxy_headers_mean_nothing_unless_a_proxy_is_trusted() {
    serve(EndpointOptions.defaults());

    expectRefused(Map.of(
        "Origin", "https://chat.example.com",
        "X-Forwarded-Proto", "https",
        "X-Forwarded-Host", "chat.example.com"));
    connect(Map.of("X-Forwarded-For", "203.0.113.7"));
    // Not every container tells whose address it is.
    assertThat(accepted().handshake().remoteAddress().orElse("127.0.0.1")).isEqualTo("127.0.0.1");
  }

  @Test
  @Rule("JSR356-12")
  void handshake_keeps_the_named_headers_only_and_what_the_application_adds() {
    serve(EndpointOptions.builder()
        .origins(Origins.any())
        .keepHeaders("X-Tenant", "COOKIE")
        .attributes(request -> Map.of("query", request.getQueryString()))
        .build());

    connect("/chat?a=1&plus=x+y&empty=", Map.of("x-tenant", "t1", "Cookie", "s=1", "X-Other", "x"));

    Accepted accepted = accepted();
    assertThat(accepted.handshake().headers())
        .isEqualTo(Map.of("x-tenant", List.of("t1"), "cookie", List.of("s=1")));
    assertThat(accepted.handshake().attributes()).isEqualTo(Map.of("query", "a=1&plus=x+y&empty="));
    assertThat(accepted.handshake().parameter("plus")).contains("x y");
    assertThat(accepted.handshake().principal()).isEmpty();
    assertThat(accepted.handshake().path()).isEqualTo("/app/chat");
  }

  @Test
  @Rule("JSR356-12")
  void connection_whose_attributes_can_not_be_made_is_refused() {
    serve(EndpointOptions.builder()
        .attributes(request -> {
          throw new IllegalStateException("planted: no attributes");
        })
        .build());

    assertThat(connect(Map.of()).read(PATIENCE))
        .isEqualTo(new Received.Closed(1011, "internal error"));
    assertThat(chat.connections()).isZero();
  }

  @Test
  @Rule("JSR356-12")
  void handshakes_at_the_same_time_are_not_mixed_up() {
    serve(EndpointOptions.builder().keepHeaders("x-number").build());
    int count = 64;

    List<RawWebSocket> opened = IntStream.range(0, count)
        .parallel()
        .mapToObj(i -> {
          RawWebSocket client =
              server().connect("/chat?n=" + i, List.of(), Map.of("X-Number", "" + i));
          client.sendText("" + i);
          return client;
        })
        .collect(Collectors.toList());
    opened.forEach(this::closedLater);

    for (int i = 0; i < count; i++) {
      Accepted accepted = accepted();
      List<Told> told = accepted.told(1, PATIENCE);
      assertThat(told.get(0)).isInstanceOf(Told.Text.class);
      Told.Text said = (Told.Text) told.get(0);
      assertThat(accepted.handshake().parameter("n")).contains(said.frame());
      assertThat(accepted.handshake().header("X-Number")).contains(said.frame());
    }
  }

  @Test
  void client_that_offers_nothing_known_is_taken_without_subprotocol() {
    serve(EndpointOptions.defaults());

    RawWebSocket unknown = connect("/chat", List.of("soap", "wamp"), Map.of());

    assertThat(unknown.subprotocol()).isEmpty();
    assertThat(accepted().handshake().subprotocol()).isEmpty();
  }

  @Test
  @Rule("JSR356-16")
  void extensions_are_not_agreed_to() {
    serve(EndpointOptions.defaults());

    RawWebSocket client =
        connect(Map.of("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"));

    assertThat(client.responseHeader("sec-websocket-extensions")).isEmpty();
    accepted().write("x".repeat(1_000));
    assertThat(client.readFrame(PATIENCE).orElseThrow().compressed()).isFalse();
  }

  @Test
  void frame_that_comes_byte_by_byte_is_told_whole() {
    serve(EndpointOptions.defaults());
    RawWebSocket client = connect(Map.of());
    String text = "Byte für Byte 😀";

    for (byte one :
        RawWebSocket.frame(true, RawWebSocket.TEXT, text.getBytes(StandardCharsets.UTF_8))) {
      client.sendRaw(new byte[] {one});
    }

    assertThat(accepted().told(1, PATIENCE)).containsExactly(new Told.Text(text));
  }

  @Test
  void ping_between_two_fragments_is_answered_and_cuts_nothing() {
    serve(EndpointOptions.defaults());
    RawWebSocket client = connect(Map.of());
    byte[] bytes = "ü".getBytes(StandardCharsets.UTF_8);

    client.sendRaw(RawWebSocket.frame(false, RawWebSocket.TEXT, new byte[] {bytes[0]}));
    client.sendPing();
    client.sendRaw(RawWebSocket.frame(true, RawWebSocket.CONTINUATION, new byte[] {bytes[1]}));

    assertThat(client.read(PATIENCE)).isEqualTo(new Received.Pong());
    assertThat(accepted().told(1, PATIENCE)).containsExactly(new Told.Text("ü"));
  }

  @Test
  void text_that_is_not_utf_8_ends_the_connection_and_is_not_told() {
    serve(EndpointOptions.defaults());
    RawWebSocket client = connect(Map.of());
    Accepted accepted = accepted();

    client.sendRaw(
        RawWebSocket.frame(true, RawWebSocket.TEXT, new byte[] {'a', (byte) 0xC3, (byte) 0x28}));

    assertThat(client.read(PATIENCE)).isInstanceOf(Received.Closed.class);
    expectOnlyEnd(accepted);
  }

  @Test
  void bytes_that_are_no_frame_end_the_connection() {
    serve(EndpointOptions.defaults());
    RawWebSocket client = connect(Map.of());
    Accepted accepted = accepted();

    client.sendRaw(new byte[] {(byte) 0xFF, (byte) 0xFF, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});

    expectOnlyEnd(accepted);
  }

  private void expectOnlyEnd(Accepted accepted) {
    accepted.told(1, SOON);
    server().close();
    assertThat(accepted.told()).singleElement().isInstanceOf(Told.Closed.class);
  }

  @Test
  @Rule("JSR356-10")
  void limit_holds_to_the_byte_for_large_frames_however_they_are_cut() {
    serve(EndpointOptions.defaults());
    String largest = "x".repeat(MAX_FRAME_BYTES - 2) + "ü";
    RawWebSocket client = connect(Map.of());

    client.sendText(largest);
    client.sendFragmented(largest, 1_000);
    try {
      client.sendFragmented(largest + "x", 1_000);
    } catch (UncheckedIOException gone) {
      // The server does not wait for the rest of what is too large.
      assertThat(gone).hasCauseInstanceOf(IOException.class);
    }

    Accepted accepted = accepted();
    List<Told> told = accepted.told(3, PATIENCE);
    assertThat(told.subList(0, 2)).containsExactly(new Told.Text(largest), new Told.Text(largest));
    assertThat(told.get(2)).isEqualTo(new Told.Closed(1009, CloseReason.TOO_LARGE.text()));
  }

  @Test
  @Rule("JSR356-10")
  void binary_frames_are_counted_as_well() {
    serve(EndpointOptions.defaults());
    RawWebSocket client = connect(Map.of());

    client.sendBinary(new byte[MAX_FRAME_BYTES]);
    try {
      client.sendBinary(new byte[MAX_FRAME_BYTES + 1]);
    } catch (UncheckedIOException gone) {
      // The server does not wait for the rest of what is too large.
      assertThat(gone).hasCauseInstanceOf(IOException.class);
    }

    assertThat(accepted().told(2, PATIENCE))
        .containsExactly(new Told.Binary(), new Told.Closed(1009, CloseReason.TOO_LARGE.text()));
  }

  @Test
  @Rule("JSR356-17")
  void close_text_of_many_bytes_arrives_whole() {
    serve(EndpointOptions.defaults());
    RawWebSocket client = connect(Map.of());
    CloseReason reason = CloseReason.of(4403, "😀".repeat(50));

    accepted().connection().close(reason);

    assertThat(client.read(PATIENCE)).isEqualTo(new Received.Closed(4403, "😀".repeat(30)));
  }

  @Test
  @Rule("JSR356-19")
  void chat_that_fails_on_a_frame_ends_that_connection_only() {
    serve(EndpointOptions.defaults());
    RawWebSocket client = connect(Map.of());
    Accepted accepted = accepted();
    chat.whenText((connection, text) -> {
      throw new IllegalStateException("planted: the chat fails");
    });

    client.sendText("bang");

    assertThat(client.read(PATIENCE)).isEqualTo(new Received.Closed(4100, "internal error"));
    assertThat(accepted.told(1, SOON)).contains(new Told.Closed(4100, "internal error"));
    chat.whenText((connection, text) -> {});
    expectAdmitted(Map.of());
  }

  @Test
  @Rule("JSR356-19")
  void chat_that_fails_to_take_a_connection_ends_it() {
    ChatEndpoint endpoint = serve(EndpointOptions.defaults());
    chat.whenConnected(connection -> {
      throw new IllegalStateException("planted: the chat fails");
    });

    assertThat(connect(Map.of()).read(PATIENCE))
        .isEqualTo(new Received.Closed(4100, "internal error"));
    Awaitility.await().atMost(SOON).until(() -> endpoint.openConnections() == 0);
  }

  @Test
  @Rule("JSR356-7")
  void stalled_clients_are_all_ended_soon_and_cost_their_neighbour_nothing() {
    ChatEndpoint endpoint = serve(EndpointOptions.defaults());
    List<Accepted> stalled = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      connect(Map.of()).stopReading();
      Accepted accepted = accepted();
      accepted.write("x".repeat(8 * 1024 * 1024));
      stalled.add(accepted);
    }
    RawWebSocket neighbour = connect(Map.of());
    Accepted neighbourAccepted = accepted();

    stalled.forEach(accepted -> accepted.connection().close(CloseReason.NORMAL));
    neighbourAccepted.write("hello");

    assertThat(neighbour.read(SOON)).isEqualTo(new Received.Text("hello"));
    stalled.forEach(
        accepted -> assertThat(accepted.told(1, SOON)).containsExactly(new Told.Closed(1000, "")));
    Awaitility.await().atMost(SOON).until(() -> endpoint.openConnections() == 1);
  }

  @Test
  @Rule("JSR356-7")
  void socket_of_a_stalled_client_is_cut_behind_a_close_on_undertow() {
    String name = container().name();
    assumeTrue(
        Stream.of("Undertow", "WildFly", "Quarkus").anyMatch(name::startsWith),
        "the endpoint can cut sockets only there");
    serve(EndpointOptions.defaults());
    RawWebSocket client = connect(Map.of());
    client.stopReading();
    Accepted accepted = accepted();
    accepted.write("x".repeat(8 * 1024 * 1024));

    accepted.connection().close(CloseReason.STALLED);

    // Felt by writing: what it does not read stands before the end of the stream.
    Awaitility.await().atMost(CUT_WITHIN).until(() -> !canSend(client));
  }

  private static boolean canSend(RawWebSocket client) {
    try {
      client.sendPing();
      return true;
    } catch (UncheckedIOException gone) {
      return false;
    }
  }

  @Test
  @Rule("JSR356-20")
  void socket_of_a_client_that_does_not_answer_is_cut_though_the_endpoint_has_stopped() {
    ChatEndpoint endpoint = serve(EndpointOptions.defaults());
    RawWebSocket client = connect(Map.of());
    accepted();

    endpoint.close();

    assertThat(client.read(PATIENCE)).isEqualTo(new Received.Closed(4000, "server stopping"));
    assertThat(client.read(CUT_WITHIN)).isEqualTo(new Received.Broken());
  }

  @Test
  @Rule("JSR356-20")
  void socket_that_came_after_the_endpoint_had_stopped_is_cut_if_its_client_does_not_answer() {
    ChatEndpoint endpoint = serve(EndpointOptions.defaults());
    endpoint.close();

    RawWebSocket client = connect(Map.of());

    assertThat(client.read(PATIENCE)).isEqualTo(new Received.Closed(4000, "server stopping"));
    assertThat(client.read(CUT_WITHIN)).isEqualTo(new Received.Broken());
  }

  @Test
  @Rule("JSR356-20")
  void several_chats_live_in_one_application() {
    RecordingAcceptor other = new RecordingAcceptor(List.of(), 100);
    server().with("/other", other, EndpointOptions.defaults());
    serve(EndpointOptions.defaults());

    connect("/other", Map.of()).sendText("to the other");
    connect(Map.of()).sendText("to the one");

    assertThat(other.next(PATIENCE).told(1, PATIENCE))
        .containsExactly(new Told.Text("to the other"));
    assertThat(accepted().told(1, PATIENCE)).containsExactly(new Told.Text("to the one"));
  }

  @Test
  @Rule("JSR356-20")
  void closed_endpoint_ends_its_connections_and_threads_and_takes_no_more() {
    ChatEndpoint endpoint = serve(EndpointOptions.defaults());
    RawWebSocket client = connect(Map.of());
    Accepted accepted = accepted();
    assertThat(endpoint.openConnections()).isEqualTo(1);

    endpoint.close();

    assertThat(client.read(PATIENCE)).isEqualTo(new Received.Closed(4000, "server stopping"));
    assertThat(accepted.told(1, SOON)).containsExactly(new Told.Closed(4000, "server stopping"));
    Awaitility.await().atMost(SOON).until(() -> endpoint.openConnections() == 0);
    expectNoThreads();
    assertThat(connect(Map.of()).read(PATIENCE))
        .isEqualTo(new Received.Closed(4000, "server stopping"));
    assertThat(chat.connections()).isEqualTo(1);
    endpoint.close();
  }

  @Test
  @Rule("JSR356-9")
  void silent_connection_is_ended_and_told() {
    serve(EndpointOptions.builder().idleTimeout(Duration.ofSeconds(1)).build());
    connect(Map.of());

    assertThat(accepted().told(1, PATIENCE)).singleElement().isInstanceOf(Told.Closed.class);
  }

  @Test
  void connection_on_which_something_comes_or_goes_is_not_silent() {
    serve(EndpointOptions.builder().idleTimeout(Duration.ofSeconds(3)).build());
    RawWebSocket hears = connect(Map.of());
    Accepted written = accepted();
    RawWebSocket speaks = connect(Map.of());
    Accepted told = accepted();
    AtomicInteger turns = new AtomicInteger();

    Awaitility.await()
        .pollInterval(Duration.ofMillis(200))
        .atMost(PATIENCE.multipliedBy(2))
        .until(() -> {
          written.write("still there");
          speaks.sendText("here");
          return turns.incrementAndGet() > 20;
        });

    assertThat(written.told()).isEmpty();
    assertThat(told.told()).isNotEmpty().allMatch(Told.Text.class::isInstance);
    assertThat(hears.read(PATIENCE)).isEqualTo(new Received.Text("still there"));
  }

  @Test
  void client_of_the_jdk_talks_in_both_directions() throws Exception {
    serve(EndpointOptions.defaults());
    chat.whenText(
        (connection, text) -> connection.write(List.of(Frame.of("echo " + text)), failure -> {}));
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    WebSocket client = HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .subprotocols("chat.v1")
        .buildAsync(server().uri("/chat"), new Listener(heard))
        .get(10, TimeUnit.SECONDS);
    assertThat(client.getSubprotocol()).isEqualTo("chat.v1");

    String text = "ü😀".repeat(5_000);
    client.sendText(text, true).get(10, TimeUnit.SECONDS);
    assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("echo " + text);
    client.sendClose(1000, "done").get(10, TimeUnit.SECONDS);

    assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("closed 1000");
    Accepted accepted = accepted();
    assertThat(accepted.handshake().subprotocol()).contains("chat.v1");
    assertThat(accepted.told(2, SOON))
        .containsExactly(new Told.Text(text), new Told.Closed(1000, "done"));
  }

  /** Joins the parts the JDK's client hands out. */
  private static final class Listener implements WebSocket.Listener {
    private final BlockingQueue<String> heard;
    private final StringBuilder parts = new StringBuilder();

    Listener(BlockingQueue<String> heard) {
      this.heard = heard;
    }

    @Override
    public CompletionStage<?> onText(WebSocket client, CharSequence part, boolean last) {
      parts.append(part);
      if (last) {
        heard.add(parts.toString());
        parts.setLength(0);
      }
      client.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket client, int code, String reason) {
      heard.add("closed " + code);
      return null;
    }
  }
}
