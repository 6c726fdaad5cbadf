package dev.confab.chat.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.confab.chat.Channels;
import dev.confab.chat.Chat;
import dev.confab.chat.ChatBuilder;
import dev.confab.chat.Connections;
import dev.confab.chat.Users;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.model.UserId;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.testkit.LoopbackTransport;
import dev.confab.chat.testkit.Received;
import dev.confab.chat.testkit.TransportClient;
import dev.confab.chat.webhooks.WebhookSecret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The calls of the migration pages do what the pages say, and no method of what they replace is left out. */
final class MigratingTest {
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final ChannelName ROOM = ChannelName.of("room_101");
  private static final Authenticator ANYBODY = credentials -> {
    String name = ((Credentials.Password) credentials).name();
    return Identity.of(name, name);
  };

  private static ChatBuilder builder() {
    return Chat.builder().authenticator(ANYBODY);
  }

  private static TransportClient stranger(LoopbackTransport transport) {
    return transport.connect("/chat", List.of("chat.v1"));
  }

  /** Reads until it hears this; gives all it heard. */
  private static List<String> hears(TransportClient client, Predicate<String> wanted) {
    List<String> heard = new ArrayList<>();
    while (heard.stream().noneMatch(wanted)) {
      heard.addAll(List.of(((Received.Text) client.read(SOON)).text().split("\n")));
    }
    return heard;
  }

  private static ConnectionId idOf(TransportClient client) {
    String welcome = hears(client, text -> text.contains("welcome")).get(0);
    return new ConnectionId(
        Json.parse(welcome).members().orElseThrow().get("connection").asString().orElseThrow());
  }

  @Test
  void gateway_calls_do_what_they_did() {
    try (Chat chat = builder().build();
        LoopbackTransport transport = new LoopbackTransport(chat.acceptor())) {
      TransportClient tom = stranger(transport);
      ConnectionId client = idOf(tom);
      TransportClient ann = stranger(transport);
      ConnectionId other = idOf(ann);
      GatewayCalls.bind(chat, client.value(), "10001", "Tom", "101");
      GatewayCalls.bind(chat, other.value(), "17", "Ann", "101");
      assertThat(GatewayCalls.send(chat, client, UserId.of("10001"), Json.string("hi")))
          .isEqualTo(1);
      assertThat(hears(ann, text -> text.contains("\"channel\":\"user_17\"")))
          .anyMatch(text -> text.startsWith("{\"event\":\"subscribe\",\"channel\":\"room_101\""))
          .anyMatch(text -> text.startsWith("{\"event\":\"signal\",\"channel\":\"broadcast\""));
      assertThat(GatewayCalls.ask(chat, client, UserId.of("10001"), ROOM)).isEqualTo(2);
      assertThat(
              chat.connections().attributes(client).orElseThrow().get("joined").text())
          .isEqualTo("{\"101\":true}");
      assertThat(GatewayCalls.end(chat, other, UserId.of("10001"), ROOM)).isEqualTo(1);
      hears(ann, text -> text.contains("See you tomorrow."));
      hears(tom, text -> text.contains("\"code\":4202"));
    }
  }

  @Test
  void connmix_hooks_and_calls_do_what_they_did() {
    try (Chat chat = ConnmixCalls.chat(token -> Identity.of(token, "Tom"));
        LoopbackTransport transport = new LoopbackTransport(chat.acceptor())) {
      TransportClient tom = stranger(transport);
      ConnectionId client = idOf(tom);
      tom.sendText("{\"op\":\"auth\",\"token\":\"10001\"}");
      tom.sendText("{\"op\":\"join\",\"args\":[101]}");
      hears(tom, text -> text.contains("\"data\":{\"status\":\"success\"}"));
      assertThat(ConnmixCalls.more(chat, ROOM)).containsExactly("Tom");
      assertThat(ConnmixCalls.call(chat, client, ROOM, Json.string("hi"))).isEqualTo(1);
      assertThat(ConnmixCalls.more(chat, ROOM)).isEmpty();
    }
  }

  @Test
  void laravel_calls_do_what_they_did() {
    try (Chat chat = LaravelCalls.routes(builder()).build();
        LoopbackTransport transport = new LoopbackTransport(chat.acceptor())) {
      TransportClient tom = stranger(transport);
      ConnectionId sender = idOf(tom);
      tom.sendText("{\"op\":\"auth\",\"args\":[\"tom\",\"pw\"]}");
      tom.sendText("{\"op\":\"greet\"}");
      hears(tom, text -> text.contains("Hello, tom"));
      TransportClient ann = stranger(transport);
      ConnectionId anns = idOf(ann);
      assertThat(LaravelCalls.users(chat, anns)).isTrue();
      assertThat(chat.connections().login(anns, Identity.of("17", "Ann"))).isTrue();
      assertThat(LaravelCalls.emit(chat, sender, Json.string("hi"))).isEqualTo(1);
      hears(ann, text -> text.contains("\"channel\":\"user_17\""));
      LaravelCalls.timers(chat).shutdownNow();
    }
  }

  @Test
  void webhooks_of_the_page_are_signed_for_their_receiver() throws IOException {
    String secret = WebhookSecret.generate();
    List<Boolean> genuine = new CopyOnWriteArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      var headers = exchange.getRequestHeaders();
      genuine.add(OnlineHooks.genuine(
          secret,
          headers.getFirst("webhook-id"),
          headers.getFirst("webhook-timestamp"),
          headers.getFirst("webhook-signature"),
          new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
      exchange.sendResponseHeaders(204, -1);
      exchange.close();
    });
    server.start();
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    try (OnlineHooks hooks = new OnlineHooks(uri, secret, ANYBODY);
        LoopbackTransport transport = new LoopbackTransport(hooks.chat().acceptor())) {
      TransportClient tom = stranger(transport);
      hooks.chat().connections().login(idOf(tom), Identity.of("tom", "Tom"));
      Awaitility.await().atMost(SOON).until(() -> !genuine.isEmpty());
      assertThat(genuine).doesNotContain(false);
    } finally {
      server.stop(0);
    }
  }

  private static String page(String name) {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(here.resolve("chat-core"))) {
      here = here.getParent();
    }
    try {
      return Files.readString(here.resolve("docs/migrating").resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void every_call_that_the_pages_name_exists() {
    Map<String, Class<?>> owners = Map.of(
        "chat",
        Chat.class,
        "builder",
        ChatBuilder.class,
        "Recipients",
        Recipients.class,
        "connections",
        Connections.class,
        "users",
        Users.class,
        "channels",
        Channels.class);
    Pattern call = Pattern.compile(
        "\\b(?!builder\\()(chat|builder|Recipients|connections|users|channels)(?:\\(\\))?\\s*\\.(\\w+)\\(");
    for (String name : List.of("gatewayworker.md", "connmix.md", "laravel-swoole.md")) {
      Matcher named = call.matcher(page(name));
      int calls = 0;
      for (int at = 0; named.find(at); at = named.start() + 1) {
        calls++;
        String method = named.group(2);
        Class<?> owner = owners.get(named.group(1));
        assertThat(owner.getMethods())
            .as(name + ": " + named.group())
            .anyMatch(each -> each.getName().equals(method));
      }
      assertThat(calls).as(name).isGreaterThan(15);
    }
  }

  @Test
  void no_method_of_gateway_is_left_out() {
    String page = page("gatewayworker.md");
    assertThat(List.of(
            "sendToAll",
            "sendToClient",
            "sendToCurrentClient",
            "sendToUid",
            "sendToGroup",
            "isOnline",
            "isUidOnline",
            "isUidsOnline",
            "bindUid",
            "unbindUid",
            "getClientIdByUid",
            "batchGetClientIdByUid",
            "getUidByClientId",
            "joinGroup",
            "leaveGroup",
            "ungroup",
            "getAllClientIdCount",
            "getAllClientCount",
            "getClientIdCountByGroup",
            "getClientCountByGroup",
            "batchGetClientIdCountByGroup",
            "getAllClientIdList",
            "getClientIdListByGroup",
            "getAllUidList",
            "getAllUidCount",
            "getUidListByGroup",
            "getUidCountByGroup",
            "getAllGroupIdList",
            "getAllGroupUidList",
            "getAllGroupUidCount",
            "getAllGroupClientIdList",
            "getAllGroupClientIdCount",
            "getAllClientSessions",
            "getClientSessionsByGroup",
            "getSession",
            "setSession",
            "updateSession",
            "setSocketSession",
            "closeClient",
            "closeCurrentClient",
            "destoryClient",
            "destoryCurrentClient",
            "getAllClientInfo",
            "getClientInfoByGroup",
            "registerAddress",
            "secretKey",
            "connectTimeout",
            "persistentConnection",
            "addressesCacheDisable"))
        .allSatisfy(method -> assertThat(page).containsPattern("\n\\|[^|]*`" + method + "[`(]"));
  }

  @Test
  void no_call_of_connmix_and_laravel_is_left_out() {
    String connmix = page("connmix.md");
    assertThat(List.of(
            "/v1/mesh/send",
            "/v1/mesh/publish",
            "/metrics",
            "queue.pop",
            "queue.unpop",
            "conn.call",
            "mesh.send",
            "mesh.publish",
            "on_handshake",
            "on_message",
            "on_close",
            "on_connect",
            "protocol_input",
            "client_id",
            "remote_addr",
            "context_value",
            "wait_context_value",
            "set_context",
            "set_context_value",
            "subscribe",
            "unsubscribe",
            "clear_buffer",
            "mix.mesh.send",
            "mix.mesh.publish",
            "mix.queue.push",
            "mix.redis",
            "mix.http.request",
            "readTimeout",
            "writeTimeout",
            "maxTopics",
            "topicSize"))
        .allSatisfy(call -> assertThat(connmix).containsPattern("\n\\|[^|]*" + call));
    String laravel = page("laravel-swoole.md");
    assertThat(List.of(
            "on",
            "eventExists",
            "call",
            "broadcast",
            "to",
            "join",
            "in",
            "leave",
            "emit",
            "close",
            "getSender",
            "setSender",
            "middleware",
            "loginUsing",
            "loginUsingId",
            "logout",
            "toUser",
            "toUserId",
            "getUserId",
            "isUserIdOnline",
            "Room::add",
            "Room::delete",
            "Room::getClients",
            "Room::getRooms",
            "onHandShake",
            "onOpen",
            "onMessage",
            "onClose",
            "push",
            "isEstablished",
            "disconnect",
            "getClientList",
            "Event::fire",
            "Task::deliver",
            "CronJob"))
        .allSatisfy(call -> assertThat(laravel).containsPattern("\n\\|[^|]*`[^`|]*\\b" + call));
  }
}
