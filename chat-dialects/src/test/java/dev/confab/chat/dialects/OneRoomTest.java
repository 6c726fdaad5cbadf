package dev.confab.chat.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.testkit.Received;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Pages of different systems in one room of one chat. */
final class OneRoomTest extends StagedTest {
  @BeforeAll
  static void open() {
    stage = Stage.open();
  }

  @Test
  void every_page_sees_what_any_other_says_in_the_same_order_and_the_log_has_it_as_text() {
    workerman("tom", "Tom", 7);
    script.play("""
        quick connects /quick
        quick → {"op":"join","room_id":7}
        quick ← {"status":"success"}
        tom ⇐ {"type":"login","client_name":"guest"}
        ann connects /chat chat.v1
        ann ⇐ {"event":"welcome"}
        ann → {"op":"auth","token":"token-ann"}
        ann ⇐ {"op":"auth","success":true}
        ann → {"op":"subscribe","args":["room_7",{"presence":true}]}
        ann ⇐ {"op":"subscribe","success":true}
        tom ⇐ {"type":"login","client_id":"10001","client_name":"ann"}
        plain connects /chat
        plain → {"op":"auth","args":["user1","123456"]}
        plain ⇐ {"op":"auth","success":true}
        plain → {"op":"subscribe","args":["room_7"]}
        plain ⇐ {"op":"subscribe","success":true}
        tom ⇐ {"type":"login","client_id":"1"}
        ann ⇐ {"event":"join","user":{"id":"1","name":"user1"}}
        push connects /push
        push ← {"type":"init","client_id":"<push>"}
        """);
    ConnectionId push = new ConnectionId(script.hole("push"));
    stage.chat().connections().login(push, Identity.of("u-7", "Pia"));
    stage.chat().connections().subscribe(push, ChannelName.of("room_7"));
    script.play("""
        tom ⇐ {"type":"login","client_id":"u-7","client_name":"Pia"}
        ann ⇐ {"event":"join","user":{"id":"u-7","name":"Pia"}}
        tom → {"type":"say","to_client_id":"all","content":"<hi>"}
        tom ⇐ {"type":"say","from_client_name":"Tom","content":"&lt;hi&gt;"}
        quick ← {"client_id":"<tom>","msg":"<hi>"}
        ann ⇐ {"event":"subscribe","channel":"room_7","seq":1,"from":{"id":"<tom>","name":"Tom"},"data":"<hi>"}
        plain ⇐ {"event":"subscribe","channel":"room_7","seq":1,"data":"<hi>"}
        push ⇐ {"message":"Tom : &lt;hi&gt;","user":"<tom>","content":"<hi>"}
        ann → {"op":"sendtoroom","args":["room_7","hello"]}
        ann ⇐ {"event":"subscribe","seq":2,"data":"hello"}
        ann ⇐ {"op":"sendtoroom","success":true}
        tom ⇐ {"type":"say","from_client_id":"10001","from_client_name":"ann","to_client_id":"all","content":"hello"}
        quick ← {"client_id":"10001","msg":"hello"}
        plain ⇐ {"event":"subscribe","seq":2,"data":"hello"}
        push ⇐ {"message":"ann : hello","user":"10001"}
        quick → {"op":"send","msg":"quick"}
        tom ⇐ {"type":"say","from_client_name":"guest","content":"quick"}
        ann ⇐ {"event":"subscribe","seq":3,"data":"quick"}
        """);
    List<Entry> log =
        stage.chat().history(ChannelName.of("room_7"), Long.MAX_VALUE, 10).entries();
    assertThat(log)
        .extracting(entry -> entry.data().asString().orElseThrow())
        .containsExactly("<hi>", "hello", "quick");
    assertThat(stage.chat().channels().find(ChannelName.of("room_7")).users()).isEqualTo(5);
    script.play("""
        ann → {"op":"presence","args":["room_7"]}
        ann ⇐ {"op":"presence","data":{"count":5}}
        tom closes
        ann ⇐ {"event":"leave","user":{"id":"<tom>","name":"Tom"}}
        """);
  }

  @Test
  void private_words_cross_from_one_dialect_to_another() {
    workerman("tom", "Tom", 8);
    script.play("""
        ann connects /chat chat.v1
        ann ⇐ {"event":"welcome"}
        ann → {"op":"auth","token":"token-ann"}
        ann ⇐ {"op":"auth","success":true}
        ann → {"op":"subscribe","args":["@user"]}
        ann ⇐ {"op":"subscribe","success":true}
        tom → {"type":"say","to_client_id":"10001","to_client_name":"Ann","content":"psst"}
        ann ⇐ {"event":"subscribe","channel":"user_10001","from":{"id":"<tom>","name":"Tom"},"data":"psst"}
        tom ⇐ {"type":"say","to_client_id":"10001","content":"<b>你对Ann说: </b>psst"}
        ann → {"op":"sendtouser","args":["<tom>","what?"]}
        tom ⇐ {"type":"say","from_client_id":"10001","to_client_id":"<tom>","content":"<b>对你说: </b>what?"}
        """);
  }

  @Test
  void member_with_a_token_is_the_same_user_on_every_page() {
    script.play("""
        one connects /workerman?token=token-ann
        one → {"type":"login","client_name":"whatever","room_id":9}
        one ⇐ {"type":"login","client_id":"10001","client_name":"ann"}
        two connects /swoole?token=token-ann&room_id=9
        """);
    stage.awaitFollowers("room_9", 2);
    assertThat(stage.chat().channels().find(ChannelName.of("room_9")).users()).isEqualTo(1);
    script.play("""
        one → {"type":"login","client_name":"whatever","room_id":9}
        one ⇐ {"type":"login","client_id":"10001","client_name":"ann"}
        one → {"type":"say","to_client_id":"all","content":"hi"}
        two ⇐ {"name":"ann","room_id":9,"type":"text","content":"hi","user_id":10001}
        """);
  }

  @Test
  void host_shows_the_pages_what_it_makes_itself() {
    workerman("tom", "Tom", 10);
    script.play("""
        open connects /push-open
        open ← {"type":"init","client_id":"<open>"}
        """);
    stage
        .chat()
        .connections()
        .subscribe(new ConnectionId(script.hole("open")), ChannelName.of("room_10"));
    script.play("""
        tom ⇐ {"type":"login","client_name":"guest"}
        host → room_10 {"type":"notice","text":"<b>now</b>"}
        open ← {"type":"notice","text":"<b>now</b>"}
        tom ← {"type":"notice","text":"<b>now</b>"}
        host → room_10 "closing <soon>"
        open ← closing <soon>
        tom ⇐ {"type":"say","from_client_id":"","to_client_id":"all","content":"closing &lt;soon&gt;"}
        """);
  }

  @Test
  void a_room_is_closed_with_a_last_word_to_every_page() {
    workerman("tom", "Tom", 11);
    script.play("""
        quick connects /quick
        quick → {"op":"join","room_id":11}
        quick ← {"status":"success"}
        tom ⇐ {"type":"login","client_name":"guest"}
        ann connects /chat
        ann → {"op":"auth","args":["ann","123456"]}
        ann ⇐ {"op":"auth","success":true}
        """);
    stage.awaitFollowers("room_11", 2);
    assertThat(stage
            .chat()
            .disconnect(
                Recipients.channel(ChannelName.of("room_11")),
                CloseReason.KICKED,
                Json.string("closing time")))
        .isEqualTo(2);
    // That the other has gone may be told before.
    String word = script.next("tom");
    while (word.contains("\"logout\"")) {
      word = script.next("tom");
    }
    assertThat(word).contains("\"say\"", "\"content\":\"closing time\"");
    script.play("""
        quick ← closing time
        quick ← closed 4403
        ann → {"op":"ping"}
        ann ← {"op":"pong"}
        """);
    Received last;
    do {
      last = script.client("tom").read(Duration.ofSeconds(20));
    } while (last instanceof Received.Text);
    assertThat(last).isInstanceOf(Received.Closed.class);
    assertThat(((Received.Closed) last).code()).isEqualTo(4403);
  }
}
