package dev.confab.chat.internal.hub;

import static dev.confab.chat.internal.hub.Logs.CHAT_V1;
import static dev.confab.chat.internal.hub.Logs.DIALECTS;
import static dev.confab.chat.internal.hub.Logs.PLAIN;
import static dev.confab.chat.internal.hub.Logs.at;
import static dev.confab.chat.internal.hub.Logs.entries;
import static dev.confab.chat.internal.hub.Logs.entry;
import static dev.confab.chat.internal.hub.Logs.head;
import static dev.confab.chat.internal.hub.Logs.redaction;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.hub.Tail.Look;
import dev.confab.chat.internal.hub.Tail.News;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a tail takes, what it says of a position, and what it never shows. */
final class TailTest {
  private static final int BYTES = 1 << 20;

  private final Tail tail = new Tail(DIALECTS, BYTES);

  private Tail opened(long seq) {
    tail.open(head('a', seq));
    return tail;
  }

  private List<Long> shown(Cursor from) {
    List<Entry> found = tail.entries(from, 100);
    return found == null ? List.of() : found.stream().map(Entry::seq).toList();
  }

  @Test
  void what_continues_the_end_is_taken() {
    opened(3);
    assertThat(tail.committed(at('a', 3), entries('a', 4, 6))).isEqualTo(News.AHEAD);
    assertThat(tail.end()).isEqualTo(at('a', 6));
    assertThat(shown(at('a', 3))).containsExactly(4L, 5L, 6L);
    assertThat(shown(at('a', 5))).containsExactly(6L);
  }

  @Test
  void what_was_committed_while_the_head_was_read_is_kept_and_the_higher_end_wins() {
    tail.committed(at('a', 4), entries('a', 5, 6));
    tail.open(head('a', 5));
    assertThat(tail.end()).isEqualTo(at('a', 6));
    assertThat(shown(at('a', 4))).containsExactly(5L, 6L);
    Tail late = new Tail(DIALECTS, BYTES);
    late.committed(at('a', 4), entries('a', 5, 6));
    late.open(head('a', 9));
    assertThat(late.end()).isEqualTo(at('a', 9));
    assertThat(late.covers(at('a', 4))).isFalse();
  }

  @Test
  void a_gap_moves_the_end_and_leaves_the_rest_to_the_store() {
    opened(0);
    tail.committed(at('a', 0), entries('a', 1, 2));
    assertThat(tail.committed(at('a', 4), entries('a', 5, 6))).isEqualTo(News.AHEAD);
    assertThat(tail.look(at('a', 2), CHAT_V1, BYTES)).isInstanceOf(Look.Elsewhere.class);
    assertThat(shown(at('a', 4))).containsExactly(5L, 6L);
  }

  @Test
  void entries_of_others_between_the_place_before_and_the_first_entry_are_not_passed_over() {
    // The place told by a look-up may lie several entries before what is told: the tail counted on
    // from it, and a reader standing there was given the fourth entry as if it were the second.
    opened(1);
    assertThat(tail.committed(at('a', 1), entries('a', 4, 5))).isEqualTo(News.AHEAD);
    assertThat(tail.end()).isEqualTo(at('a', 5));
    assertThat(tail.look(at('a', 1), CHAT_V1, BYTES)).isInstanceOf(Look.Elsewhere.class);
    assertThat(tail.look(at('a', 3), CHAT_V1, BYTES)).isInstanceOf(Look.Elsewhere.class);
    assertThat(shown(at('a', 4))).containsExactly(5L);
    assertThat(tail.committed(at('a', 5), List.of(entry('a', 8)))).isEqualTo(News.AHEAD);
    assertThat(tail.end()).isEqualTo(at('a', 8));
    assertThat(tail.look(at('a', 5), CHAT_V1, BYTES)).isInstanceOf(Look.Elsewhere.class);
    assertThat(tail.committed(at('a', 5), List.of(entry('a', 8)))).isEqualTo(News.OLD);
  }

  @Test
  void old_news_change_nothing() {
    opened(0);
    tail.committed(at('a', 0), entries('a', 1, 5));
    assertThat(tail.committed(at('a', 2), entries('a', 3, 4))).isEqualTo(News.OLD);
    assertThat(tail.committed(at('a', 0), entries('a', 1, 5))).isEqualTo(News.OLD);
    assertThat(shown(at('a', 0))).hasSize(5);
  }

  @Test
  void another_entry_at_the_same_number_is_a_rollback() {
    opened(0);
    tail.committed(at('a', 0), entries('a', 1, 5));
    assertThat(tail.committed(at('a', 3), entries('b', 4, 4))).isEqualTo(News.ROLLBACK);
    assertThat(tail.end()).isEqualTo(at('b', 4));
    assertThat(tail.look(at('a', 4), CHAT_V1, BYTES)).isInstanceOf(Look.Elsewhere.class);
  }

  @Test
  void news_that_continue_another_log_are_a_rollback() {
    opened(0);
    tail.committed(at('a', 0), entries('a', 1, 5));
    assertThat(tail.committed(at('b', 5), entries('b', 6, 7))).isEqualTo(News.ROLLBACK);
    assertThat(shown(at('a', 5))).isEmpty();
    assertThat(shown(at('b', 5))).containsExactly(6L, 7L);
  }

  @Test
  void news_of_what_is_not_known_here_have_to_be_looked_up() {
    opened(5);
    assertThat(tail.committed(at('b', 1), entries('b', 2, 3))).isEqualTo(News.UNCLEAR);
    assertThat(tail.end()).isEqualTo(at('a', 5));
  }

  @Test
  void a_head_of_the_store_that_lies_below_where_it_was_asked_is_a_rollback() {
    opened(0);
    tail.committed(at('a', 0), entries('a', 1, 5));
    assertThat(tail.head(at('a', 3), at('a', 5))).isEqualTo(News.ROLLBACK);
    assertThat(tail.end()).isEqualTo(at('a', 3));
    assertThat(tail.bytes()).isZero();
  }

  @Test
  void a_head_that_was_read_before_a_commit_is_no_rollback() {
    opened(0);
    tail.committed(at('a', 0), entries('a', 1, 5));
    assertThat(tail.head(at('a', 3), at('a', 3))).isEqualTo(News.OLD);
    assertThat(tail.head(at('b', 3), at('a', 4))).isEqualTo(News.UNCLEAR);
    assertThat(tail.end()).isEqualTo(at('a', 5));
  }

  @Test
  void a_head_with_another_id_is_a_rollback() {
    opened(5);
    assertThat(tail.head(at('b', 5), at('a', 5))).isEqualTo(News.ROLLBACK);
    assertThat(tail.end()).isEqualTo(at('b', 5));
  }

  @Test
  void a_head_ahead_moves_the_end_and_what_does_not_reach_it_is_shown_to_nobody() {
    // It was: who stood in it was shown what a log that had gone back and grown past it did not
    // hold any more, however long after.
    opened(0);
    tail.committed(at('a', 0), entries('a', 1, 2));
    assertThat(tail.head(at('a', 9), at('a', 2))).isEqualTo(News.AHEAD);
    assertThat(tail.look(at('a', 0), CHAT_V1, BYTES)).isInstanceOf(Look.Elsewhere.class);
    assertThat(tail.covers(at('a', 1))).isFalse();
    assertThat(tail.look(at('a', 2), CHAT_V1, BYTES)).isInstanceOf(Look.Elsewhere.class);
    tail.committed(at('a', 9), entries('a', 10, 10));
    assertThat(shown(at('a', 9))).containsExactly(10L);
    assertThat(tail.covers(at('a', 2))).isFalse();
  }

  @Test
  void a_place_of_ours_that_the_store_does_not_know_is_a_rollback() {
    opened(0);
    tail.committed(at('a', 0), entries('a', 1, 5));
    assertThat(tail.misfit(at('a', 4), at('b', 7), at('a', 5))).isEqualTo(News.ROLLBACK);
    assertThat(tail.end()).isEqualTo(at('b', 7));
    Tail other = new Tail(DIALECTS, BYTES);
    other.open(head('b', 7));
    assertThat(other.misfit(at('a', 4), at('b', 7), at('b', 7))).isEqualTo(News.OLD);
  }

  @Test
  void news_that_pass_a_place_known_otherwise_are_a_rollback() {
    opened(0);
    tail.committed(at('a', 0), entries('a', 1, 5));
    assertThat(tail.committed(at('a', 3), entries('b', 4, 7))).isEqualTo(News.ROLLBACK);
    assertThat(tail.end()).isEqualTo(at('b', 7));
  }

  @Test
  void news_that_pass_the_end_as_it_is_known_are_none() {
    opened(0);
    tail.committed(at('a', 0), entries('a', 1, 5));
    assertThat(tail.committed(at('a', 3), entries('a', 4, 7))).isEqualTo(News.AHEAD);
  }

  @Test
  void an_answer_of_before_the_log_went_back_is_asked_for_again() {
    // It was taken for one of a log that had grown: the end was then where no log ended any more.
    opened(0);
    tail.committed(at('a', 0), entries('a', 1, 5));
    tail.head(at('a', 3), at('a', 5));
    assertThat(tail.head(at('a', 5), at('a', 5))).isEqualTo(News.UNCLEAR);
    assertThat(tail.end()).isEqualTo(at('a', 3));
    assertThat(tail.head(at('a', 3), at('a', 5))).isEqualTo(News.OLD);
  }

  @Test
  void a_head_that_is_another_where_the_log_is_known_is_asked_for_again() {
    opened(0);
    tail.committed(at('a', 0), entries('a', 1, 5));
    assertThat(tail.head(at('b', 4), at('a', 3))).isEqualTo(News.UNCLEAR);
    assertThat(tail.head(at('a', 4), at('a', 3))).isEqualTo(News.OLD);
  }

  @Test
  void a_position_ahead_is_told_apart_from_the_end() {
    opened(5);
    assertThat(tail.look(at('a', 6), CHAT_V1, BYTES)).isInstanceOf(Look.Ahead.class);
    assertThat(tail.look(at('a', 5), CHAT_V1, BYTES)).isInstanceOf(Look.Current.class);
    assertThat(tail.look(at('b', 5), CHAT_V1, BYTES)).isInstanceOf(Look.Elsewhere.class);
    assertThat(tail.look(at('a', 4), CHAT_V1, BYTES)).isInstanceOf(Look.Elsewhere.class);
  }

  @Test
  void a_bound_in_bytes_lets_the_oldest_go() {
    Tail small = new Tail(DIALECTS, 2_000);
    small.open(head('a', 0));
    for (int seq = 1; seq <= 50; seq++) {
      small.committed(at('a', seq - 1), entries('a', seq, seq));
      assertThat(small.bytes()).isLessThanOrEqualTo(2_000);
      assertThat(small.covers(at('a', seq - 1))).isTrue();
    }
    assertThat(small.covers(at('a', 10))).isFalse();
    for (int seq = 44; seq < 50; seq++) {
      if (small.covers(at('a', seq))) {
        small.look(at('a', seq), CHAT_V1, BYTES);
        small.look(at('a', seq), PLAIN, BYTES);
      }
      assertThat(small.bytes()).isLessThanOrEqualTo(2_000);
    }
    assertThat(small.shed(0)).isPositive();
    assertThat(small.bytes()).isZero();
    assertThat(small.end()).isEqualTo(at('a', 50));
  }

  @Test
  void those_at_the_same_place_share_one_text() {
    opened(0);
    tail.committed(at('a', 0), entries('a', 1, 3));
    Run first = run(at('a', 0), CHAT_V1, BYTES);
    assertThat(run(at('a', 0), CHAT_V1, BYTES)).isSameAs(first);
    assertThat(first.frames()).hasSize(1);
    assertThat(first.shown()).isEqualTo(3);
    assertThat(run(at('a', 0), PLAIN, BYTES).frames()).hasSize(3);
    tail.committed(at('a', 3), entries('a', 4, 4));
    assertThat(run(at('a', 0), CHAT_V1, BYTES).shown()).isEqualTo(4);
  }

  @Test
  void followers_at_one_place_share_a_run_of_a_full_tail_too() {
    // Each made its own text of the same entries as soon as a room had said as much as its tail
    // holds.
    Tail full = new Tail(DIALECTS, 20_000);
    full.open(head('a', 0));
    full.committed(at('a', 0), entries('a', 1, 200));
    assertThat(full.covers(at('a', 0))).isFalse();
    for (long seq = 200; seq < 300; seq += 10) {
      full.committed(at('a', seq), entries('a', seq + 1, seq + 10));
      assertThat(run(full, at('a', seq))).isSameAs(run(full, at('a', seq)));
      assertThat(full.bytes()).isLessThanOrEqualTo(20_000);
    }
  }

  private static Run run(Tail of, Cursor from) {
    return ((Look.Here) of.look(from, CHAT_V1, BYTES)).run();
  }

  @Test
  void a_run_ends_at_so_many_bytes_but_holds_an_entry() {
    opened(0);
    tail.committed(at('a', 0), entries('a', 1, 3));
    Run run = run(at('a', 0), CHAT_V1, 1);
    assertThat(run.shown()).isEqualTo(1);
    assertThat(run.to()).isEqualTo(at('a', 1));
    assertThat(run.more()).isTrue();
  }

  @Test
  void an_entry_that_a_dialect_does_not_show_moves_the_position() {
    opened(0);
    tail.committed(at('a', 0), List.of(entry('a', 1), redaction('a', 2, 1)));
    Run plain = run(at('a', 1), PLAIN, BYTES);
    assertThat(plain.frames()).isEmpty();
    assertThat(plain.to()).isEqualTo(at('a', 2));
    assertThat(run(at('a', 1), CHAT_V1, BYTES).shown()).isEqualTo(1);
  }

  @Test
  void a_redacted_entry_is_shown_to_nobody_who_comes_later() {
    opened(0);
    tail.committed(at('a', 0), List.of(entry('a', 1, "\"secret\"")));
    assertThat(text(at('a', 0))).contains("secret");
    tail.committed(at('a', 1), List.of(redaction('a', 2, 1)));
    assertThat(text(at('a', 0))).doesNotContain("secret").contains("\"data\":null");
  }

  @Test
  void a_redaction_that_was_found_in_the_store_counts_too() {
    // The tail learnt only of the new head, and went on showing what had been taken away.
    opened(0);
    tail.committed(at('a', 0), List.of(entry('a', 1, "\"secret\"")));
    tail.redacted(redaction('a', 2, 1));
    assertThat(text(at('a', 0))).doesNotContain("secret");
  }

  @Test
  void a_text_made_before_a_redaction_is_not_shared_after_it() {
    // The run was remembered when it was ready, although what it shows had been taken away
    // meanwhile: everybody at that place was given it.
    boolean[] redacted = new boolean[1];
    Dialect slow = new Slow(() -> {
      if (!redacted[0]) {
        redacted[0] = true;
        tailOf().committed(at('a', 2), List.of(redaction('a', 3, 1)));
      }
    });
    slowTail = new Tail(List.of(slow), BYTES);
    slowTail.open(head('a', 0));
    slowTail.committed(at('a', 0), List.of(entry('a', 1, "\"secret\""), entry('a', 2)));
    slowTail.look(at('a', 0), 0, 1);
    Look second = slowTail.look(at('a', 0), 0, 1);
    assertThat(((Look.Here) second).run().frames())
        .noneMatch(frame -> frame.text().contains("secret"));
  }

  @Test
  void text_of_an_entry_that_is_gone_meanwhile_is_not_counted() {
    // What a rollback took away while it was encoded went on being counted: the tail was then
    // always that much nearer to its bound, and never empty.
    Slow slow = new Slow(() -> tailOf().misfit(at('a', 1), at('b', 0), at('a', 1)));
    slowTail = new Tail(List.of(slow), BYTES);
    slowTail.open(head('a', 0));
    slowTail.committed(at('a', 0), entries('a', 1, 1));
    slowTail.look(at('a', 0), 0, BYTES);
    assertThat(slowTail.covers(at('a', 0))).isFalse();
    assertThat(slowTail.bytes()).isZero();
  }

  private Tail slowTail = tail;

  private Tail tailOf() {
    return slowTail;
  }

  /** Does something else while it encodes. */
  private record Slow(Runnable meanwhile) implements Dialect {
    @Override
    public Manners manners() {
      return DIALECTS.get(CHAT_V1).manners();
    }

    @Override
    public Conversation open(Opening opening) {
      return DIALECTS.get(CHAT_V1).open(opening);
    }

    @Override
    public Optional<String> encode(Event event) {
      meanwhile.run();
      return DIALECTS.get(CHAT_V1).encode(event);
    }
  }

  @Test
  void nothing_is_shown_beyond_a_horizon_and_those_who_stop_there_share_one_text() {
    tail.open(head('a', 0));
    tail.committed(Cursor.START, entries('a', 1, 3));
    Run early = ((Look.Here) tail.look(Cursor.START, CHAT_V1, BYTES, 3)).run();
    tail.committed(at('a', 3), entries('a', 4, 6));
    Run late = ((Look.Here) tail.look(Cursor.START, CHAT_V1, BYTES, 3)).run();
    assertThat(late).isSameAs(early);
    assertThat(late.to()).isEqualTo(at('a', 3));
    assertThat(late.more()).isFalse();
    assertThat(tail.look(at('a', 3), CHAT_V1, BYTES, 3)).isInstanceOf(Look.Current.class);
    assertThat(tail.look(at('a', 5), CHAT_V1, BYTES, 3)).isInstanceOf(Look.Current.class);
    assertThat(run(at('a', 3), CHAT_V1, BYTES).to()).isEqualTo(at('a', 6));
  }

  private Run run(Cursor from, int dialect, int bytes) {
    return ((Look.Here) tail.look(from, dialect, bytes)).run();
  }

  private String text(Cursor from) {
    StringBuilder text = new StringBuilder();
    run(from, CHAT_V1, BYTES)
        .frames()
        .forEach(frame -> text.append(frame.text()).append('\n'));
    return text.toString();
  }
}
