package dev.confab.chat.transport.jsr356.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.confab.chat.Chat;
import dev.confab.chat.ChatBuilder;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.testkit.Offenders;
import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.Received;
import dev.confab.chat.testkit.RecordingAcceptor;
import dev.confab.chat.testkit.RecordingAcceptor.Accepted;
import dev.confab.chat.testkit.RecordingAcceptor.Told;
import dev.confab.chat.testkit.Rule;
import dev.confab.chat.testkit.Written;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import jakarta.servlet.http.HttpSession;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The 23 rules of an adapter that is right on every container, each shown on the container at hand: what a client sees, what a
 * {@link Watch} between the adapter and the container sees, or both. More of some rules is in {@link EndpointContract}.
 */
public abstract class ConformanceContract extends ContainerContract {
  /** The rules, in the words of the documentation. */
  static final Set<String> RULES = Offenders.rules("JSR356", 23);

  private static final int MAX_FRAME_BYTES = 1024 * 1024;

  /** No call that must not block takes this long, on a slow machine either. */
  private static final Duration BLOCKED = Duration.ofSeconds(1);

  private static final String ROOM = "room_101";

  private final RecordingAcceptor recorder =
      new RecordingAcceptor(List.of("chat.v1"), MAX_FRAME_BYTES);
  private final Watch watch = new Watch();
  private Optional<Chat> chat = Optional.empty();

  @Override
  final ServerContainer watched(ServerContainer container) {
    return watch.around(container);
  }

  @AfterEach
  void close_the_chat() {
    chat.ifPresent(served -> served.close(Duration.ofSeconds(2)));
  }

  // A bare endpoint, or a chat behind one.

  private ChatEndpoint serve(EndpointOptions options) {
    return server().with("/chat", recorder, options).start().endpoint("/chat");
  }

  private ChatEndpoint serve() {
    return serve(EndpointOptions.defaults());
  }

  private RawWebSocket connect() {
    return connect("/chat", List.of(), Map.of());
  }

  private Accepted accepted() {
    return recorder.next(PATIENCE);
  }

  private Chat serveChat(ChatBuilder builder) {
    Chat built = builder.build();
    chat = Optional.of(built);
    server().with("/chat", built.acceptor(), EndpointOptions.defaults()).start();
    return built;
  }

  /** Everybody whose password is secret. */
  private static ChatBuilder everybody() {
    return Chat.builder().authenticator(credentials -> {
      if (credentials instanceof Credentials.Password password
          && password.password().equals("secret")) {
        return Identity.of(password.name(), password.name());
      }
      throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
    });
  }

  private Guest stranger() {
    Guest guest = new Guest(connect("/chat", List.of("chat.v1"), Map.of()));
    guest.await("\"event\":\"welcome\"", PATIENCE);
    return guest;
  }

  private Guest member(String name) {
    return stranger().login(name, PATIENCE).subscribe(ROOM, PATIENCE);
  }

  private Guest plainMember(String name) {
    return new Guest(connect()).login(name, PATIENCE).subscribe(ROOM, PATIENCE);
  }

  private static void publish(Chat chat, String text) {
    chat.publish(ChannelName.of(ROOM), text);
  }

  private static List<String> numbered(String beginning, int count) {
    return IntStream.range(0, count).mapToObj(i -> beginning + i + " ").toList();
  }

  /** A write that its client does not take. GlassFish and Payara take one whole, however large, and then no more. */
  private static Written stalled(RawWebSocket client, Accepted accepted) {
    client.stopReading();
    String much = "x".repeat(16 * 1024 * 1024);
    Written write = accepted.write(much);
    if (write.endsWithin(Duration.ofMillis(300))) {
      write = accepted.write(much);
    }
    assertThat(write.endsWithin(Duration.ofMillis(300))).isFalse();
    return write;
  }

  private static void expectNotBlocked(Runnable call) {
    long began = System.nanoTime();
    call.run();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(BLOCKED);
  }

  // 1

  @Test
  @Rule("JSR356-1")
  void what_a_client_does_not_take_waits_with_us_and_not_in_the_container() {
    serve();
    RawWebSocket client = connect();
    Accepted accepted = accepted();
    client.stopReading();
    String frame = "x".repeat(256 * 1024);

    int taken = 0;
    Written last = accepted.write(frame);
    while (last.endsWithin(Duration.ofMillis(500))) {
      taken++;
      assertThat(taken).as("256 KiB that nobody read and the container took").isLessThan(128);
      last = accepted.write(frame);
    }

    assertThat(watch.calls("sendText")).hasSize(taken + 1);
    assertThat(last.times()).isZero();
  }

  // 2

  @Test
  @Rule("JSR356-2")
  void ten_thousand_sends_at_once_are_done_once_each_and_one_at_a_time() throws Exception {
    int connections = 20;
    int writes = 500;
    serve();
    List<RawWebSocket> clients = new ArrayList<>();
    List<Accepted> accepted = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      clients.add(connect());
      accepted.add(accepted());
    }
    List<List<Written>> written = new ArrayList<>();
    ExecutorService publishers = Executors.newFixedThreadPool(8);
    try {
      for (Accepted to : accepted) {
        List<Written> all = Stream.generate(Written::new).limit(writes).toList();
        written.add(all);
        publishers.execute(() -> writeNext(to, all, 0, publishers));
      }
      for (RawWebSocket client : clients) {
        for (int i = 0; i < writes; i++) {
          assertThat(client.read(PATIENCE)).isEqualTo(new Received.Text("message " + i));
        }
      }
      written.forEach(
          all -> all.forEach(write -> assertThat(write.failure(PATIENCE)).isEmpty()));
    } finally {
      publishers.shutdown();
      assertThat(publishers.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    server().close();
    assertThat(written.stream().flatMap(List::stream).map(Written::times)).containsOnly(1);
    assertThat(watch.calls("sendText")).hasSize(connections * writes);
    assertThat(watch.mostInFlight()).isEqualTo(1);
    assertThat(watch.handlersCalledAgain()).isZero();
  }

  private static void writeNext(
      Accepted to, List<Written> all, int index, ExecutorService publishers) {
    to.connection().write(List.of(Frame.of("message " + index)), failure -> {
      all.get(index).done(failure);
      if (index + 1 < all.size()) {
        publishers.execute(() -> writeNext(to, all, index + 1, publishers));
      }
    });
  }

  // 3

  @Test
  @Rule("JSR356-3")
  void sends_do_not_nest_however_many_follow_each_other() {
    serve();
    RawWebSocket client = connect();
    List<String> frames = numbered("frame ", 10_000);

    Written write = accepted().write(frames);

    for (String frame : frames) {
      assertThat(client.read(PATIENCE)).isEqualTo(new Received.Text(frame));
    }
    assertThat(write.failure(PATIENCE)).isEmpty();
    assertThat(watch.deepest()).isEqualTo(1);
  }

  @Test
  @Rule("JSR356-3")
  void messages_of_a_chat_do_not_nest_either() {
    Chat served = serveChat(everybody());
    Guest guest = plainMember("ann");
    List<String> said = numbered("say ", 1_000);

    said.forEach(
        text -> served.publishLater(ChannelName.of(ROOM), Json.string(text), Optional.empty()));

    assertThat(guest.data("say ", said.size(), PATIENCE)).isEqualTo(said);
    assertThat(watch.deepest()).isLessThan(10);
  }

  // 4

  @Test
  @Rule("JSR356-4")
  void what_waits_leaves_together() {
    Chat served = serveChat(everybody());
    Guest guest = member("ann");
    guest.socket().stopReading();
    for (int i = 0; i < 24; i++) {
      publish(served, "y".repeat(512 * 1024));
    }
    List<String> waiting = numbered("wait ", 1_000);
    waiting.forEach(text -> publish(served, text));

    guest.socket().resumeReading();

    assertThat(guest.data("wait ", waiting.size(), PATIENCE)).isEqualTo(waiting);
    assertThat(guest.frames()).isLessThan(200);
  }

  // 5

  @Test
  @Rule("JSR356-5")
  void broadcast_is_encoded_once_for_all() {
    Chat served = serveChat(everybody());
    List<Guest> guests = List.of(plainMember("ann"), plainMember("tom"), plainMember("kim"));

    publish(served, "for all");

    guests.forEach(guest -> guest.data("for all", 1, PATIENCE));
    List<String> sent = watch.texts().stream()
        .flatMap(List::stream)
        .filter(text -> text.contains("for all"))
        .toList();
    assertThat(sent).hasSize(3);
    assertThat(sent).allSatisfy(text -> assertThat(text).isSameAs(sent.get(0)));
  }

  // 6

  @Test
  @Rule("JSR356-6")
  void stalled_client_is_noticed_by_a_clock_of_ours_and_nobody_else_is_delayed() {
    // A write may take a second for each of its KiB.
    Chat served = serveChat(everybody()
        .limits(Limits.builder()
            .stallAfter(Duration.ofSeconds(1))
            .writeBytes(2 * 1024)
            .build()));
    Guest stalled = plainMember("ann");
    Guest neighbour = member("tom");
    stalled.socket().stopReading();
    ChatEndpoint endpoint = server().endpoint("/chat");

    // What GlassFish takes for a client that does not read is bounded as well, but not small.
    int atMost = container().stops() ? 16 : 160;
    for (int i = 0; i < 16 || (i < atMost && endpoint.openConnections() == 2); i++) {
      for (int j = 0; j < 500; j++) {
        served.publishLater(
            ChannelName.of(ROOM), Json.string("big " + "y".repeat(1_000)), Optional.empty());
      }
      neighbour.data("big ", 500, PATIENCE);
    }

    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> endpoint.openConnections() == 1);
    publish(served, "still here");
    neighbour.data("still here", 1, SOON);
    assertThat(watch.calls("setSendTimeout")).allMatch(call -> call.argument().equals("0"));
  }

  // 7

  @Test
  @Rule("JSR356-7")
  void closing_a_stalled_client_blocks_nobody_and_is_told_soon() {
    serve();
    List<Accepted> stalled = new ArrayList<>();
    List<Written> writes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      RawWebSocket client = connect();
      Accepted accepted = accepted();
      writes.add(stalled(client, accepted));
      stalled.add(accepted);
    }

    stalled.forEach(
        accepted -> expectNotBlocked(() -> accepted.connection().close(CloseReason.STALLED)));

    stalled.forEach(accepted ->
        assertThat(accepted.told(1, SOON)).containsExactly(new Told.Closed(4004, "stalled")));
    writes.forEach(write -> assertThat(write.failure(SOON)).isPresent());
    Awaitility.await().atMost(SOON).until(() -> watch.calls("close").size() == 4);
    assertThat(watch.calls("close"))
        .allSatisfy(call -> assertThat(call.thread()).contains("blockable"));
    assertThat(watch.calls("setMaxIdleTimeout"))
        .filteredOn(call -> call.argument().equals("2000"))
        .hasSize(watch.ofTyrus() ? 0 : 4);
  }

  // 8

  @Test
  @Rule("JSR356-8")
  void ping_blocks_nobody_whatever_the_client_does() {
    serve();
    RawWebSocket client = connect();
    Accepted accepted = accepted();
    RawWebSocket neighbour = connect();
    Accepted neighbourAccepted = accepted();
    stalled(client, accepted);

    expectNotBlocked(() -> accepted.connection().ping());
    expectNotBlocked(() -> neighbourAccepted.connection().ping());

    assertThat(neighbour.read(SOON)).isEqualTo(new Received.Ping());
    assertThat(watch.calls("sendPing"))
        .hasSize(1)
        .allSatisfy(call -> assertThat(call.thread()).contains("blockable"));
  }

  @Test
  @Rule("JSR356-8")
  void heartbeat_on_a_busy_connection_cuts_nothing() {
    serve();
    RawWebSocket client = connect();
    Accepted accepted = accepted();
    List<String> frames = numbered("busy ", 200);
    for (String frame : frames) {
      // It leaves on another thread, before, behind or instead of what is written now.
      accepted.connection().ping();
      assertThat(accepted.write(frame, "and more").endsWithin(PATIENCE)).isTrue();
    }
    accepted.connection().ping();

    List<String> texts = new ArrayList<>();
    int pings = 0;
    while (texts.size() < 2 * frames.size() || pings == 0) {
      Received received = client.read(PATIENCE);
      if (received instanceof Received.Text text) {
        texts.add(text.text());
      } else {
        assertThat(received).isEqualTo(new Received.Ping());
        pings++;
      }
    }
    assertThat(texts).filteredOn(text -> !text.equals("and more")).isEqualTo(frames);
  }

  // 9

  @Test
  @Rule("JSR356-9")
  void silence_is_limited_on_every_session_before_anything_else() {
    serve(EndpointOptions.builder().idleTimeout(Duration.ofMinutes(7)).build());
    connect();
    accepted();

    assertThat(watch.calls("setMaxIdleTimeout"))
        .singleElement()
        .satisfies(
            call -> assertThat(call.argument()).isEqualTo(watch.ofTyrus() ? "-1" : "420000"));
  }

  // 10

  @Test
  @Rule("JSR356-10")
  void messages_around_every_edge_of_a_buffer_pass_in_both_directions() {
    serve();
    RawWebSocket client = connect();
    Accepted accepted = accepted();
    int messages = 0;

    for (int edge : new int[] {0, 125, 126, 1024, 4 * 1024, 8 * 1024, 16 * 1024, 64 * 1024}) {
      for (int size = Math.max(0, edge - 2); size <= edge + 2; size++) {
        String text = size < 2 ? "x".repeat(size) : "ü" + "x".repeat(size - 2);
        client.sendText(text);
        List<Told> told = accepted.told(++messages, PATIENCE);
        assertThat(told.get(messages - 1)).isEqualTo(new Told.Text(text));
        assertThat(accepted.write(text).failure(PATIENCE)).isEmpty();
        assertThat(client.read(PATIENCE)).isEqualTo(new Received.Text(text));
      }
    }
  }

  @Test
  @Rule("JSR356-10")
  void message_of_exactly_the_limit_is_taken_and_one_byte_more_is_told_1009() {
    serve();
    RawWebSocket client = connect();
    client.sendText("x".repeat(MAX_FRAME_BYTES));
    Accepted accepted = accepted();
    accepted.told(1, PATIENCE);

    client.sendFragmented("x".repeat(MAX_FRAME_BYTES) + "y", MAX_FRAME_BYTES);

    assertThat(client.read(PATIENCE))
        .isEqualTo(new Received.Closed(1009, CloseReason.TOO_LARGE.text()));
    assertThat(accepted.told(2, SOON)).element(1).isInstanceOf(Told.Closed.class);
  }

  @Test
  @Rule("JSR356-10")
  void connection_has_no_buffer_of_the_size_a_message_may_have() {
    int connections = 100;
    serve();
    connect();
    accepted();
    long before = restingHeap();

    for (int i = 0; i < connections; i++) {
      connect();
      accepted();
    }

    long each = (restingHeap() - before) / connections;
    assertThat(each).isLessThan(MAX_FRAME_BYTES / 4);
    assertThat(watch.calls("setMaxTextMessageBufferSize")).isEmpty();
    assertThat(watch.calls("setMaxBinaryMessageBufferSize")).isEmpty();
  }

  /** Bytes in use once they no longer change: the server of the test before may still be letting go of its own. */
  private static long restingHeap() {
    AtomicLong last = new AtomicLong(usedHeap());
    Awaitility.await("the heap has come to rest").atMost(PATIENCE).until(() -> {
      long now = usedHeap();
      return Math.abs(now - last.getAndSet(now)) < MAX_FRAME_BYTES;
    });
    return last.get();
  }

  private static long usedHeap() {
    Runtime runtime = Runtime.getRuntime();
    System.gc();
    System.gc();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  // 11

  @Test
  @Rule("JSR356-11")
  void page_of_another_origin_never_reaches_the_chat() {
    serve();
    RawWebSocket client = connect("/chat", List.of(), Map.of("Origin", "https://evil.example"));

    assertThat(client.read(SOON)).isEqualTo(new Received.Closed(1008, "origin not allowed"));
    assertThat(recorder.connections()).isZero();
  }

  // 12

  @Test
  @Rule("JSR356-12")
  void handshake_is_that_of_its_own_connection() {
    serve(EndpointOptions.builder().keepHeaders("x-number").build());

    for (int i = 0; i < 3; i++) {
      connect("/chat?n=" + i, List.of("chat.v1"), Map.of("X-Number", "" + i));
      Accepted accepted = accepted();
      assertThat(accepted.handshake().parameter("n")).contains("" + i);
      assertThat(accepted.handshake().header("x-number")).contains("" + i);
      assertThat(accepted.handshake().subprotocol()).contains("chat.v1");
      note(
          "the client's address",
          accepted.handshake().remoteAddress().isPresent() ? "known" : "not known");
    }
  }

  @Test
  @Rule("JSR356-12")
  void login_and_session_of_the_container_are_known_at_the_handshake() {
    boolean servlets = container().hasServlets();
    note("a login of the container", servlets ? "known at the handshake" : "has none by itself");
    assumeTrue(servlets, "no servlets, so no login");
    serve(EndpointOptions.builder()
        .attributes(request -> Map.of("language", language(request)))
        .build());

    connect("/chat", List.of(), Map.of("X-User", "ann", "Origin", origin()));
    Accepted ann = accepted();
    connect("/chat", List.of(), Map.of());
    Accepted nobody = accepted();
    assertThat(ann.handshake().principal()).contains("ann");
    assertThat(ann.handshake().attributes()).isEqualTo(Map.of("language", "de"));
    assertThat(nobody.handshake().principal()).isEmpty();
    assertThat(nobody.handshake().attributes()).isEqualTo(Map.of("language", "none"));
  }

  private static Object language(HandshakeRequest request) {
    return request.getHttpSession() instanceof HttpSession session
        ? Optional.ofNullable(session.getAttribute("language")).orElse("none")
        : "none";
  }

  private String origin() {
    return "http://" + server().uri("").getAuthority();
  }

  // 13

  @Test
  @Rule("JSR356-13")
  @SuppressWarnings("NullAway") // As an application's own code may.
  void missing_container_is_said_in_so_many_words() {
    assertThatThrownBy(() -> ChatEndpoint.install(null, "/chat", recorder))
        .hasMessageContaining("no ServerContainer");
  }

  @Test
  @Rule("JSR356-13")
  void refusal_of_the_container_is_not_hidden() {
    ServerContainer refusing = (ServerContainer) Proxy.newProxyInstance(
        ConformanceContract.class.getClassLoader(),
        new Class<?>[] {ServerContainer.class},
        (self, method, arguments) -> {
          if (method.getName().equals("addEndpoint")) {
            throw new DeploymentException("planted: too late");
          }
          return method.getReturnType() == long.class ? 0L : null;
        });

    assertThatThrownBy(() -> ChatEndpoint.install(around(refusing), "/chat", recorder))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("/chat");
  }

  // 14

  @Test
  @Rule("JSR356-14")
  void thread_of_the_container_is_never_kept() {
    CountDownLatch blocked = new CountDownLatch(1);
    Chat served = serveChat(Chat.builder().authenticator(credentials -> {
      String name = ((Credentials.Password) credentials).name();
      if (name.startsWith("slow")) {
        await(blocked);
      }
      return Identity.of(name, name);
    }));
    Guest neighbour = member("tom");
    try {
      for (int i = 0; i < 16; i++) {
        stranger().say("{\"op\":\"auth\",\"args\":[\"slow" + i + "\",\"secret\"]}");
      }

      publish(served, "quick");
      neighbour.data("quick", 1, SOON);
      neighbour.say("{\"op\":\"sendtoroom\",\"args\":[\"" + ROOM + "\",\"mine\"]}");
      neighbour.await("\"op\":\"sendtoroom\",\"success\":true", SOON);
    } finally {
      blocked.countDown();
    }
    Awaitility.await().atMost(PATIENCE).until(() -> watch.inbound() == 0);
    assertThat(watch.longestInbound()).isLessThan(BLOCKED);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  // 15

  @Test
  @Rule("JSR356-15")
  void client_that_floods_is_ended_and_its_neighbour_is_served() {
    CountDownLatch blocked = new CountDownLatch(1);
    serveChat(everybody().limits(Limits.builder().waitingCommands(16).build()).on("wait", call -> {
      await(blocked);
      return Json.string("done");
    }));
    Guest neighbour = member("tom");
    Guest flooding = member("ann");
    try {
      try {
        for (int i = 0; i < 2_000; i++) {
          flooding.say("{\"op\":\"wait\"}");
        }
      } catch (UncheckedIOException gone) {
        assertThat(gone).hasCauseInstanceOf(IOException.class);
      }

      neighbour.say("{\"op\":\"sendtoroom\",\"args\":[\"" + ROOM + "\",\"mine\"]}");
      neighbour.await("\"op\":\"sendtoroom\",\"success\":true", SOON);
      ChatEndpoint endpoint = server().endpoint("/chat");
      Awaitility.await().atMost(PATIENCE).until(() -> endpoint.openConnections() == 1);
    } finally {
      blocked.countDown();
    }
  }

  // 16

  @Test
  @Rule("JSR356-16")
  void compression_is_not_agreed_to() {
    serve();

    RawWebSocket client =
        connect("/chat", List.of(), Map.of("Sec-WebSocket-Extensions", "permessage-deflate"));

    assertThat(client.responseHeader("sec-websocket-extensions")).isEmpty();
  }

  // 17

  @Test
  @Rule("JSR356-17")
  void close_says_its_code_and_up_to_123_bytes_of_text() {
    serve();
    for (String text : List.of("", "x".repeat(123), "ü".repeat(61) + "x", "x" + "😀".repeat(40))) {
      RawWebSocket client = connect();
      accepted().connection().close(CloseReason.of(4403, text));
      assertThat(client.read(PATIENCE))
          .isEqualTo(new Received.Closed(4403, CloseReason.of(4403, text).text()));
    }
    for (int code : new int[] {1000, 1001, 1003, 1008, 1009, 1011, 1013, 3000, 4999}) {
      RawWebSocket client = connect();
      accepted().connection().close(CloseReason.of(code, "why"));
      assertThat(client.read(PATIENCE)).isEqualTo(new Received.Closed(code, "why"));
    }
    for (int code : new int[] {1005, 1006, 1015}) {
      assertThatThrownBy(() -> CloseReason.of(code, ""))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  // 18

  @Test
  @Rule("JSR356-18")
  void container_is_never_asked_who_is_connected() {
    Chat served = serveChat(everybody());
    List<Guest> guests = List.of(member("ann"), member("tom"));
    publish(served, "for all");
    guests.forEach(guest -> guest.data("for all", 1, PATIENCE));
    guests.get(0).socket().close(1000, "bye");
    Awaitility.await().atMost(SOON).until(() -> server().endpoint("/chat").openConnections() == 1);

    assertThat(watch.calls("getOpenSessions")).isEmpty();
    assertThat(watch.calls("sendText")).isNotEmpty();
  }

  // 19

  @Test
  @Rule("JSR356-19")
  void container_that_throws_anywhere_ends_that_connection_only() {
    ChatEndpoint endpoint = serve();
    RawWebSocket neighbour = connect();
    Accepted neighbourAccepted = accepted();
    for (Throwable thrown : List.of(
        new IllegalStateException("planted"),
        new IOException("planted"),
        new NoClassDefFoundError("planted"))) {
      for (String method : List.of("sendText", "sendPing", "close", "setMaxIdleTimeout")) {
        if (thrown instanceof IOException && !Set.of("sendPing", "close").contains(method)) {
          continue;
        }
        RawWebSocket client = connect();
        Accepted accepted = accepted();
        watch.fail(method, thrown);
        if (method.equals("sendPing")) {
          accepted.connection().ping();
        } else if (method.equals("sendText")) {
          assertThat(accepted.write("lost", "lost as well").failure(SOON)).isPresent();
        } else {
          accepted.connection().close(CloseReason.KICKED);
        }
        assertThat(accepted.told(1, SOON))
            .as("%s that throws %s", method, thrown)
            .singleElement()
            .isInstanceOf(Told.Closed.class);
        watch.failNothing();
        client.close();
      }
    }
    neighbourAccepted.write("unharmed");
    assertThat(neighbour.read(SOON)).isEqualTo(new Received.Text("unharmed"));
    Awaitility.await().atMost(SOON).until(() -> endpoint.openConnections() == 1);
  }

  @Test
  @Rule("JSR356-19")
  void connection_that_breaks_is_told_once_as_1006() {
    serve();
    RawWebSocket client = connect();
    Accepted accepted = accepted();

    client.reset();

    assertThat(accepted.told(1, SOON))
        .singleElement()
        .satisfies(told -> assertThat(((Told.Closed) told).code()).isEqualTo(1006));
  }

  // 20

  @Test
  @Rule("JSR356-20")
  void container_that_stops_leaves_no_connection_untold_and_no_thread_of_ours() {
    assumeTrue(container().stops(), "the tests run inside of it");
    ChatEndpoint endpoint = serve();
    List<Accepted> accepted = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      connect();
      accepted.add(accepted());
    }
    accepted.get(0).connection().ping();

    server().stopContainer();
    boolean byItself = accepted.get(7).awaitTold(1, Duration.ofSeconds(2));
    note("a container that stops", byItself ? "tells each connection" : "tells none by itself");
    endpoint.close();

    accepted.forEach(
        each -> assertThat(each.told(1, SOON).stream().filter(Told.Closed.class::isInstance))
            .hasSize(1));
    assertThat(endpoint.openConnections()).isZero();
    expectNoThreads();
  }

  // 21

  @Test
  @Rule("JSR356-21")
  void no_lock_of_ours_is_held_while_the_container_is_called() {
    Chat served = serveChat(everybody());
    Guest guest = member("ann");
    Guest other = plainMember("tom");
    for (String text : numbered("text ", 40)) {
      guest.say("{\"op\":\"sendtoroom\",\"args\":[\"" + ROOM + "\",\"" + text + "\"]}");
      other.data("text ", 1, PATIENCE);
    }
    served.close();
    guest.end(PATIENCE);

    assertThat(watch.looksForLocks()).isGreaterThan(40);
    assertThat(watch.locks()).isEmpty();
  }

  // 22

  @Test
  @Rule("JSR356-22")
  void heartbeats_do_not_come_as_one_wave() throws Exception {
    int clients = 16;
    serveChat(
        everybody().limits(Limits.builder().heartbeat(Duration.ofSeconds(1)).build()));
    List<Guest> guests = Stream.generate(this::stranger).limit(clients).toList();
    ExecutorService ears = Executors.newFixedThreadPool(clients);
    try {
      List<Future<Long>> heard = guests.stream()
          .map(guest -> ears.submit(() -> {
            guest.await("\"event\":\"ping\"", PATIENCE);
            return System.nanoTime();
          }))
          .toList();
      List<Long> times = new ArrayList<>();
      for (Future<Long> time : heard) {
        times.add(time.get(20, TimeUnit.SECONDS));
      }
      times.sort(Long::compare);
      assertThat(Duration.ofNanos(times.get(clients - 1) - times.get(0)))
          .isGreaterThan(Duration.ofMillis(250));
    } finally {
      ears.shutdownNow();
    }
  }

  // 23

  @Test
  @Rule("JSR356-23")
  void every_rule_has_a_test_here() {
    Set<String> tested = new TreeSet<>();
    for (Method method : ConformanceContract.class.getDeclaredMethods()) {
      Optional.ofNullable(method.getAnnotation(Rule.class)).map(Rule::value).ifPresent(tested::add);
    }

    assertThat(tested).isEqualTo(new TreeSet<>(RULES));
    assertThat(Arrays.stream(getClass().getDeclaredMethods()))
        .as("a container may not leave a rule out")
        .noneMatch(method -> method.isAnnotationPresent(Test.class));
  }
}
