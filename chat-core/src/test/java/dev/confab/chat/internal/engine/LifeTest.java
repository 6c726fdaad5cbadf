package dev.confab.chat.internal.engine;

import static dev.confab.chat.internal.engine.World.hears;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.internal.engine.World.Client;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How connections live and end: heartbeat, logins that run out, stalls, floods, and the end of the whole. */
final class LifeTest {
  private static final String PING = "{'event':'ping'}";

  private final World.Parts parts = new World.Parts();

  @Test
  void who_never_logs_in_is_closed_with_4102_and_told_why() {
    World world = new World(parts);
    Client tom = world.chatV1();
    Client ann = world.plain();
    world.pass(Duration.ofSeconds(9));
    assertThat(tom.closedWith()).isZero();
    world.pass(Duration.ofSeconds(2));
    assertThat(tom.closedWith()).isEqualTo(4102);
    assertThat(ann.closedWith()).isEqualTo(4102);
    assertThat(tom.heard()).last().asString().startsWith("{'event':'bye','code':4102");
    assertThat(ann.heard()).isEmpty();
    assertThat(world.engine().sessions().count()).isZero();
  }

  @Test
  void failing_to_log_in_gives_nobody_more_time() {
    // Each failed login used to begin the time anew: one connection could try passwords for ever.
    World world = new World(parts);
    Client tom = world.chatV1();
    for (int i = 0; i < 4; i++) {
      world.pass(Duration.ofSeconds(3));
      tom.says("{'op':'auth','args':['tom','guess']}");
    }
    world.run();
    assertThat(tom.closedWith()).isEqualTo(4102);
  }

  @Test
  void the_time_the_application_takes_for_a_login_is_not_the_clients() {
    World[] world = new World[1];
    parts.authenticator = credentials -> {
      world[0].clock.advance(Duration.ofSeconds(5));
      throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
    };
    world[0] = new World(parts);
    Client tom = world[0].chatV1();
    world[0].pass(Duration.ofSeconds(8));
    tom.asks("{'op':'auth','args':['tom','wrong']}");
    world[0].pass(Duration.ofMillis(1500));
    assertThat(tom.closedWith()).isZero();
    world[0].pass(Duration.ofMillis(1500));
    assertThat(tom.closedWith()).isEqualTo(4102);
  }

  @Test
  void after_logout_the_time_to_log_in_begins_again() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    world.pass(Duration.ofSeconds(20));
    tom.asks("{'op':'logout'}");
    world.pass(Duration.ofSeconds(9));
    assertThat(tom.closedWith()).isZero();
    world.pass(Duration.ofSeconds(2));
    assertThat(tom.closedWith()).isEqualTo(4102);
  }

  @Test
  void a_silent_client_is_pinged_once_an_interval_and_lost_after_two() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    world.pass(Duration.ofSeconds(49));
    assertThat(tom.closedWith()).isZero();
    // One at a random point of the first interval, and one for each interval without anything else.
    assertThat(tom.heard()).hasSizeBetween(2, 3).allMatch(PING::equals);
    world.pass(Duration.ofSeconds(2));
    assertThat(tom.closedWith()).isEqualTo(4003);
  }

  @Test
  void any_inbound_frame_proves_life() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    Client ann = world.plain("ann");
    for (int i = 0; i < 10; i++) {
      world.pass(Duration.ofSeconds(40));
      tom.says("{'op':'pong'}");
      ann.pongs();
    }
    assertThat(tom.closedWith()).isZero();
    assertThat(ann.closedWith()).isZero();
    world.pass(Duration.ofSeconds(170));
    assertThat(ann.closedWith()).isZero();
    world.pass(Duration.ofSeconds(15));
    assertThat(ann.closedWith()).isEqualTo(4003);
  }

  @Test
  void a_client_that_takes_no_write_is_stalled_after_thirty_seconds_and_not_before() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.asks("{'op':'subscribe','args':['room_1']}");
    tom.stopsReading();
    world.chatV1("ann").asks("{'op':'publish','args':['room_1','x']}");
    world.pass(Duration.ofSeconds(29));
    assertThat(tom.closedWith()).isZero();
    world.pass(Duration.ofSeconds(2));
    assertThat(tom.closedWith()).isEqualTo(4004);
  }

  @Test
  void a_client_behind_a_large_write_is_given_a_second_for_each_kilobyte() {
    parts.limits.hostDataBytes(1 << 20);
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.asks("{'op':'subscribe','args':['room_1']}");
    tom.stopsReading();
    append(world, "room_1", "x".repeat(60 * 1024));
    for (int i = 0; i < 58; i++) {
      world.pass(Duration.ofSeconds(1));
    }
    assertThat(tom.closedWith()).isZero();
    world.pass(Duration.ofSeconds(4));
    assertThat(tom.closedWith()).isEqualTo(4004);
  }

  private static void append(World world, String channel, String data) {
    world
        .engine()
        .journal()
        .append(
            world
                .engine()
                .drafting()
                .fromHost(
                    ChannelName.of(channel), Optional.empty(), Optional.empty(), Json.string(data)),
            new dev.confab.chat.internal.journal.Journal.Settled() {
              @Override
              public Optional<dev.confab.chat.internal.outlet.Outlet> recorded(
                  dev.confab.chat.model.Receipt receipt) {
                return Optional.empty();
              }

              @Override
              public void refused(dev.confab.chat.protocol.Refusal refusal) {
                throw new AssertionError(refusal);
              }
            });
    world.run();
  }

  private static Identity expiring(String name, Instant at) {
    return Identity.of(name, name).expiringAt(at);
  }

  @Test
  void a_login_that_runs_out_is_announced_a_minute_before_and_ends_with_4200() {
    parts.authenticator = credentials -> expiring("tom", VirtualTime.START.plusSeconds(120));
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    world.pass(Duration.ofSeconds(40));
    tom.says("{'op':'pong'}");
    assertThat(tom.heard()).allMatch(PING::equals);
    world.pass(Duration.ofSeconds(22));
    assertThat(tom.heard())
        .containsOnlyOnce("{'event':'expiring','expires_at':"
            + VirtualTime.START.plusSeconds(120).toEpochMilli() + "}");
    for (int i = 0; i < 2; i++) {
      tom.says("{'op':'pong'}");
      world.pass(Duration.ofSeconds(30));
    }
    assertThat(tom.closedWith()).isEqualTo(4200);
  }

  @Test
  void a_refreshed_login_goes_on_and_is_announced_again() {
    Instant[] until = {VirtualTime.START.plusSeconds(70)};
    parts.authenticator = credentials -> expiring("tom", until[0]);
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    world.pass(Duration.ofSeconds(15));
    assertThat(tom.heard()).anyMatch(text -> text.startsWith("{'event':'expiring'"));
    until[0] = VirtualTime.START.plusSeconds(100);
    tom.asks("{'op':'auth','args':['tom','pw']}");
    world.pass(Duration.ofSeconds(30));
    assertThat(tom.heard()).anyMatch(text -> text.startsWith("{'event':'expiring'"));
    tom.says("{'op':'pong'}");
    world.pass(Duration.ofSeconds(40));
    assertThat(tom.closedWith()).isZero();
    tom.says("{'op':'pong'}");
    world.pass(Duration.ofSeconds(30));
    assertThat(tom.closedWith()).isEqualTo(4200);
  }

  @Test
  void a_login_runs_out_also_for_who_is_always_being_written_to() {
    // The heartbeat looked away while a write was in flight: a slow reader's login never ended.
    parts.authenticator = credentials -> expiring(
        ((dev.confab.chat.model.Credentials.Password) credentials).name(),
        VirtualTime.START.plusSeconds(10));
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.asks("{'op':'subscribe','args':['room_1']}");
    tom.stopsReading();
    append(world, "room_1", "x");
    world.pass(Duration.ofSeconds(14));
    assertThat(tom.closedWith()).isEqualTo(4200);
  }

  @Test
  void replies_that_nobody_reads_stop_the_lane_and_then_the_connection() {
    parts.limits.replyBytes(1024).writeBytes(1024).crowdedWriteBytes(256);
    parts.ops.put("big", call -> Json.string("x".repeat(1000)));
    int[] called = new int[1];
    parts.ops.put("count", call -> {
      called[0]++;
      return Json.NULL;
    });
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.stopsReading();
    for (int i = 0; i < 5; i++) {
      tom.says("{'op':'big'}");
    }
    tom.says("{'op':'count'}");
    world.run();
    assertThat(called[0]).isZero();
    world.pass(Duration.ofSeconds(9));
    assertThat(tom.closedWith()).isZero();
    world.pass(Duration.ofSeconds(3));
    assertThat(tom.closedWith()).isEqualTo(4101);
  }

  @Test
  void a_lane_that_had_no_room_for_replies_goes_on_when_they_are_read() {
    parts.limits.replyBytes(1024).writeBytes(1024).crowdedWriteBytes(256);
    parts.ops.put("big", call -> Json.string("x".repeat(1000)));
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.stopsReading();
    for (int i = 0; i < 5; i++) {
      tom.says("{'op':'big'}");
    }
    world.run();
    tom.says("{'op':'ping'}");
    world.run();
    int before = tom.heard().size();
    tom.reads();
    world.run();
    List<String> heard = tom.heard();
    assertThat(before + heard.size()).isEqualTo(6);
    assertThat(heard).last().isEqualTo("{'op':'pong'}");
    world.pass(Duration.ofSeconds(20));
    assertThat(tom.closedWith()).isZero();
  }

  @Test
  void a_ping_that_waits_in_the_lane_before_login_is_answered_too() {
    // In the lane it was taken for one of the ops that need a login.
    parts.limits.replyBytes(1024).writeBytes(1024).crowdedWriteBytes(256);
    parts.ops.put("big", call -> Json.string("x".repeat(1000)));
    parts.opsBeforeLogin.add("big");
    World world = new World(parts);
    Client tom = world.chatV1();
    tom.stopsReading();
    for (int i = 0; i < 4; i++) {
      tom.says("{'op':'big'}");
    }
    world.run();
    tom.says("{'op':'ping'}").reads();
    world.run();
    assertThat(tom.heard()).last().isEqualTo("{'op':'pong'}");
  }

  @Test
  void too_many_commands_are_overloaded_in_the_order_they_came() {
    parts.limits.waitingCommands(3);
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    for (int i = 0; i < 6; i++) {
      tom.says("{'op':'publish','args':['room_1'," + i + "]}");
    }
    world.run();
    List<String> heard = tom.heard();
    assertThat(heard).hasSize(6);
    assertThat(heard.subList(0, 3)).allMatch(text -> text.contains("'success':true"));
    assertThat(heard.subList(3, 6)).allMatch(text -> text.contains("'code':'overloaded'"));
  }

  @Test
  void commands_that_weigh_too_much_together_are_overloaded() {
    parts.limits.waitingCommandBytes(1024);
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    for (int i = 0; i < 3; i++) {
      tom.says("{'op':'publish','args':['room_1','" + "x".repeat(400) + "']}");
    }
    world.run();
    assertThat(tom.heard()).last().asString().contains("'code':'overloaded'");
  }

  @Test
  void who_floods_is_closed_with_4103() {
    parts.limits.waitingCommands(2);
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    for (int i = 0; i < 11; i++) {
      tom.says("{'op':'history','args':['room_1']}");
    }
    world.run();
    assertThat(tom.closedWith()).isEqualTo(4103);
  }

  @Test
  void sends_without_outcome_are_bounded_and_told_in_order() {
    parts.limits.openSends(2);
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    for (int i = 0; i < 3; i++) {
      tom.says("{'op':'publish','args':['room_1'," + i + "]}");
    }
    world.doors.runAll();
    world.pumps.runAll();
    // Without id they are answered in the order they came, so the refusal waits for the two before
    // it.
    assertThat(tom.heard()).isEmpty();
    world.run();
    List<String> heard = tom.heard();
    assertThat(heard).hasSize(3);
    assertThat(heard.get(2)).contains("'code':'overloaded'");
  }

  @Test
  void requests_with_id_are_answered_as_they_are_done() {
    parts.limits.openSends(2);
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    for (int i = 0; i < 3; i++) {
      tom.says("{'op':'publish','args':['room_1'," + i + "],'id':" + i + "}");
    }
    world.doors.runAll();
    world.pumps.runAll();
    hears(tom.heard(), "{'op':'publish','error':'Overloaded','code':'overloaded','id':2");
  }

  @Test
  void other_ops_wait_for_the_sends_before_them() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.says("{'op':'publish','args':['room_1','x'],'id':1}");
    tom.says("{'op':'history','args':['room_1'],'id':2}");
    tom.says("{'op':'ping','id':3}");
    world.doors.runAll();
    world.readers.runAll();
    world.pumps.runAll();
    hears(tom.heard(), "{'op':'pong','id':3}");
    world.run();
    List<String> heard = tom.heard();
    hears(heard, "{'op':'publish','success':true,'id':1", "{'op':'history','success':true,'id':2");
    assertThat(heard.get(1)).contains("'seq':1");
  }

  @Test
  void a_login_holds_back_everything_behind_it() {
    World world = new World(parts);
    Client tom = world.chatV1();
    tom.says(
        "{'op':'publish','args':['room_1',0],'id':0}\n{'op':'auth','args':['tom','pw'],'id':1}\n{'op':'publish','args':['room_1',1],'id':2}\n{'op':'logout','id':3}\n{'op':'publish','args':['room_1',2],'id':4}");
    world.run();
    hears(
        tom.heard(),
        "{'op':'publish','error':'No access','code':'not_authenticated','id':0",
        "{'op':'auth','success':true,'id':1",
        "{'op':'publish','success':true,'id':2",
        "{'op':'logout','success':true,'id':3",
        "{'op':'publish','error':'No access','code':'not_authenticated','id':4");
  }

  @Test
  void an_application_that_does_not_answer_in_time_is_unavailable_and_the_lane_goes_on() {
    World[] world = new World[1];
    Client[] tom = new Client[1];
    List<String> meanwhile = new ArrayList<>();
    parts.interceptors.add(draft -> {
      if (draft.data().text().equals("\"slow\"")) {
        world[0].clock.advance(Duration.ofSeconds(12));
        world[0].pumps.runAll();
        world[0].doors.runAll();
        world[0].journal.runAll();
        world[0].pumps.runAll();
        meanwhile.addAll(tom[0].heard());
      }
      return draft;
    });
    world[0] = new World(parts);
    tom[0] = world[0].chatV1("tom");
    tom[0].says("{'op':'publish','args':['room_1','slow'],'id':1}");
    tom[0].says("{'op':'publish','args':['room_1','next'],'id':2}");
    world[0].run();
    List<String> replies =
        meanwhile.stream().filter(text -> text.startsWith("{'op'")).toList();
    hears(
        replies,
        "{'op':'publish','error':'Temporarily unavailable','code':'unavailable','id':1",
        "{'op':'publish','success':true,'id':2");
    // What came too late is not recorded, and not answered a second time.
    assertThat(tom[0].heard()).isEmpty();
    assertThat(world[0].engine().journal().counters().recorded()).isEqualTo(1);
    hears(
        tom[0].asks("{'op':'publish','args':['room_1','more']}"),
        "{'op':'publish','success':true,'data':{'seq':2");
  }

  @Test
  void waiting_for_a_place_does_not_use_up_the_time_of_the_call() {
    // The clock used to run from when a login stood in line: of 200 that took 5 s each most were
    // answered unavailable.
    parts.limits.logins(1).doorTimeout(Duration.ofSeconds(10)).doorWait(Duration.ofSeconds(30));
    Client ann = logsInWhileAnotherTakes(Duration.ofSeconds(15));
    hears(ann.heard(), "{'op':'auth','success':true");
  }

  @Test
  void who_waits_too_long_for_a_place_is_told() {
    parts.limits.logins(1).doorTimeout(Duration.ofSeconds(10)).doorWait(Duration.ofSeconds(30));
    Client ann = logsInWhileAnotherTakes(Duration.ofSeconds(33));
    assertThat(ann.heard())
        .last()
        .asString()
        .startsWith("{'op':'auth','error':'Temporarily unavailable','code':'unavailable'");
  }

  /** Ann stands in line behind tom, whose login takes so long. */
  private Client logsInWhileAnotherTakes(Duration time) {
    World[] world = new World[1];
    Client[] ann = new Client[1];
    parts.authenticator = credentials -> {
      if (credentials instanceof Credentials.Password password
          && password.name().equals("tom")) {
        ann[0].says("{'op':'auth','args':['ann','pw']}");
        world[0].doors.runAll();
        for (long second = 0; second < time.toSeconds(); second++) {
          world[0].clock.advance(Duration.ofSeconds(1));
          world[0].pumps.runAll();
        }
      }
      return Identity.of("ann", "ann");
    };
    world[0] = new World(parts);
    ann[0] = world[0].chatV1();
    Client tom = world[0].chatV1();
    tom.says("{'op':'auth','args':['tom','pw']}");
    world[0].run();
    return ann[0];
  }

  @Test
  void nothing_comes_before_the_welcome_of_who_is_known_by_the_handshake() {
    // A ping used to be answered at the edge while the application was still asked who that is.
    World world = new World(parts);
    Client tom = world.connect(new Handshake(
        "/chat",
        Optional.of("chat.v1"),
        Optional.of("tom"),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Map.of()));
    tom.says("{'op':'ping','id':1}");
    world.run();
    hears(tom.heard(), "{'event':'welcome'", "{'op':'pong','id':1}");
  }

  @Test
  void who_waits_for_its_turn_at_the_application_holds_no_thread_and_keeps_its_order() {
    parts.limits.checks(1);
    World[] world = new World[1];
    List<String> order = new ArrayList<>();
    boolean[] inside = new boolean[1];
    parts.ops.put("op", call -> {
      assertThat(inside[0]).as("two at once").isFalse();
      inside[0] = true;
      order.add(call.identity().orElseThrow().name());
      if (order.size() == 1) {
        // While this one is in, others come; none gets in, and no thread waits for it.
        world[0].doors.runAll();
        assertThat(world[0].doors.waiting()).isZero();
        assertThat(order).hasSize(1);
      }
      inside[0] = false;
      return Json.NULL;
    });
    world[0] = new World(parts);
    List<Client> clients = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      clients.add(world[0].chatV1(name));
    }
    clients.forEach(client -> client.says("{'op':'op'}"));
    world[0].run();
    assertThat(order).containsExactly("a", "b", "c");
    clients.forEach(client -> hears(client.heard(), "{'op':'op','success':true}"));
  }

  @Test
  void who_is_sent_away_does_nothing_more_while_the_goodbye_is_on_its_way() {
    // The lane went on: who was kicked could still write until the socket was closed.
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.says("{'op':'publish','args':['room_1','late']}");
    world.engine().sessions().all().forEach(session -> session.end(CloseReason.KICKED));
    world.run();
    hears(tom.heard(), "{'event':'bye','code':4403");
    assertThat(tom.closedWith()).isEqualTo(4403);
    assertThat(world.engine().journal().counters().recorded()).isZero();
  }

  @Test
  void nothing_is_left_of_connections_that_are_gone() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    Client ann = world.plain("ann");
    for (Client each : List.of(tom, ann)) {
      each.asks("{'op':'subscribe','args':['room_1','room_2',{'presence':true}]}");
      each.says("{'op':'publish','args':['room_1','x']}");
    }
    tom.leaves();
    ann.leaves();
    world.pass(Duration.ofMinutes(2));
    assertThat(world.engine().sessions().count()).isZero();
    assertThat(world.engine().sessions().users()).isZero();
    assertThat(world.engine().hub().counters().channels()).isZero();
    assertThat(world.engine().hub().counters().tailBytes()).isZero();
    assertThat(world.engine().reads().isIdle()).isTrue();
    assertThat(world.engine().flights().bytesInFlight()).isZero();
    assertThat(world.engine().intake().isIdle()).isTrue();
  }

  @Test
  void a_logout_that_comes_after_the_end_is_not_counted_against_the_address() {
    // It was: 64 such races, and the address could not connect any more.
    parts.limits.anonymousPerAddress(1);
    World world = new World(parts);
    Client tom = world.connect(from("10.0.0.1"));
    tom.asks("{'op':'auth','args':['tom','pw']}");
    var session = world.engine().sessions().all().iterator().next();
    tom.leaves();
    world.engine().sessions().logout(session, 0);
    assertThat(world.connect(from("10.0.0.1")).closedWith()).isZero();
  }

  @Test
  void guests_are_counted_by_their_address_until_they_are_none_any_more() {
    // Each is another user, so nothing held an address to any number of them.
    parts.limits.guestsPerAddress(2);
    World world = new World(parts);
    var sessions = world.engine().sessions();
    List<Session> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Client client = world.connect(from("10.0.0.1"));
      assertThat(client.closedWith()).isZero();
      sessions.all().stream().filter(session -> !all.contains(session)).forEach(all::add);
    }
    world.connect(from("10.0.0.2"));
    Session elsewhere = sessions.all().stream()
        .filter(session -> !all.contains(session))
        .findFirst()
        .orElseThrow();
    sessions.login(all.get(0), guest(all.get(0)));
    sessions.login(all.get(1), guest(all.get(1)));
    sessions.login(elsewhere, guest(elsewhere));
    // Once more is no more.
    sessions.login(all.get(1), guest(all.get(1)));
    assertThatThrownBy(() -> sessions.login(all.get(2), guest(all.get(2))))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused ->
                assertThat(refused.refusal().code()).isEqualTo(ErrorCode.TOO_MANY_CONNECTIONS));
    sessions.logout(all.get(0), 0);
    sessions.login(all.get(2), guest(all.get(2)));
    assertThatThrownBy(() -> sessions.login(all.get(0), guest(all.get(0))))
        .isInstanceOf(RefusedException.class);
    sessions.loginAs(all.get(2), Identity.of("7", "Ann"));
    sessions.login(all.get(0), guest(all.get(0)));
    sessions.remove(all.get(0));
    sessions.remove(all.get(0));
    sessions.loginAs(all.get(2), guest(all.get(2)));
    assertThat(sessions.users()).isEqualTo(3);
  }

  private static Identity guest(Session session) {
    return Identity.of(session.id().value(), "guest");
  }

  private static Handshake from(String address) {
    return new Handshake(
        "/chat",
        Optional.of("chat.v1"),
        Optional.empty(),
        Optional.of(address),
        Map.of(),
        Map.of(),
        Map.of());
  }

  @Test
  void a_host_can_not_subscribe_who_has_logged_out_meanwhile() {
    // The follower was added to a session that was nobody's, and went on reading for it.
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    var session = world.engine().sessions().all().iterator().next();
    var who = session.identity().orElseThrow();
    var pinned = world.engine().hub().pin(List.of(ChannelName.of("room_1")));
    world.run();
    var prepared = world
        .engine()
        .hub()
        .prepare(
            pinned.join().get(0),
            session,
            1,
            who.user(),
            dev.confab.chat.model.Cursor.START,
            -1,
            0);
    tom.asks("{'op':'logout'}");
    assertThat(prepared.start()).isFalse();
    assertThat(session.subscriptionCount()).isZero();
    assertThat(world.engine().hub().counters().live()).isZero();
  }

  @Test
  void a_close_answers_what_was_begun_says_goodbye_and_takes_nothing_more() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.says("{'op':'publish','args':['room_1','begun']}");
    world.doors.runAll();
    tom.says("{'op':'publish','args':['room_1','waits']}");
    Thread closing = new Thread(() -> world.engine().close(Duration.ofSeconds(9)));
    closing.start();
    long deadline = System.nanoTime() + Duration.ofSeconds(8).toNanos();
    while (closing.isAlive() && System.nanoTime() < deadline) {
      world.journal.runAll();
      world.pumps.runAll();
      if (tom.closedWith() != 0) {
        world.run();
      }
      Thread.onSpinWait();
    }
    assertThat(closing.isAlive()).isFalse();
    hears(
        tom.heard(),
        "{'op':'publish','success':true,'data':{'seq':1",
        "{'event':'bye','code':4000,'reason':'server stopping','after_ms':3000}");
    assertThat(tom.closedWith()).isEqualTo(4000);
    assertThat(world.isClosed()).isTrue();
    assertThat(world.plain().closedWith()).isEqualTo(4000);
  }

  @Test
  void what_was_begun_is_answered_when_no_more_commands_are_taken() {
    // The reply to what was begun was forgotten with what waited.
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.says("{'op':'publish','args':['room_1','begun']}");
    world.doors.runAll();
    tom.says("{'op':'publish','args':['room_1','waits']}");
    world.engine().intake().closeLanes();
    world.run();
    hears(tom.heard(), "{'op':'publish','success':true,'data':{'seq':1");
    assertThat(world.engine().journal().counters().recorded()).isEqualTo(1);
    assertThat(world.engine().intake().isIdle()).isTrue();
  }

  @Test
  void a_transport_that_throws_harms_only_its_own_connection() {
    // The throw ended the pass that was waking the channel, and nobody there was ever woken again.
    World world = new World(parts);
    Client ann = world.chatV1("ann");
    boolean[] bug = new boolean[1];
    dev.confab.chat.spi.Connection broken = new dev.confab.chat.spi.Connection() {
      @Override
      public void write(List<dev.confab.chat.spi.Frame> frames, Done done) {
        if (bug[0]) {
          throw new IllegalStateException("a bug of the transport");
        }
        done.done(null);
      }

      @Override
      public void ping() {}

      @Override
      public void close(CloseReason reason) {}
    };
    var inbound =
        world.engine().intake().connected(Handshake.of("/chat", Optional.of("chat.v1")), broken);
    inbound.text("{\"op\":\"auth\",\"args\":[\"tom\",\"pw\"]}");
    inbound.text("{\"op\":\"subscribe\",\"args\":[\"room_1\"]}");
    world.run();
    ann.asks("{'op':'subscribe','args':['room_1']}");
    Client bob = world.chatV1("bob");
    bug[0] = true;
    for (int i = 1; i <= 2; i++) {
      bob.asks("{'op':'publish','args':['room_1'," + i + "]}");
      hears(ann.heard(), "{'event':'subscribe','channel':'room_1','seq':" + i);
    }
    inbound.closed(1006, "");
    assertThat(world.engine().sessions().count()).isEqualTo(2);
  }

  @Test
  void refused_is_what_the_policy_says_and_not_what_comes_of_it() {
    parts.authenticator = credentials -> {
      throw new RefusedException(ErrorCode.BANNED);
    };
    World world = new World(parts);
    assertThat(world.chatV1().asks("{'op':'auth','args':['tom','pw']}").get(0))
        .contains("'code':'banned'");
  }
}
