package dev.confab.chat.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.PlainData;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every frame of the protocols as it was recorded, against a real server. {@code ←} is told exactly so, {@code ⇐} with more
 * fields behind, for which old clients do not look.
 */
final class FixturesTest {
  private static Stage stage;

  private final Script script = new Script(stage);

  @BeforeAll
  static void open() {
    stage = Stage.open(builder -> builder.plainData(PlainData.UID_AND_MESSAGE));
  }

  @AfterAll
  static void close() {
    stage.close();
  }

  @AfterEach
  void leave() {
    script.close();
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
  void gateway_worker_push() {
    script.play("""
        page connects /push
        page ← {"type":"init","client_id":"<client>"}
        """);
    // POST bind: the web application takes the id, and joins the room.
    ConnectionId client = new ConnectionId(script.hole("client"));
    assertThat(stage.chat().connections().login(client, Identity.of("u-1", "nick")))
        .isTrue();
    assertThat(stage.chat().connections().subscribe(client, ChannelName.of("room_12")))
        .isTrue();
    // POST send: it pushes what it made itself, as it is.
    script.play("""
        host → room_12 {"message":"nick : hello","user":"u-1"}
        page ← {"message":"nick : hello","user":"u-1"}
        host → room_12 "{\\"message\\":\\"nick : hello\\",\\"user\\":\\"u-1\\"}"
        page ← {"message":"nick : hello","user":"u-1"}
        page → {"type":"pong"}
        nick connects /chat chat.v1
        nick ⇐ {"event":"welcome"}
        nick → {"op":"auth","token":"token-ann"}
        nick ⇐ {"op":"auth","success":true}
        nick → {"op":"publish","args":["room_12","hello"]}
        page ⇐ {"message":"ann : hello","user":"10001"}
        """);
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
}
