package dev.confab.chat.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.testkit.QueueExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How the followers of a channel are kept and woken. */
final class PassesTest {
  private final QueueExecutor pumps = new QueueExecutor("pumps");
  private final Followers followers = new Followers(more -> {});
  private long end = 7;
  private final Passes passes = new Passes(followers, pumps, () -> end);

  /** Counts how often it is woken. */
  private static final class Sleeper implements Follower {
    int woken;
    int suspected;
    Runnable then = () -> {};

    @Override
    public void wake(boolean suspect) {
      woken++;
      suspected += suspect ? 1 : 0;
      then.run();
    }

    @Override
    public boolean behind() {
      return false;
    }
  }

  private List<Sleeper> many(int count) {
    List<Sleeper> many = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Sleeper sleeper = new Sleeper();
      many.add(sleeper);
      followers.add(sleeper);
    }
    return many;
  }

  @Test
  void followers_live_in_slices_of_256_and_a_leave_makes_room_for_a_join() {
    List<Followers.Slice> slices = new ArrayList<>();
    List<Sleeper> sleepers = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      Sleeper sleeper = new Sleeper();
      sleepers.add(sleeper);
      slices.add(followers.add(sleeper));
    }
    assertThat(followers.slices()).hasSize(3);
    assertThat(followers.slices()[0].members()).hasSize(256);
    followers.remove(sleepers.get(3), slices.get(3));
    followers.remove(sleepers.get(3), slices.get(3));
    assertThat(followers.count()).isEqualTo(599);
    for (int i = 0; i < 168 + 1; i++) {
      followers.add(new Sleeper());
    }
    assertThat(followers.slices()).hasSize(3);
    assertThat(followers.count()).isEqualTo(768);
    for (int i = 512; i < 600; i++) {
      followers.remove(sleepers.get(i), slices.get(i));
    }
    assertThat(followers.count()).isEqualTo(680);
  }

  @Test
  void an_empty_slice_is_given_up() {
    Sleeper one = new Sleeper();
    Followers.Slice slice = followers.add(one);
    followers.remove(one, slice);
    assertThat(followers.slices()).isEmpty();
    followers.add(one);
    assertThat(followers.slices()).hasSize(1);
  }

  @Test
  void a_small_channel_is_woken_where_it_was_committed_if_that_is_allowed() {
    List<Sleeper> sixteen = many(16);
    passes.want(false, true);
    assertThat(sixteen).allMatch(sleeper -> sleeper.woken == 1);
    passes.want(false, false);
    assertThat(sixteen).allMatch(sleeper -> sleeper.woken == 1);
    pumps.runAll();
    assertThat(sixteen).allMatch(sleeper -> sleeper.woken == 2);
    many(1);
    passes.want(false, true);
    assertThat(sixteen).allMatch(sleeper -> sleeper.woken == 2);
  }

  @Test
  void one_pass_runs_at_a_time_and_what_comes_meanwhile_is_one_more() {
    List<Sleeper> many = many(600);
    passes.want(false, false);
    for (int i = 0; i < 5; i++) {
      passes.want(false, false);
    }
    assertThat(pumps.waiting()).isEqualTo(1);
    pumps.runAll();
    assertThat(many).allMatch(sleeper -> sleeper.woken == 1);
    passes.want(false, false);
    pumps.runOne();
    passes.want(false, false);
    passes.want(false, false);
    pumps.runAll();
    assertThat(many).allMatch(sleeper -> sleeper.woken == 3);
  }

  @Test
  void who_reads_during_a_pass_reads_no_further_than_where_its_slice_began() {
    // Else each comes to another place, because commits go on, and needs a text of its own.
    List<Sleeper> many = many(600);
    assertThat(passes.horizon()).isEqualTo(Long.MAX_VALUE);
    passes.want(false, false);
    pumps.runOne();
    assertThat(passes.horizon()).isEqualTo(7);
    end = 9;
    passes.want(false, false);
    assertThat(passes.horizon()).isEqualTo(7);
    pumps.runOne();
    assertThat(passes.horizon()).isEqualTo(9);
    end = 10;
    pumps.runOne();
    assertThat(many).allMatch(sleeper -> sleeper.woken == 1);
    end = 11;
    assertThat(passes.horizon()).as("until the next, which is wanted, begins").isEqualTo(10);
    pumps.runOne();
    assertThat(passes.horizon()).isEqualTo(11);
    pumps.runAll();
    assertThat(many).allMatch(sleeper -> sleeper.woken == 2);
    assertThat(passes.horizon()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void nobody_reads_what_is_held_back_for_its_sender_whatever_else_is_told_meanwhile() {
    List<Sleeper> many = many(600);
    passes.hold();
    end = 8;
    assertThat(passes.horizon()).isEqualTo(7);
    passes.hold();
    end = 9;
    passes.want(false, false);
    pumps.runOne();
    assertThat(passes.horizon()).as("in a pass for something else").isEqualTo(7);
    passes.release();
    assertThat(passes.horizon()).as("while another is held back").isEqualTo(7);
    passes.release();
    assertThat(passes.horizon()).isEqualTo(9);
    pumps.runAll();
    assertThat(passes.horizon()).isEqualTo(Long.MAX_VALUE);
    assertThat(many).allMatch(sleeper -> sleeper.woken == 1);
  }

  @Test
  void slices_take_turns_with_other_channels() {
    many(600);
    Followers room = new Followers(more -> {});
    Sleeper small = new Sleeper();
    room.add(small);
    passes.want(false, false);
    new Passes(room, pumps, () -> end).want(false, false);
    pumps.runOne();
    pumps.runOne();
    assertThat(small.woken).isEqualTo(1);
    assertThat(pumps.runAll()).isEqualTo(2);
  }

  @Test
  void a_rollback_that_is_noticed_during_a_pass_is_told_by_the_next() {
    List<Sleeper> many = many(3);
    many.get(1).then = () -> {
      many.get(1).then = () -> {};
      passes.want(true, false);
    };
    passes.want(false, true);
    pumps.runAll();
    assertThat(many).allMatch(sleeper -> sleeper.woken == 2 && sleeper.suspected == 1);
  }

  @Test
  void a_channel_without_followers_is_not_passed() {
    passes.want(false, true);
    assertThat(pumps.waiting()).isZero();
  }

  @Test
  void a_rollback_is_never_lost_between_threads() throws InterruptedException {
    // The flag was read and cleared in two steps; what was set between them was forgotten, and
    // readers ahead of the log never heard of the rollback.
    AtomicInteger suspected = new AtomicInteger();
    followers.add(new Follower() {
      @Override
      public void wake(boolean suspect) {
        if (suspect) {
          suspected.incrementAndGet();
        }
      }

      @Override
      public boolean behind() {
        return false;
      }
    });
    AtomicInteger noticed = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    Thread other = new Thread(() -> {
      while (!over.get()) {
        int before = suspected.get();
        passes.want(true, false);
        noticed.incrementAndGet();
        while (suspected.get() == before && !over.get()) {
          Thread.onSpinWait();
        }
      }
    });
    other.start();
    try {
      long until = System.nanoTime() + Duration.ofSeconds(1).toNanos();
      while (System.nanoTime() < until) {
        int owed = noticed.get();
        passes.want(false, false);
        pumps.runAll();
        assertThat(suspected.get()).isGreaterThanOrEqualTo(owed);
      }
    } finally {
      over.set(true);
      other.join();
    }
  }
}
