package dev.confab.chat.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.engine.World;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is left of a follower whose session ends while it begins. */
final class FollowerEndTest {
  @Test
  void a_follower_that_ended_before_it_began_stays_with_no_channel() {
    // It was added to the followers after it had been taken out: woken for ever, and never gone.
    World world = new World();
    world.chatV1("tom");
    var session = world.engine().sessions().all().iterator().next();
    var pins = world.engine().hub().pin(List.of(ChannelName.of("room_1")));
    world.run();
    Pin pin = pins.join().get(0);
    SessionFollower follower = new SessionFollower(
        pin,
        world.engine().hub(),
        session,
        1,
        session.identity().orElseThrow().user(),
        Cursor.START,
        -1,
        0);
    follower.end();
    follower.start(true);
    assertThat(pin.channel().followers().count()).isZero();
  }
}
