package dev.confab.chat.internal.engine;

import static dev.confab.chat.internal.engine.World.hears;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.engine.World.Client;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelKind;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.StoreUnavailableException;
import dev.confab.chat.testkit.CapturedLog;
import dev.confab.chat.testkit.StoreWrapper;
import dev.confab.chat.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Each op of the protocol and each refusal that can be provoked, through the whole chat. */
final class OpsTest {
  private final World.Parts parts = new World.Parts();

  private static final String EVENT = "{'event':'subscribe','channel':'room_1','seq':";

  @Test
  void a_binary_frame_closes_with_1003_and_nothing_behind_it_is_done() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.saysBytes();
    tom.says("{'op':'publish','args':['room_1','late']}");
    world.run();
    assertThat(tom.closedWith()).isEqualTo(1003);
    assertThat(world.engine().journal().counters().recorded()).isZero();
  }

  @Test
  void before_login_only_ping_auth_and_opened_ops_work() {
    parts.ops.put("register", call -> Json.string("welcome"));
    parts.ops.put("secret", call -> Json.string("no"));
    parts.opsBeforeLogin.add("register");
    World world = new World(parts);
    Client tom = world.chatV1();
    hears(tom.asks("{'op':'ping','id':1}"), "{'op':'pong','id':1}");
    hears(tom.asks("{'op':'register'}"), "{'op':'register','success':true,'data':'welcome'}");
    for (String op : List.of(
        "'secret'",
        "'nonsense'",
        "'logout'",
        "'subscribe','args':['room_1']",
        "'unsubscribe','args':['room_1']",
        "'publish','args':['room_1',1]",
        "'signal','args':['room_1',1]",
        "'history','args':['room_1']",
        "'presence','args':['room_1']")) {
      List<String> heard = tom.asks("{'op':" + op + "}");
      assertThat(heard).hasSize(1);
      assertThat(heard.get(0)).contains("'error':'No access','code':'not_authenticated'");
    }
  }

  @Test
  void before_login_wrong_arguments_are_no_better_than_right_ones() {
    // They were refused as what they were: a stranger could ask which ops there are and what they
    // take.
    World world = new World(parts);
    Client tom = world.chatV1();
    for (String asked : List.of(
        "{'op':'subscribe'}",
        "{'op':'sendtoroom','args':['lobby',1]}",
        "{'op':'publish','args':['room_1',{'a':1,'a':2}]}")) {
      refused(tom, asked, "not_authenticated");
    }
    refused(tom, "{'op':'auth'}", "bad_args");
    refused(tom, "{'op':'ping','args':[1]}", "bad_args");
    refused(tom, "{'args':[]}", "bad_frame");
  }

  @Test
  void a_login_is_refreshed_by_the_same_user_and_refused_to_another() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    hears(tom.asks("{'op':'auth','args':['tom','pw']}"), "{'op':'auth','success':true");
    hears(
        tom.asks("{'op':'auth','args':['ann','pw']}"),
        "{'op':'auth','error':'Already logged in as another user','code':'already_authenticated'");
    hears(
        tom.asks("{'op':'auth','args':['tom','wrong']}"),
        "{'op':'auth','error':'Invalid name or password','code':'bad_credentials'");
    hears(tom.asks("{'op':'history','args':['room_1']}"), "{'op':'history','success':true");
  }

  @Test
  void an_expired_identity_is_no_login() {
    parts.authenticator = credentials -> Identity.of("tom", "tom").expiringAt(VirtualTime.START);
    World world = new World(parts);
    hears(
        world.chatV1().asks("{'op':'auth','args':[{'token':'t'}]}"),
        "{'op':'auth','error':'Token expired','code':'token_expired','retry':'auth'");
  }

  @Test
  void the_welcome_of_a_proven_user_comes_first_and_names_who_it_is() {
    World world = new World(parts);
    Handshake proven = new Handshake(
        "/chat",
        Optional.of("chat.v1"),
        Optional.of("tom"),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Map.of());
    Client tom = world.connect(proven);
    tom.says("{'op':'history','args':['room_1'],'id':1}");
    world.run();
    List<String> heard = tom.heard();
    hears(heard, "{'event':'welcome'", "{'op':'history','success':true,'id':1");
    assertThat(heard.get(0)).contains("'user':{'id':'tom','name':'tom'}");
  }

  @Test
  void who_logs_out_leaves_all_channels_and_stays_connected() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.asks("{'op':'subscribe','args':['room_1','room_2']}");
    hears(tom.asks("{'op':'logout'}"), "{'op':'logout','success':true}");
    world.chatV1("ann").asks("{'op':'publish','args':['room_1','unheard']}");
    assertThat(tom.heard()).isEmpty();
    hears(tom.asks("{'op':'auth','args':['ann','pw']}"), "{'op':'auth','success':true");
    assertThat(world.engine().sessions().users()).isEqualTo(1);
  }

  @Test
  void after_the_reply_to_unsubscribe_nothing_of_the_channel_comes() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.asks("{'op':'subscribe','args':['room_1']}");
    hears(
        tom.asks(
            "{'op':'publish','args':['room_1','mine'],'id':1}\n{'op':'unsubscribe','args':['room_1','room_9'],'id':2}"),
        EVENT + "1",
        "{'op':'publish','success':true,'id':1",
        "{'op':'unsubscribe','success':true,'id':2}");
    world.chatV1("ann").asks("{'op':'publish','args':['room_1','theirs']}");
    assertThat(tom.heard()).isEmpty();
  }

  @Test
  void a_sender_who_is_up_to_date_sees_the_event_before_the_reply() {
    World world = new World(parts);
    for (Client tom : List.of(world.chatV1("tom"), world.plain("ann"))) {
      tom.asks("{'op':'subscribe','args':['room_1']}");
      hears(tom.asks("{'op':'sendtoroom','args':['room_1','x']}"), EVENT, "{'op':'sendtoroom'");
    }
  }

  @Test
  void the_same_key_is_recorded_once_and_answered_alike() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    String first =
        tom.asks("{'op':'publish','args':['room_1','a',{'key':'k'}]}").get(0);
    String again =
        tom.asks("{'op':'publish','args':['room_1','b',{'key':'k'}]}").get(0);
    assertThat(again).isEqualTo(first.replace("}}", ",'duplicate':true}}"));
    hears(
        world.chatV1("ann").asks("{'op':'publish','args':['room_1','c',{'key':'k'}]}"),
        "{'op':'publish','success':true,'data':{'seq':2");
  }

  @Test
  void a_direct_message_reaches_the_recipient_and_the_senders_other_devices() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    Client phone = world.chatV1("tom");
    Client ann = world.chatV1("ann");
    phone.asks("{'op':'subscribe','args':['@user']}");
    ann.asks("{'op':'subscribe','args':['@user']}");
    tom.asks("{'op':'sendtouser','args':['ann','hi',{'key':'k'}]}");
    hears(ann.heard(), "{'event':'subscribe','channel':'user_ann','seq':1");
    List<String> copy = phone.heard();
    hears(copy, "{'event':'subscribe','channel':'user_tom','seq':1");
    assertThat(copy.get(0)).contains("'to':{'id':'ann'}").contains("'key':'k'");
    tom.asks("{'op':'sendtouser','args':['tom','note']}");
    hears(phone.heard(), "{'event':'subscribe','channel':'user_tom','seq':2");
    assertThat(world.engine().journal().counters().recorded()).isEqualTo(2);
  }

  @Test
  void a_user_channel_is_read_by_its_user_alone_whatever_the_policy_says() {
    parts.access = (who, what, where) -> {};
    parts.accessByPrefix.put("user_", (who, what, where) -> {});
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    for (String op : List.of("subscribe", "history")) {
      List<String> heard = tom.asks("{'op':'" + op + "','args':['user_ann']}");
      assertThat(heard.get(0)).contains("'code':'denied'").contains("'channel':'user_ann'");
    }
  }

  @Test
  void presence_of_a_user_channel_is_for_that_user_unless_granted_by_name() {
    parts.access = (who, what, where) -> {};
    World strict = new World(parts);
    assertThat(
            strict.chatV1("tom").asks("{'op':'presence','args':['user_ann']}").get(0))
        .contains("'code':'denied'");
    parts.accessByPrefix.put("user_", (who, what, where) -> {});
    World granted = new World(parts);
    hears(
        granted.chatV1("tom").asks("{'op':'presence','args':['user_ann']}"),
        "{'op':'presence','success':true,'data':{'count':0");
  }

  @Test
  void subscribing_is_all_or_none() {
    parts.access = (who, what, where) -> {
      if (where.value().equals("room_2")) {
        throw new RefusedException(ErrorCode.DENIED);
      }
    };
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    hears(
        tom.asks("{'op':'subscribe','args':['room_1','room_2']}"),
        "{'op':'subscribe','error':'No access','code':'denied','retry':'no','channel':'room_2'}");
    world.engine();
    world.chatV1("ann").asks("{'op':'publish','args':['room_1','x']}");
    assertThat(tom.heard()).isEmpty();
  }

  @Test
  void subscribing_again_changes_nothing_and_with_since_moves() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.asks("{'op':'publish','args':['room_1','x']}");
    tom.asks("{'op':'subscribe','args':['room_1']}");
    hears(
        tom.asks("{'op':'subscribe','args':['room_1']}"),
        "{'op':'subscribe','success':true,'data':{'channels':{'room_1':{'head':1");
    assertThat(world.engine().hub().counters().live()).isEqualTo(1);
    List<String> moved = tom.asks("{'op':'subscribe','args':['room_1',{'since':{'room_1':'0'}}]}");
    hears(moved, "{'op':'subscribe','success':true", EVENT + "1", "{'event':'live'");
    assertThat(moved.get(0)).contains("'missed':1");
    assertThat(world.engine().hub().counters().live()).isEqualTo(1);
  }

  @Test
  void state_as_of_n_and_the_stream_from_n_plus_1_are_one_answer() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    for (int i = 0; i < 3; i++) {
      tom.asks("{'op':'publish','args':['room_1'," + i + "]}");
    }
    String reply =
        tom.asks("{'op':'subscribe','args':['room_1',{'history':2}]}").get(0);
    assertThat(reply)
        .contains("'head':3")
        .contains("'data':1")
        .contains("'data':2")
        .doesNotContain("'data':0")
        .contains("'more':true");
    hears(tom.asks("{'op':'publish','args':['room_1',3]}"), EVENT + "4", "{'op':'publish'");
  }

  @Test
  void the_messages_of_one_reply_share_a_budget_and_say_where_they_were_cut() {
    parts.limits.historyBytes(1024).historyReplyBytes(1536);
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    String data = "x".repeat(400);
    for (String room : List.of("room_1", "room_2", "room_3")) {
      for (int i = 0; i < 4; i++) {
        tom.asks("{'op':'publish','args':['" + room + "','" + data + "']}");
      }
    }
    String reply = tom.asks(
            "{'op':'subscribe','args':['room_1','room_2','room_3',{'history':100}]}")
        .get(0);
    // Two fit into the bytes of a channel; the second channel finds 732 bytes left, the third 330,
    // which is less than one.
    assertThat(reply.split(data, -1)).hasSize(1 + 2 + 1 + 1);
    assertThat(reply.split("'more':true", -1)).hasSize(4);
  }

  @Test
  void a_cursor_that_does_not_fit_is_told_and_nothing_is_replayed() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.asks("{'op':'publish','args':['room_1','x']}");
    List<String> heard =
        tom.asks("{'op':'subscribe','args':['room_1',{'since':{'room_1':'1.AAAAAAAAAAAAAAAA'}}]}");
    assertThat(heard.get(0)).contains("'reset':true").contains("'head':1").doesNotContain("missed");
    hears(heard.subList(1, heard.size()), "{'event':'live','channel':'room_1','seq':1}");
    assertThat(tom.asks("{'op':'history','args':['room_1',{'after':'9.AAAAAAAAAAAAAAAA'}]}")
            .get(0))
        .contains("'messages':[]")
        .contains("'reset':true");
  }

  @Test
  void what_retention_removed_behind_a_cursor_is_told_in_the_reply_and_only_there() {
    InMemoryMessageStore store = InMemoryMessageStore.create();
    parts.store = store;
    parts.limits.tailBytes(64 * 1024);
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    for (int i = 0; i < 4; i++) {
      tom.asks("{'op':'publish','args':['room_1'," + i + "]}");
    }
    // The channel retires, so that nothing of it lies in memory.
    world.pass(Duration.ofMinutes(1));
    store.trim(ChannelName.of("room_1"), 2);
    for (Client reader : List.of(world.plain("ann"), world.chatV1("bob"))) {
      String since = "{'op':'subscribe','args':['room_1',{'since':{'room_1':'0'}}]}";
      List<String> heard = reader.asks(since);
      assertThat(heard.get(0)).contains("'trimmed':{'from':1,'to':2}").contains("'missed':2");
      // It went wrong twice: the plain client was closed with 4300 although its reply had told it,
      // and chat.v1 was told again by an event.
      assertThat(reader.closedWith()).isZero();
      hears(heard.subList(1, 3), EVENT + "3", EVENT + "4");
      assertThat(heard).noneMatch(text -> text.contains("'event':'trimmed'"));
    }
  }

  @Test
  void history_is_read_in_both_directions_and_says_whether_there_is_more() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    for (int i = 1; i <= 5; i++) {
      tom.asks("{'op':'publish','args':['room_1'," + i + "]}");
    }
    assertThat(tom.asks("{'op':'history','args':['room_1',{'limit':2}]}").get(0))
        .contains("'seq':4")
        .contains("'seq':5")
        .doesNotContain("'seq':3")
        .contains("'more':true");
    assertThat(tom.asks("{'op':'history','args':['room_1',{'before':3}]}").get(0))
        .contains("'seq':1")
        .contains("'seq':2")
        .doesNotContain("'seq':3")
        .contains("'more':false");
    assertThat(
            tom.asks("{'op':'history','args':['room_1',{'after':3,'limit':1}]}").get(0))
        .contains("'seq':4")
        .doesNotContain("'seq':5")
        .contains("'more':true");
  }

  @Test
  void a_channel_without_log_delivers_at_most_once_and_in_order() {
    parts.kinds.add(ChannelKind.of("live_").withoutLog());
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    Client ann = world.chatV1("ann");
    String reply = ann.asks("{'op':'subscribe','args':['live_1']}").get(0);
    assertThat(reply).contains("'log':false").doesNotContain("head");
    tom.says("{'op':'publish','args':['live_1',1]}").says("{'op':'publish','args':['live_1',2]}");
    world.run();
    hears(tom.heard(), "{'op':'publish','success':true,'data':{'log':false", "{'op':'publish'");
    List<String> heard = ann.heard();
    assertThat(heard).hasSize(2);
    assertThat(heard.get(0)).endsWith("'data':1}");
    assertThat(heard.get(1)).endsWith("'data':2}");
    assertThat(world.engine().journal().counters().recorded()).isZero();
    for (String op : List.of(
        "'history','args':['live_1']",
        "'subscribe','args':['live_1',{'since':{'live_1':'0'}}]",
        "'subscribe','args':['live_1',{'history':3}]")) {
      assertThat(tom.asks("{'op':" + op + "}").get(0)).contains("'code':'bad_args'");
    }
  }

  @Test
  void a_signal_reaches_the_others_and_is_not_recorded() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    Client phone = world.chatV1("tom");
    Client ann = world.plain("ann");
    List.of(tom, phone, ann).forEach(each -> each.asks("{'op':'subscribe','args':['room_1']}"));
    hears(tom.asks("{'op':'signal','args':['room_1','typing']}"), "{'op':'signal','success':true}");
    hears(phone.heard(), "{'event':'signal','channel':'room_1'");
    hears(ann.heard(), "{'event':'signal','channel':'room_1','from':{'id':'tom'");
    assertThat(world.engine().journal().counters().recorded()).isZero();
  }

  @Test
  void signals_of_one_sender_arrive_in_order_and_one_is_under_way_at_a_time() {
    // They were answered before they were told: whoever asked fast enough filled the pumps' queue,
    // and two pumps told
    // them in any order.
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    Client ann = world.chatV1("ann");
    ann.asks("{'op':'subscribe','args':['room_1']}");
    for (int i = 0; i < 20; i++) {
      tom.says("{'op':'signal','args':['room_1'," + i + "]}");
    }
    world.doors.runAll();
    assertThat(world.pumps.waiting()).isEqualTo(1);
    world.run();
    List<String> heard = ann.heard();
    for (int i = 0; i < 20; i++) {
      assertThat(heard.get(i)).endsWith("'data':" + i + "}");
    }
  }

  @Test
  void messages_without_log_keep_their_order_with_many_pumps() {
    parts.kinds.add(ChannelKind.of("live_").withoutLog());
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    Client ann = world.chatV1("ann");
    ann.asks("{'op':'subscribe','args':['live_1']}");
    for (int i = 0; i < 20; i++) {
      tom.says("{'op':'publish','args':['live_1'," + i + "]}");
    }
    world.doors.runAll();
    java.util.Random random = new java.util.Random(3);
    while (world.pumps.runAny(random)) {
      world.doors.runAll();
    }
    List<String> heard = ann.heard();
    for (int i = 0; i < 20; i++) {
      assertThat(heard.get(i)).endsWith("'data':" + i + "}");
    }
  }

  @Test
  void refusals_name_their_code() {
    parts.limits.clientDataBytes(256);
    parts.kinds.add(ChannelKind.of("room_small").withDataBytes(4));
    parts.kinds.add(ChannelKind.of("room_slow").withRate(1, Duration.ofSeconds(10)));
    parts.interceptors.add(draft -> {
      if (draft.data().text().equals("\"bad\"")) {
        throw new RefusedException(ErrorCode.REJECTED, "not that word");
      }
      return draft;
    });
    parts.access = (who, what, where) -> {
      if (where.value().equals("room_muted")) {
        throw new RefusedException(Refusal.of(ErrorCode.MUTED).after(Duration.ofSeconds(5)));
      }
      if (where.value().equals("room_banned")) {
        throw new RefusedException(ErrorCode.BANNED);
      }
    };
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    refused(tom, "{'op':'publish','args':['room_1','  ']}", "empty_message");
    refused(tom, "{'op':'publish','args':['room_1','" + "x".repeat(300) + "']}", "too_large");
    refused(tom, "{'op':'publish','args':['room_small','12345']}", "too_large");
    refused(tom, "{'op':'signal','args':['room_1','" + "x".repeat(300) + "']}", "too_large");
    refused(tom, "{'op':'publish','args':['room_1','bad']}", "rejected");
    assertThat(refused(tom, "{'op':'publish','args':['room_muted',1]}", "muted"))
        .contains("'after_ms':5000")
        .contains("'channel':'room_muted'");
    refused(tom, "{'op':'publish','args':['room_banned',1]}", "banned");
    hears(tom.asks("{'op':'publish','args':['room_slow',1]}"), "{'op':'publish','success':true");
    assertThat(refused(tom, "{'op':'publish','args':['room_slow',1]}", "rate_limited"))
        .contains("'after_ms':10000")
        .contains("'retry':'later'");
    world.pass(Duration.ofSeconds(10));
    tom.heard();
    hears(tom.asks("{'op':'publish','args':['room_slow',1]}"), "{'op':'publish','success':true");
    refused(tom, "{'op':'nonsense'}", "unknown_op");
    refused(tom, "{'op':'sendtoroom','args':['lobby',1]}", "bad_args");
    refused(tom, "{'op':'subscribe','args':['a b']}", "channel_name");
    refused(tom, "nonsense", "bad_frame");
    refused(tom, "{'op':'subscribe','args':['room_1',{'unknown':1}]}", "bad_args");
    assertThat(world.engine().intake().refused().get(ErrorCode.TOO_LARGE)).isEqualTo(3L);
  }

  private static String refused(Client client, String asked, String code) {
    List<String> heard = client.asks(asked);
    assertThat(heard).as(asked).hasSize(1);
    assertThat(heard.get(0)).contains("'code':'" + code + "'");
    return heard.get(0);
  }

  @Test
  void a_bug_of_the_application_is_answered_internal_and_leaks_nothing() {
    parts.ops.put("broken", call -> {
      throw new IllegalStateException("the secret of the house");
    });
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    try (CapturedLog log = new CapturedLog(dev.confab.chat.internal.command.Failures.class)) {
      String reply = refused(tom, "{'op':'broken'}", "internal");
      assertThat(reply).contains("'trace':'").doesNotContain("secret");
      assertThat(log.records()).hasSize(1);
    }
  }

  @Test
  void a_store_that_is_away_is_told_apart_from_a_bug() {
    InMemoryMessageStore inner = InMemoryMessageStore.create();
    boolean[] away = new boolean[1];
    parts.store = new StoreWrapper(inner) {
      @Override
      public Appended append(Append append) {
        requireThere();
        return super.append(append);
      }

      @Override
      public Page read(ChannelName channel, Position position, int entries, int bytes) {
        requireThere();
        return super.read(channel, position, entries, bytes);
      }

      @Override
      public Map<ChannelName, dev.confab.chat.model.Head> heads(
          java.util.Collection<ChannelName> channels) {
        requireThere();
        return super.heads(channels);
      }

      private void requireThere() {
        if (away[0]) {
          throw new StoreUnavailableException("away");
        }
      }
    };
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    away[0] = true;
    try (CapturedLog log = new CapturedLog(dev.confab.chat.internal.journal.Journal.class)) {
      refused(tom, "{'op':'publish','args':['room_1',1]}", "store_unavailable");
      refused(tom, "{'op':'history','args':['room_1']}", "store_unavailable");
      refused(tom, "{'op':'subscribe','args':['room_1']}", "store_unavailable");
      away[0] = false;
      hears(tom.asks("{'op':'subscribe','args':['room_1']}"), "{'op':'subscribe','success':true");
      hears(tom.asks("{'op':'publish','args':['room_1',1]}"), EVENT, "{'op':'publish'");
      assertThat(log.records()).isNotEmpty();
    }
  }

  @Test
  void a_connection_follows_so_many_channels_and_a_user_has_so_many_connections() {
    parts.limits.channelsPerConnection(2).connectionsPerUser(2);
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    refused(tom, "{'op':'subscribe','args':['room_1','room_2','room_3']}", "too_many_channels");
    hears(tom.asks("{'op':'subscribe','args':['room_1','room_2']}"), "{'op':'subscribe','success'");
    hears(tom.asks("{'op':'subscribe','args':['room_2']}"), "{'op':'subscribe','success'");
    refused(tom, "{'op':'subscribe','args':['room_3']}", "too_many_channels");
    Client second = world.chatV1("tom");
    refused(world.chatV1(), "{'op':'auth','args':['tom','pw']}", "too_many_connections");
    second.leaves();
    hears(world.chatV1().asks("{'op':'auth','args':['tom','pw']}"), "{'op':'auth','success'");
  }

  @Test
  void one_address_has_so_many_connections_without_login() {
    parts.limits.anonymousPerAddress(2);
    World world = new World(parts);
    Handshake here = new Handshake(
        "/chat",
        Optional.of("chat.v1"),
        Optional.empty(),
        Optional.of("10.0.0.1"),
        Map.of(),
        Map.of(),
        Map.of());
    Client first = world.connect(here);
    world.connect(here);
    assertThat(world.connect(here).closedWith()).isEqualTo(4101);
    world.run();
    first.heard();
    first.asks("{'op':'auth','args':['tom','pw']}");
    assertThat(world.connect(here).closedWith()).isZero();
  }

  @Test
  void a_plain_client_gets_one_object_a_frame_and_no_event_it_did_not_ask_for() {
    World world = new World(parts);
    Client tom = world.plain("tom");
    assertThat(tom.writes()).isEqualTo(1);
    tom.asks("{'op':'subscribe','args':['room_1',{'since':{'room_1':'0'}}]}");
    for (int i = 0; i < 3; i++) {
      tom.says("{'op':'publish','args':['room_1'," + i + "]}");
    }
    world.run();
    assertThat(tom.heard()).hasSize(6).noneMatch(text -> text.contains("'live'"));
    world.pass(Duration.ofSeconds(60));
    assertThat(tom.heard()).isEmpty();
    assertThat(tom.pings()).isPositive();
    // Two objects in one frame are no frame of a plain client.
    refused(tom, "{'op':'ping'}\n{'op':'ping'}", "bad_frame");
  }

  @Test
  void a_signal_counts_for_the_rate_and_size_of_its_channel() {
    // Signals used to go by both: who was held back from sending could still fill a room.
    parts.kinds.add(
        ChannelKind.of("room_slow").withRate(1, Duration.ofSeconds(10)).withDataBytes(4));
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    refused(tom, "{'op':'signal','args':['room_slow','12345']}", "too_large");
    hears(tom.asks("{'op':'signal','args':['room_slow',1]}"), "{'op':'signal','success':true");
    assertThat(refused(tom, "{'op':'signal','args':['room_slow',2]}", "rate_limited"))
        .contains("'after_ms':10000");
    refused(tom, "{'op':'publish','args':['room_slow',3]}", "rate_limited");
  }

  @Test
  void an_overlong_op_is_not_said_back() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    refused(tom, "{'op':'" + "x".repeat(64) + "'}", "unknown_op");
    List<String> heard = tom.asks("{'op':'" + "x".repeat(65) + "','id':1}");
    hears(heard, "{'error':'Json format error','code':'bad_frame','id':1");
    assertThat(heard.get(0)).doesNotContain("xxx");
  }

  @Test
  void more_arguments_than_any_op_takes_are_refused_and_not_kept() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    refused(tom, "{'op':'own','args':[" + "1,".repeat(1_023) + "1]}", "unknown_op");
    assertThat(refused(tom, "{'op':'own','args':[" + "1,".repeat(1_024) + "1]}", "bad_args"))
        .contains("'field':'args'");
  }

  @Test
  void subscribing_to_ever_new_names_leaves_no_more_than_so_many_channels_open() {
    // Each stayed open for half a minute: one user could make the server hold a million of them.
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    for (int i = 0; i < 30; i++) {
      StringBuilder names = new StringBuilder();
      for (int j = 0; j < 500; j++) {
        names
            .append(j == 0 ? "" : ",")
            .append("'room_")
            .append(i)
            .append('_')
            .append(j)
            .append('\'');
      }
      hears(tom.asks("{'op':'subscribe','args':[" + names + "]}"), "{'op':'subscribe','success'");
      tom.asks("{'op':'unsubscribe','args':[" + names + "]}");
    }
    assertThat(world.engine().hub().counters().channels()).isBetween(1, 10_000);
  }

  @Test
  void a_connection_may_not_guess_passwords_for_ever_not_even_once_it_is_logged_in() {
    // "already_authenticated" told who was logged in that a guess for another user was right.
    parts.limits.failedLogins(3);
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    refused(tom, "{'op':'auth','args':['ann','guess']}", "bad_credentials");
    refused(tom, "{'op':'auth','args':['ann','pw']}", "already_authenticated");
    assertThat(tom.closedWith()).isZero();
    tom.asks("{'op':'auth','args':['bob','guess']}");
    assertThat(tom.closedWith()).isEqualTo(4103);
  }
}
