package dev.confab.chat.internal.engine;

import static dev.confab.chat.internal.engine.World.hears;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.engine.World.Client;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.spi.ChatListener.Happening.OnlineCounted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How many are online is told when it has changed, and not more often than once a second. */
final class HeadcountTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<OnlineCounted> told = new ArrayList<>();
  private final World world = world();

  private World world() {
    World.Parts parts = new World.Parts();
    parts.onlineCounts = Optional.of(ChannelName.of("room_online"));
    parts.limits.presenceGrace(Duration.ZERO);
    parts.listeners.add(happening -> {
      if (happening instanceof OnlineCounted counted) {
        told.add(counted);
      }
    });
    return new World(parts);
  }

  @Test
  void what_changes_within_a_second_is_told_once_and_what_does_not_change_is_not_told() {
    world.pass(SECOND);
    assertThat(told).isEmpty();
    world.chatV1("tom");
    world.chatV1("tom");
    Client ann = world.chatV1("ann");
    assertThat(told).isEmpty();
    world.pass(SECOND);
    assertThat(told).containsExactly(new OnlineCounted(3, 2));
    world.pass(Duration.ofSeconds(5));
    assertThat(told).hasSize(1);
    ann.leaves();
    world.chatV1();
    world.pass(SECOND);
    assertThat(told).endsWith(new OnlineCounted(3, 1)).hasSize(2);
  }

  @Test
  void more_frequent_looks_do_not_tell_more_often() {
    // Looks come as often as a tenth of the shortest limit.
    World.Parts parts = new World.Parts();
    parts.limits.stallAfter(SECOND);
    List<OnlineCounted> often = new ArrayList<>();
    parts.listeners.add(happening -> {
      if (happening instanceof OnlineCounted counted) {
        often.add(counted);
      }
    });
    World busy = new World(parts);
    for (int i = 0; i < 40; i++) {
      busy.chatV1("u" + i);
      busy.clock.advance(Duration.ofMillis(100));
      busy.run();
    }
    assertThat(often.size()).isBetween(3, 5);
  }

  @Test
  void who_subscribes_is_told_although_nothing_has_changed() {
    Client tom = world.chatV1("tom");
    world.pass(SECOND);
    hears(
        tom.asks("{'op':'subscribe','args':['room_online']}"), "{'op':'subscribe','success':true");
    world.pass(SECOND);
    String counts =
        "{'event':'signal','channel':'room_online','seq':0,'data':{'connections':1,'users':1}}";
    hears(tom.heard(), counts);
    world.pass(Duration.ofSeconds(3));
    hears(tom.heard());
    hears(tom.asks("{'op':'unsubscribe','args':['room_online']}"), "{'op':'unsubscribe'");
    hears(
        tom.asks("{'op':'subscribe','args':['room_online']}"), "{'op':'subscribe','success':true");
    world.pass(SECOND);
    hears(tom.heard(), counts);
    assertThat(told).hasSize(1);
  }
}
