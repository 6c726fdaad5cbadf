package dev.confab.chat.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.confab.chat.Chat;
import dev.confab.chat.SessionInfo;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.PlainData;
import dev.confab.chat.spi.Guests;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every frame of the protocols as it was recorded, against a real server. {@code ←} is told exactly so, {@code ⇐} with more
 * fields behind, for which old clients do not look.
 */
final class FixturesTest extends StagedTest {
  @BeforeAll
  static void open() {
    stage = Stage.open(builder -> builder.plainData(PlainData.UID_AND_MESSAGE));
  }

  @Test
  void connmix_chat_room() {
    script.play("""
        tom connects /chat
        tom → {"op":"ping"}
        tom ← {"op":"pong"}
        tom → {"op":"subscribe","args":["room_101"]}
        tom ⇐ {"op":"subscribe","error":"No access"}
        tom → {"op":"sendtoroom","args":["room_101","x"]}
        tom ⇐ {"op":"sendtoroom","error":"No access"}
        tom → {"op":"auth","args":["user1","wrong"]}
        tom ⇐ {"op":"auth","error":"Invalid name or password"}
        tom → {"op":"auth","args":["user1","123456"]}
        tom ⇐ {"op":"auth","success":true}
        tom → {"op":"subscribe","args":["room_101"]}
        tom ⇐ {"op":"subscribe","success":true}
        tom → {"op":"subscribe","args":["user_1"]}
        tom ⇐ {"op":"subscribe","success":true}
        tom → {"op":"subscribe","args":["broadcast"]}
        tom ⇐ {"op":"subscribe","success":true}
        tom → {"op":"sendtoroom","args":["room_101","hello,world!"]}
        tom ⇐ {"event":"subscribe","channel":"room_101","data":"uid:1,message:hello,world!"}
        tom ⇐ {"op":"sendtoroom","success":true}
        tom → {"op":"sendtouser","args":["user_1","hello,world!"]}
        tom ⇐ {"event":"subscribe","channel":"user_1","data":"uid:1,message:hello,world!"}
        tom ⇐ {"op":"sendtouser","success":true}
        tom → {"op":"sendbroadcast","args":["hello,world!"]}
        tom ⇐ {"event":"subscribe","channel":"broadcast","data":"uid:1,message:hello,world!"}
        tom ⇐ {"op":"sendbroadcast","success":true}
        tom → {"op":"unsubscribe","args":["room_101"]}
        tom ← {"op":"unsubscribe","success":true}
        tom → {}
        tom ⇐ {"error":"Json format error"}
        """);
  }

  @Test
  void connmix_chat_room_to_another_user() {
    // The article lets anybody follow user_10001; here its owner does.
    script.play("""
        ann connects /chat
        ann → {"op":"auth","args":["ann","123456"]}
        ann ⇐ {"op":"auth","success":true}
        ann → {"op":"subscribe","args":["user_10001"]}
        ann ⇐ {"op":"subscribe","success":true}
        tom connects /chat
        tom → {"op":"auth","args":["user1","123456"]}
        tom ⇐ {"op":"auth","success":true}
        tom → {"op":"sendtouser","args":["user_10001","hello,world!"]}
        tom ⇐ {"op":"sendtouser","success":true}
        ann ⇐ {"event":"subscribe","channel":"user_10001","data":"uid:1,message:hello,world!"}
        """);
  }

  @Test
  void message_centre() {
    script.play("""
        ann connects /message-center
        ann → {"op":"subscribe","channel":"@user"}
        ann ⇐ {"code":1,"msg":"Not Auth"}
        ann → {"op":"auth","token":"token-ann"}
        ann ← {"result":true}
        ann → {"op":"subscribe","channel":"@user"}
        ann ← {"result":true}
        host → user_10001 "{\\"event\\":\\"@user\\",\\"data\\":{\\"uid\\":1001,\\"msg\\":\\"Hello,World!\\"}}"
        ann ← {"event":"@user","data":{"uid":1001,"msg":"Hello,World!"}}
        host → user_10001 {"uid":1001,"msg":"Hello,World!"}
        ann ← {"event":"@user","data":{"uid":1001,"msg":"Hello,World!"}}
        host → user_10001 {"event":"@user","data":{"uid":1001,"msg":"Hello,World!"}}
        ann ← {"event":"@user","data":{"uid":1001,"msg":"Hello,World!"}}
        ann → {"op":"unsubscribe","channel":"@user"}
        ann ← {"result":true}
        """);
  }

  @Test
  void message_centre_asks_the_application_whose_token_it_is() throws IOException {
    List<String> asked = new CopyOnWriteArrayList<>();
    HttpServer application =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    application.createContext("/websocket_auth", exchange -> {
      asked.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      WebApplication.answer(exchange, "{\"uid\":1001}");
    });
    application.start();
    URI callback =
        URI.create("http://127.0.0.1:" + application.getAddress().getPort() + "/websocket_auth");
    try (Stage other = Stage.open(builder -> builder.authenticator(Guests.beside(
        HttpTokenAuthenticator.at(callback).timeout(Duration.ofSeconds(30)).build())))) {
      try (Script page = new Script(other)) {
        page.play("""
            ann connects /message-center
            ann → {"op":"auth","token":"***"}
            ann ← {"result":true}
            ann → {"op":"subscribe","channel":"@user"}
            ann ← {"result":true}
            host → user_1001 {"uid":1001,"msg":"Hello,World!"}
            ann ← {"event":"@user","data":{"uid":1001,"msg":"Hello,World!"}}
            """);
      }
    } finally {
      application.stop(0);
    }
    assertThat(asked).containsExactly("{\"token\":\"***\"}");
  }

  @Test
  void barrage() {
    script.play("""
        tom connects /barrage
        tom → {"op":"subscribe","channel":"100001@video"}
        tom ← {"result":true}
        host → video_100001 {"uid":1001,"video_id":100001,"msg":"Hello,World!"}
        tom ← {"event":"@video","data":{"uid":1001,"video_id":100001,"msg":"Hello,World!"}}
        ann connects /chat chat.v1
        ann ⇐ {"event":"welcome"}
        ann → {"op":"auth","token":"token-ann"}
        ann ⇐ {"op":"auth","success":true}
        ann → {"op":"publish","args":["video_100001","Hello,World!"]}
        ann ⇐ {"op":"publish","success":true}
        tom ← {"event":"@video","data":{"uid":10001,"video_id":100001,"msg":"Hello,World!"}}
        tom → {"op":"unsubscribe","channel":"100001@video"}
        tom ← {"result":true}
        """);
  }

  @Test
  void exchange() {
    script.play("""
        tom connects /barrage
        tom → {"op":"subscribe","channel":"BTCUSDT@depth"}
        tom ← {"result":true}
        host → ex_BTCUSDT@depth {"bids":[],"asks":[]}
        tom ← {"event":"BTCUSDT@depth","data":{"bids":[],"asks":[]}}
        tom → {"op":"subscribe","channel":"@balance"}
        tom ⇐ {"code":1,"msg":"Not Auth"}
        tom → {"op":"auth","token":"token-ann"}
        tom ← {"result":true}
        tom → {"op":"subscribe","channel":"@balance"}
        tom ← {"result":true}
        host → ex_10001@balance {"uid":10001,"balance":[{"currency":"BTC","available":100,"unavailable":100}]}
        tom ← {"event":"@balance","data":{"uid":10001,"balance":[{"currency":"BTC","available":100,"unavailable":100}]}}
        host → ex_BTCUSDT@depth {"bids":[],"asks":[1]}
        tom ← {"event":"BTCUSDT@depth","data":{"bids":[],"asks":[1]}}
        """);
  }

  @Test
  void quick_start() {
    script.play("""
        tom connects /quick
        tom → {"op":"join","room_id":1002}
        tom ← {"status":"success"}
        host → room_1002 {"type":"broadcast","msg":"Hello,World!"}
        tom ← {"type":"broadcast","msg":"Hello,World!"}
        ann connects /quick
        ann → {"op":"join","room_id":1002}
        ann ← {"status":"success"}
        tom → {"op":"send","msg":"Hello,World!"}
        ann ← {"client_id":"<tom>","msg":"Hello,World!"}
        """);
    assertThat(script.hole("tom")).matches("[\\w-]{16}");
    assertThat(List.of(script.next("tom"), script.next("tom")))
        .containsExactly(
            "{\"status\":\"success\"}",
            "{\"client_id\":\"" + script.hole("tom") + "\",\"msg\":\"Hello,World!\"}");
    script.play("""
        tom → {"op":"quit"}
        tom ← {"status":"success"}
        """);
  }

  @Test
  void gateway_worker_push() throws Exception {
    try (WebApplication application = new WebApplication(stage.chat())) {
      script.play("""
          page connects /push
          page ← {"type":"init","client_id":"<client>"}
          """);
      assertThat(application.post("bind", "client_id=" + script.hole("client") + "&room=12"))
          .isEqualTo("{\"code\":\"u-1\",\"status\":true,\"message\":\"Group Success\"}");
      assertThat(application.post("send", "room=12&message=hello")).isEmpty();
      script.play("""
          page ← {"message":"nick : hello","user":"u-1"}
          page → {"type":"pong"}
          """);
      // Who is not there any more is told so, and joins nothing.
      assertThat(application.post("bind", "client_id=7f00000108fc00000008&room=12"))
          .isEqualTo("{\"code\":\"u-1\",\"status\":false,\"message\":\"Not connected\"}");
    }
    // The same made by the host in other ways, and what users say there.
    script.play("""
        host → room_12 "{\\"message\\":\\"nick : hello\\",\\"user\\":\\"u-1\\"}"
        page ← {"message":"nick : hello","user":"u-1"}
        nick connects /chat chat.v1
        nick ⇐ {"event":"welcome"}
        nick → {"op":"auth","token":"token-ann"}
        nick ⇐ {"op":"auth","success":true}
        nick → {"op":"publish","args":["room_12","hello"]}
        page ⇐ {"message":"ann : hello","user":"10001"}
        """);
  }

  /** What the two calls of the page's own web application do with the chat. */
  private record WebApplication(HttpServer server) implements AutoCloseable {
    WebApplication(Chat chat) throws IOException {
      this(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
      server.createContext("/bind", exchange -> {
        Map<String, String> form = form(exchange);
        ConnectionId client = new ConnectionId(form.get("client_id"));
        boolean bound = chat.connections().login(client, Identity.of("u-1", "nick"))
            && chat.connections().subscribe(client, ChannelName.of("room_" + form.get("room")));
        answer(
            exchange,
            "{\"code\":\"u-1\",\"status\":" + bound + ",\"message\":\""
                + (bound ? "Group Success" : "Not connected") + "\"}");
      });
      server.createContext("/send", exchange -> {
        Map<String, String> form = form(exchange);
        chat.publish(
            ChannelName.of("room_" + form.get("room")),
            Json.object(Map.of(
                "message", Json.string("nick : " + form.get("message")),
                "user", Json.string("u-1"))));
        answer(exchange, "");
      });
      server.start();
    }

    private static Map<String, String> form(HttpExchange exchange) throws IOException {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      return Stream.of(body.split("&"))
          .map(pair -> pair.split("=", 2))
          .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    private static void answer(HttpExchange exchange, String body) throws IOException {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      try (exchange) {
        exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
      }
    }

    String post(String call, String form) throws IOException, InterruptedException {
      return HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + call))
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(HttpRequest.BodyPublishers.ofString(form))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  @Test
  void gateway_worker_push_asks_whether_the_page_is_there() {
    script.play("""
        page connects /push
        page ⇐ {"type":"init"}
        page ← {"type":"ping"}
        page → {"type":"pong"}
        page → {"type":"ping"}
        page ← {"type":"pong"}
        """);
  }

  @Test
  void workerman_chat() {
    script.play("""
        tom connects /workerman
        tom → {"type":"pong"}
        tom → {"type":"login","client_name":"Tom","room_id":1}
        tom ⇐ {"type":"login","client_id":"<tom>","client_name":"Tom","time":"<*>"}
        ann connects /workerman
        ann → {"type":"login","client_name":"Ann","room_id":1}
        ann ← {"type":"login","client_id":"<ann>","client_name":"Ann","time":"<*>","client_list":{"<tom>":"Tom","<ann>":"Ann"}}
        tom ← {"type":"login","client_id":"<ann>","client_name":"Ann","time":"<*>"}
        tom → {"type":"say","to_client_id":"all","to_client_name":"所有人","content":"hi"}
        tom ← {"type":"say","from_client_id":"<tom>","from_client_name":"Tom","to_client_id":"all","content":"hi","time":"<*>"}
        ann ← {"type":"say","from_client_id":"<tom>","from_client_name":"Tom","to_client_id":"all","content":"hi","time":"<*>"}
        tom → {"type":"say","to_client_id":"<ann>","to_client_name":"Ann","content":"psst"}
        ann ← {"type":"say","from_client_id":"<tom>","from_client_name":"Tom","to_client_id":"<ann>","content":"<b>对你说: </b>psst","time":"<time>"}
        tom ← {"type":"say","from_client_id":"<tom>","from_client_name":"Tom","to_client_id":"<ann>","content":"<b>你对Ann说: </b>psst","time":"<time>"}
        tom closes
        ann ← {"type":"logout","from_client_id":"<tom>","from_client_name":"Tom","time":"<*>"}
        """);
    assertThat(script.hole("time")).matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d");
  }

  @Test
  void workerman_chat_asks_whether_the_page_is_there() {
    script.play("""
        tom connects /workerman
        tom → {"type":"login","client_name":"Tom","room_id":2}
        tom ⇐ {"type":"login"}
        tom ← {"type":"ping"}
        tom → {"type":"pong"}
        """);
  }

  @Test
  void uid_forwarding() {
    script.play("""
        bob connects /forward?token=token-user2
        tom connects /forward?token=token-user1
        """);
    stage.awaitFollowers("user_2", 1);
    script.play("""
        tom → {"uid":"2","text":"hello"}
        bob ⇐ {"uid":"2","text":"hello","from":{"id":"1","name":"user1"}}
        """);
  }

  @Test
  void swoole_chat() {
    script.play("""
        ann connects /swoole?token=token-ann&room_id=81
        """);
    stage.awaitFollowers("room_81", 1);
    script.play("""
        tom connects /swoole
        tom → {"token":"token-user1","name":"somebody else","room_id":81,"type":"text","content":"hi"}
        tom ⇐ {"name":"user1","room_id":81,"type":"text","content":"hi","user_id":1}
        ann ⇐ {"name":"user1","room_id":81,"type":"text","content":"hi","user_id":1}
        eve connects /swoole
        eve → {"token":"wrong","name":"eve","room_id":81,"type":"text","content":"hi"}
        eve ⇐ {"type":"error","code":"token_invalid"}
        """);
  }

  @Test
  void laravel_swoole_events() {
    script.play("""
        tom connects /events?token=token-user1
        tom → {"event":"hello","data":{"any":1}}
        tom ← {"event":"hello","data":"hello user1"}
        tom → {"event":"quiet","data":null}
        tom → {"event":"nothing","data":null}
        tom ⇐ {"event":"error","data":{"event":"nothing","code":"unknown_op"}}
        tom → {"event":7}
        tom ⇐ {"event":"error","data":{"code":"bad_args"}}
        """);
    ConnectionId tom = stage.chat().users().sessions(UserId.of("1")).stream()
        .filter(session -> session.identity().isPresent())
        .map(SessionInfo::connection)
        .reduce((first, last) -> last)
        .orElseThrow();
    assertThat(stage.chat().connections().subscribe(tom, ChannelName.of("room_82")))
        .isTrue();
    script.play("""
        host → room_82 {"text":"hi"}
        tom ← {"event":"message","data":{"text":"hi"}}
        host → room_82 "hi"
        tom ← {"event":"message","data":"hi"}
        host → room_82 {"event":"login","data":"first"}
        tom ← {"event":"login","data":"first"}
        ann connects /chat chat.v1
        ann ⇐ {"event":"welcome"}
        ann → {"op":"auth","token":"token-ann"}
        ann ⇐ {"op":"auth","success":true}
        ann → {"op":"publish","args":["room_82","hi"]}
        tom ⇐ {"event":"message","data":"hi","from":{"id":"10001","name":"ann"},"channel":"room_82"}
        """);
  }

  @Test
  void webman_push_public_channel() {
    script.fill("app", Stage.PUSHER.path());
    script.play("""
        tom connects <app>?protocol=7
        tom ← {"event":"pusher:connection_established","data":"<greeting>"}
        tom → {"event":"pusher:ping"}
        tom ← {"event":"pusher:pong","data":"{}"}
        tom → {"event":"pusher:subscribe","data":{"channel":"user-1"}}
        tom ← {"event":"pusher_internal:subscription_succeeded","data":"{}","channel":"user-1"}
        host → user-1 {"text":"hi"}
        tom ← {"event":"message","data":"{\\"text\\":\\"hi\\"}","channel":"user-1"}
        host → user-1 {"event":"moved","data":{"to":[1,2]}}
        tom ← {"event":"moved","data":"{\\"to\\":[1,2]}","channel":"user-1"}
        tom → {"event":"pusher:unsubscribe","data":{"channel":"user-1"}}
        tom → {"event":"pusher:subscribe","data":{"channel":"user-2"}}
        tom ← {"event":"pusher_internal:subscription_succeeded","data":"{}","channel":"user-2"}
        host → user-1 {"text":"not here any more"}
        host → user-2 {"text":"here"}
        tom ← {"event":"message","data":"{\\"text\\":\\"here\\"}","channel":"user-2"}
        """);
    assertThat(script.hole("greeting"))
        .matches("\\{\"socket_id\":\"\\d+\\.\\d+\",\"activity_timeout\":55}");
  }

  @Test
  void webman_push_private_channel_and_client_events() {
    PusherTest.connect(script, "tom", "ann");
    PusherTest.subscribe(script, "tom", "private-x");
    PusherTest.subscribe(script, "ann", "private-x");
    script.play("""
        tom ← {"event":"pusher_internal:subscription_succeeded","data":"{}","channel":"private-x"}
        ann ← {"event":"pusher_internal:subscription_succeeded","data":"{}","channel":"private-x"}
        tom → {"event":"client-typing","data":{"a":1},"channel":"private-x"}
        ann ← {"event":"client-typing","data":"{\\"a\\":1}","channel":"private-x"}
        host → private-x {"text":"hi"}
        tom ← {"event":"message","data":"{\\"text\\":\\"hi\\"}","channel":"private-x"}
        ann ← {"event":"message","data":"{\\"text\\":\\"hi\\"}","channel":"private-x"}
        """);
  }

  @Test
  void webman_push_presence_channel() {
    PusherTest.connect(script, "tom", "ann");
    PusherTest.subscribe(script, "tom", "presence-x", "{\"user_id\":100,\"user_info\":{}}");
    script.play("""
        tom ← {"event":"pusher_internal:subscription_succeeded","data":"{\\"presence\\":{\\"count\\":1,\\"ids\\":[\\"100\\"],\\"hash\\":{\\"100\\":{}}}}","channel":"presence-x"}
        """);
    PusherTest.subscribe(script, "ann", "presence-x", "{\"user_id\":101,\"user_info\":{}}");
    script.play("""
        ann ← {"event":"pusher_internal:subscription_succeeded","data":"{\\"presence\\":{\\"count\\":2,\\"ids\\":[\\"100\\",\\"101\\"],\\"hash\\":{\\"100\\":{},\\"101\\":{}}}}","channel":"presence-x"}
        tom ← {"event":"pusher_internal:member_added","data":"{\\"user_id\\":101,\\"user_info\\":{}}","channel":"presence-x"}
        ann → {"event":"pusher:unsubscribe","data":{"channel":"presence-x"}}
        tom ← {"event":"pusher_internal:member_removed","data":"{\\"user_id\\":\\"101\\"}","channel":"presence-x"}
        """);
  }

  @Test
  void webman_push_errors() {
    PusherTest.connect(script, "tom");
    script.play("""
        tom → {"event":"pusher:subscribe","data":{"channel":"private-x","auth":"4a7d1ed4:00"}}
        tom ← {"event":"pusher:error","data":{"code":null,"message":"<*>"}}
        tom → {"event":"pusher:subscribe","data":{"channel":"@user"}}
        tom ← {"event":"pusher:error","data":{"code":null,"message":"Invalid channel name"}}
        tom → {"event":"pusher:subscribe","data":{"channel":"two words"}}
        tom ← {"event":"pusher:error","data":{"code":null,"message":"<*>"}}
        tom → {"event":"pusher:nonsense"}
        tom ← {"event":"pusher:error","data":{"code":null,"message":"Unknown op"}}
        tom → nonsense
        tom ← {"event":"pusher:error","data":{"code":null,"message":"Json format error"}}
        """);
  }

  @Test
  void webman_push_asks_whether_the_page_is_there() {
    script.play("""
        tom connects /app/soon?protocol=7
        tom ⇐ {"event":"pusher:connection_established"}
        tom ← {"event":"pusher:ping","data":"{}"}
        tom → {"event":"pusher:pong","data":{}}
        tom → {"event":"pusher:subscribe","data":{"channel":"user-1"}}
        tom ⇐ {"event":"pusher_internal:subscription_succeeded"}
        """);
  }
}
