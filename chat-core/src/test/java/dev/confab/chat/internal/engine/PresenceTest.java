package dev.confab.chat.internal.engine;

import static dev.confab.chat.internal.engine.World.hears;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.engine.World.Client;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.model.Identity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is told of whom, and when. */
final class PresenceTest {
  private static final String WATCH = "{'op':'subscribe','args':['room_1',{'presence':true}]}";
  private static final String FOLLOW = "{'op':'subscribe','args':['room_1']}";

  private final World.Parts parts = new World.Parts();

  private static String join(String user) {
    return "{'event':'join','channel':'room_1','user':{'id':'" + user + "','name':'" + user + "'}}";
  }

  private static String leave(String user) {
    return join(user).replace("'join'", "'leave'");
  }

  private static List<String> news(Client client) {
    return client.heard().stream().filter(text -> !text.contains("'ping'")).toList();
  }

  @Test
  void the_reply_says_who_is_there_and_events_go_on_from_it() {
    World world = new World(parts);
    world.plain("ann").asks(FOLLOW);
    Client tom = world.chatV1("tom");
    String reply = tom.asks(WATCH).get(0);
    assertThat(reply)
        .contains(
            "'presence':{'count':2,'users':[{'id':'ann','name':'ann','connections':1},{'id':'tom'");
    Client bob = world.chatV1("bob");
    bob.asks(FOLLOW);
    assertThat(news(tom)).containsExactly(join("bob"));
    bob.leaves();
    world.pass(Duration.ofSeconds(9));
    assertThat(news(tom)).isEmpty();
    world.pass(Duration.ofSeconds(2));
    assertThat(news(tom)).containsExactly(leave("bob"));
  }

  @Test
  void only_the_first_connection_joins_and_only_the_last_leaves() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.asks(WATCH);
    Client one = world.chatV1("ann");
    Client two = world.plain("ann");
    one.asks(FOLLOW);
    two.asks(FOLLOW);
    assertThat(news(tom)).containsExactly(join("ann"));
    assertThat(tom.asks("{'op':'presence','args':['room_1']}").get(0))
        .contains("{'id':'ann','name':'ann','connections':2}");
    one.leaves();
    world.pass(Duration.ofSeconds(12));
    assertThat(news(tom)).isEmpty();
    two.asks("{'op':'unsubscribe','args':['room_1']}");
    world.pass(Duration.ofSeconds(12));
    assertThat(news(tom)).containsExactly(leave("ann"));
  }

  @Test
  void a_reload_is_neither_leave_nor_join() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.asks(WATCH);
    Client ann = world.chatV1("ann");
    ann.asks(FOLLOW);
    news(tom);
    for (int i = 0; i < 3; i++) {
      ann.leaves();
      world.pass(Duration.ofSeconds(6));
      ann = world.chatV1("ann");
      ann.asks(FOLLOW);
      world.pass(Duration.ofSeconds(6));
    }
    assertThat(news(tom)).isEmpty();
  }

  @Test
  void a_guest_who_has_gone_can_not_come_back_and_is_not_waited_for() {
    // A guest's id is the connection's: each reload left a ghost in the lists of the others.
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.asks(WATCH);
    String id = world.engine().sessions().all().iterator().next().id().value();
    Client gus = world.plain();
    Session session = world.engine().sessions().all().stream()
        .filter(any -> !any.id().value().equals(id))
        .findFirst()
        .orElseThrow();
    String guest = session.id().value();
    world.engine().sessions().login(session, Identity.of(guest, guest));
    gus.asks(FOLLOW);
    assertThat(news(tom)).containsExactly(join(guest));
    // As long as the connection is there the guest may be back.
    gus.asks("{'op':'unsubscribe','args':['room_1']}");
    gus.asks(FOLLOW);
    assertThat(news(tom)).isEmpty();
    gus.leaves();
    world.run();
    assertThat(news(tom)).containsExactly(leave(guest));
    world.pass(Duration.ofSeconds(12));
    assertThat(news(tom)).isEmpty();
  }

  @Test
  void the_grace_begins_with_the_last_leave() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.asks(WATCH);
    Client ann = world.chatV1("ann");
    ann.asks(FOLLOW);
    news(tom);
    ann.leaves();
    world.pass(Duration.ofSeconds(6));
    ann = world.chatV1("ann");
    ann.asks(FOLLOW);
    ann.leaves();
    world.pass(Duration.ofSeconds(8));
    assertThat(news(tom)).isEmpty();
    world.pass(Duration.ofSeconds(4));
    assertThat(news(tom)).containsExactly(leave("ann"));
  }

  @Test
  void who_does_not_ask_is_told_nothing_and_who_leaves_no_more() {
    World world = new World(parts);
    Client quiet = world.chatV1("tom");
    quiet.asks(FOLLOW);
    Client gone = world.chatV1("eve");
    gone.asks(WATCH);
    gone.asks("{'op':'unsubscribe','args':['room_1']}");
    world.chatV1("ann").asks(FOLLOW);
    assertThat(news(quiet)).isEmpty();
    assertThat(news(gone)).isEmpty();
  }

  @Test
  void asking_again_tells_who_is_there_now() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.asks(FOLLOW);
    world.chatV1("ann").asks(FOLLOW);
    assertThat(tom.asks(WATCH).get(0)).contains("'presence':{'count':2");
    world.chatV1("bob").asks(FOLLOW);
    assertThat(news(tom)).containsExactly(join("bob"));
  }

  @Test
  void above_a_bound_counts_take_the_place_of_names_at_most_one_a_second() {
    parts.limits.presenceNames(3);
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.asks(WATCH);
    List<Client> many = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Client one = world.chatV1("u" + i);
      one.asks(FOLLOW);
      many.add(one);
    }
    assertThat(news(tom)).containsExactly(join("u0"), join("u1"));
    world.pass(Duration.ofSeconds(1));
    assertThat(news(tom)).containsExactly("{'event':'presence','channel':'room_1','count':7}");
    world.pass(Duration.ofSeconds(5));
    assertThat(news(tom)).isEmpty();
    for (int i = 0; i < 3; i++) {
      world.chatV1("v" + i).asks(FOLLOW);
      world.clock.advance(Duration.ofMillis(300));
      world.run();
    }
    assertThat(news(tom)).hasSizeLessThanOrEqualTo(1);
    world.pass(Duration.ofSeconds(2));
    many.forEach(Client::leaves);
    world.pass(Duration.ofSeconds(12));
    assertThat(news(tom)).last().asString().contains("'count':4");
  }

  @Test
  void two_hundred_users_are_named_by_default() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.asks(WATCH);
    for (int i = 0; i < 201; i++) {
      world.plain("u" + i).asks(FOLLOW);
    }
    assertThat(news(tom).stream().filter(text -> text.startsWith("{'event':'join'")))
        .hasSize(199);
    String page = tom.asks("{'op':'presence','args':['room_1',{'after':'tom','limit':2}]}")
        .get(0);
    assertThat(page)
        .contains("'count':202")
        .contains("{'id':'u0'")
        .contains("{'id':'u1'")
        .contains("'more':true");
  }

  @Test
  void who_logs_out_and_in_as_another_leaves_and_joins() {
    World world = new World(parts);
    Client tom = world.chatV1("tom");
    tom.asks(WATCH);
    Client ann = world.chatV1("ann");
    ann.asks(FOLLOW);
    ann.asks("{'op':'logout'}");
    hears(ann.asks("{'op':'auth','args':['bob','pw']}"), "{'op':'auth','success'");
    ann.asks(FOLLOW);
    world.pass(Duration.ofSeconds(12));
    assertThat(news(tom)).containsExactly(join("ann"), join("bob"), leave("ann"));
  }
}
