package dev.confab.chat.internal.engine;

import static dev.confab.chat.internal.engine.World.hears;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.engine.World.Client;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a sender is told of what it sent, when, and in how many writes. */
final class RepliesTest {
  private static final String FOLLOW = "{'op':'subscribe','args':['room_1']}";
  private static final String SAY = "{'op':'publish','args':['room_1','hi']}";
  private static final String LEAVE = "{'op':'unsubscribe','args':['room_1']}";
  private static final String LEFT = "{'op':'unsubscribe','success':true";
  private static final String EVENT = "{'event':'subscribe','channel':'room_1'";
  private static final String REPLY = "{'op':'publish','success':true";

  private final World world = new World();

  private Client follower(String name) {
    Client client = world.chatV1(name);
    client.asks(FOLLOW);
    return client;
  }

  @Test
  void a_reply_and_the_senders_own_entry_leave_in_one_write() {
    Client ann = follower("ann");
    Client tom = follower("tom");
    int before = tom.writes();
    int others = ann.writes();
    hears(tom.asks(SAY), EVENT, REPLY);
    assertThat(tom.writes() - before).isEqualTo(1);
    assertThat(ann.writes() - others).isEqualTo(1);
  }

  @Test
  void they_do_in_a_room_that_is_not_small_and_for_many_sends_at_once() {
    List<Client> members = new ArrayList<>();
    for (int member = 0; member < 40; member++) {
      members.add(follower("m" + member));
    }
    List<Client> senders = members.subList(10, 30);
    List<Integer> before = senders.stream().map(Client::writes).toList();
    senders.forEach(sender -> sender.says(SAY));
    world.run();
    for (int i = 0; i < senders.size(); i++) {
      assertThat(senders.get(i).writes() - before.get(i)).isEqualTo(1);
      List<String> heard = senders.get(i).heard();
      assertThat(heard).filteredOn(text -> text.startsWith(EVENT)).hasSize(20);
      assertThat(heard).filteredOn(text -> text.startsWith(REPLY)).hasSize(1);
    }
  }

  @Test
  void who_leaves_a_room_in_the_same_breath_is_shown_its_own_entry_before_that() {
    Client tom = follower("tom").stopsReading();
    tom.asks(SAY);
    tom.heard();
    tom.says(SAY).says(LEAVE);
    world.run();
    tom.reads();
    world.run();
    hears(tom.heard(), EVENT, REPLY, LEFT);
    assertThat(world.engine().intake().isIdle()).isTrue();
  }

  @Test
  void so_is_who_leaves_it_when_the_reply_is_known_and_waits() {
    Client tom = follower("tom").stopsReading();
    tom.asks(SAY);
    tom.heard();
    tom.asks(SAY);
    tom.asks(LEAVE);
    tom.reads();
    world.run();
    hears(tom.heard(), EVENT, REPLY, LEFT);
  }

  @Test
  void who_goes_while_it_waits_to_be_shown_that_is_waited_for_no_longer() {
    Client tom = follower("tom").stopsReading();
    tom.asks(SAY);
    tom.asks(SAY);
    tom.asks(LEAVE);
    assertThat(world.engine().intake().isIdle()).isFalse();
    tom.leaves();
    world.run();
    assertThat(world.engine().intake().isIdle()).isTrue();
  }

  @Test
  void a_small_rooms_sender_is_answered_by_whoever_wakes_the_room() {
    Client tom = follower("tom");
    tom.says(SAY);
    world.doors.runAll();
    world.journal.runAll();
    assertThat(world.pumps.waiting()).as("tasks of the pumps").isZero();
    hears(tom.heard(), EVENT, REPLY);
  }

  @Test
  void who_does_not_follow_what_it_writes_to_is_answered_too() {
    Client ann = follower("ann");
    Client tom = world.chatV1("tom");
    hears(tom.asks(SAY), REPLY);
    hears(ann.heard(), EVENT);
    Client plain = world.plain("pat");
    hears(plain.asks(SAY), REPLY);
  }

  @Test
  void a_reply_never_waits_for_a_slow_follower() {
    Client slow = follower("slow").stopsReading();
    Client tom = follower("tom");
    hears(tom.asks(SAY), EVENT, REPLY);
    hears(tom.asks(SAY), EVENT, REPLY);
    assertThat(slow.inFlight()).isEqualTo(1);
  }

  @Test
  void a_sender_that_is_not_reading_just_now_is_answered_when_it_does() {
    Client tom = follower("tom").stopsReading();
    tom.asks(SAY);
    tom.heard();
    tom.asks(SAY);
    assertThat(tom.heard()).isEmpty();
    tom.reads();
    world.run();
    hears(tom.heard(), EVENT, REPLY);
  }
}
