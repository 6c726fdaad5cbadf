package dev.confab.chat.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.dialect.ChatV1Dialect;
import dev.confab.chat.internal.outlet.Flights;
import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.internal.outlet.Source;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Result.PresentUser;
import dev.confab.chat.spi.ChatListener.Happening;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.testkit.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Counts and pages of who is where: exact, and no larger than the answer. */
final class AudiencesTest {
  private static final ChannelName ROOM = ChannelName.of("room_1");

  private static final Connection NOWHERE = new Connection() {
    @Override
    public void write(List<Frame> frames, Done done) {
      done.done(null);
    }

    @Override
    public void ping() {}

    @Override
    public void close(CloseReason reason) {}
  };

  private final Limits limits = Limits.defaults();
  private final VirtualTime time = new VirtualTime();
  private final List<Happening> told = new ArrayList<>();
  private final Happenings happenings =
      new Happenings(List.of(told::add), Runnable::run, 1_000_000);
  private final Audiences audiences = new Audiences(happenings, Optional.of(ROOM));
  private long looks;

  private Session sessionOf(String id) {
    return new Session(
        new ConnectionId(id),
        Handshake.of("/chat", Optional.empty()),
        owner -> new Outlet(
            NOWHERE, new ChatV1Dialect(), owner, Runnable::run, new Flights(limits), limits, time),
        ended -> {},
        0,
        0);
  }

  /** A subscription that counts how often anybody looks at it. */
  private final class Seat implements Subscription {
    private final ChannelName channel;
    private final Session session;
    private final UserRef user;
    private boolean over;

    Seat(ChannelName channel, String user, String connection) {
      this.channel = channel;
      this.session = sessionOf(connection);
      this.user = new UserRef(new UserId(user), user);
    }

    @Override
    public ChannelName channel() {
      return channel;
    }

    @Override
    public Session session() {
      looks++;
      return session;
    }

    @Override
    public UserRef user() {
      looks++;
      return user;
    }

    @Override
    public Source source() {
      throw new AssertionError("nobody pulls here");
    }

    @Override
    public boolean isOver() {
      return over;
    }

    @Override
    public void end() {
      over = true;
      audiences.leave(this);
    }
  }

  private Seat join(String user, String connection) {
    Seat seat = new Seat(ROOM, user, connection);
    audiences.join(seat);
    return seat;
  }

  private long looksAt(Runnable question) {
    long before = looks;
    question.run();
    return looks - before;
  }

  @Test
  void counts_and_pages_look_at_no_more_than_their_answer() {
    for (int i = 0; i < 20_000; i++) {
      join("u" + i / 2, "c" + i);
    }
    assertThat(looksAt(() -> {
          assertThat(audiences.connections(ROOM)).isEqualTo(20_000);
          assertThat(audiences.users(ROOM)).isEqualTo(10_000);
          assertThat(audiences.channels()).isEqualTo(1);
        }))
        .isZero();
    // From the middle, too: nobody before it is looked at.
    assertThat(looksAt(() -> assertThat(audiences.after(ROOM, "u5000", "", 10)).hasSize(10)))
        .isLessThanOrEqualTo(10);
    // Ten users with two connections each, whose user is looked at a few times.
    assertThat(looksAt(() -> assertThat(audiences.usersAfter(ROOM, "u5000", 10)).hasSize(10)))
        .isLessThanOrEqualTo(10 * 2 * 3 + 3);
  }

  @Test
  void sessions_and_users_are_paged_from_where_the_page_before_ended() {
    Sessions sessions = new Sessions(limits, happenings);
    for (int i = 0; i < 3_000; i++) {
      Session session = sessionOf("c" + i);
      assertThat(sessions.add(session)).isTrue();
      assertThat(sessions.login(session, Identity.of("u" + i / 3, "name"))).isTrue();
    }
    assertThat(sessions.after(new ConnectionId("c2998"), 10))
        .extracting(session -> session.id().value())
        .startsWith("c2999", "c3", "c30");
    assertThat(sessions.usersAfter(new UserId("u998"), 10))
        .containsExactly(new PresentUser(new UserRef(new UserId("u999"), "name"), 3));
    assertThat(sessions.count()).isEqualTo(3_000);
    assertThat(sessions.users()).isEqualTo(1_000);
  }

  @Test
  void one_who_has_ended_before_joining_leaves_nothing() {
    Seat seat = new Seat(ROOM, "tom", "1");
    seat.end();
    audiences.join(seat);
    assertThat(audiences.channels()).isZero();
    assertThat(audiences.channelsAfter(null, 10)).isEmpty();
    assertThat(told).isEmpty();
    join("ann", "2");
    audiences.join(seat);
    assertThat(audiences.connections(ROOM)).isEqualTo(1);
  }

  @Test
  void one_that_took_the_place_of_another_stays_when_that_one_ends_late() {
    Seat before = join("tom", "1");
    Seat after = join("tom", "1");
    before.end();
    assertThat(audiences.connections(ROOM)).isEqualTo(1);
    assertThat(audiences.users(ROOM)).isEqualTo(1);
    assertThat(audiences.after(ROOM, "", "", 10)).containsExactly(after);
    after.end();
    after.end();
    assertThat(audiences.connections(ROOM)).isZero();
    assertThat(told)
        .containsExactly(new Happening.ChannelOccupied(ROOM), new Happening.ChannelVacated(ROOM));
  }

  @Test
  void users_are_counted_once_wherever_their_connections_stand_in_the_order() {
    Seat first = join("b", "1");
    join("a", "2");
    join("c", "0");
    Seat third = join("b", "3");
    Seat second = join("b", "2");
    assertThat(audiences.users(ROOM)).isEqualTo(3);
    second.end();
    first.end();
    assertThat(audiences.users(ROOM)).isEqualTo(3);
    assertThat(audiences.usersAfter(ROOM, "a", 10))
        .extracting(user -> user.user().name() + user.connections())
        .containsExactly("b1", "c1");
    third.end();
    assertThat(audiences.users(ROOM)).isEqualTo(2);
  }

  @Test
  void every_subscription_is_met_even_if_each_ends_when_it_is_met() {
    for (int i = 0; i < 2_500; i++) {
      join("u" + i % 7, "c" + i);
    }
    List<Subscription> met = new ArrayList<>();
    audiences.forEach(ROOM, member -> {
      met.add(member);
      member.end();
    });
    assertThat(met).hasSize(2_500).doesNotHaveDuplicates();
    assertThat(audiences.channels()).isZero();
  }

  @Test
  void newcomers_are_noticed_in_the_watched_channel_only() {
    assertThat(audiences.newcomers()).isFalse();
    audiences.join(new Seat(ChannelName.of("room_2"), "tom", "1"));
    assertThat(audiences.newcomers()).isFalse();
    join("tom", "1");
    assertThat(audiences.newcomers()).isTrue();
    assertThat(audiences.newcomers()).isFalse();
  }
}
