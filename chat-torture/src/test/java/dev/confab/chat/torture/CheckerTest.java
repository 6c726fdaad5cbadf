package dev.confab.chat.torture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.torture.Checker.Rule;
import dev.confab.chat.torture.Checker.Verdict;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The checker finds nothing in a history that was recorded on two servers and PostgreSQL, both killed and restarted on the way;
 * and whatever is wrong with it is found by the rule that is there for it, and by no other.
 */
final class CheckerTest {
  private final History history = recorded();

  private static History recorded() {
    try {
      return History.read(Path.of(
          Objects.requireNonNull(CheckerTest.class.getResource("/recorded")).toURI()));
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private Set<Rule> broken() {
    return Checker.check(history).findings().stream()
        .map(Checker.Finding::rule)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Rule.class)));
  }

  // What is planted.

  private static List<String[]> lines(List<String[]> notes, String what, String channel) {
    return notes.stream()
        .filter(line -> line[0].equals(what) && (channel.isEmpty() || line[1].equals(channel)))
        .toList();
  }

  private static String[] copy(String[] line, String... changes) {
    String[] copy = line.clone();
    for (int i = 0; i < changes.length; i += 2) {
      copy[Integer.parseInt(changes[i])] = changes[i + 1];
    }
    return copy;
  }

  private List<String[]> reader(String name) {
    return history.readers().get(name);
  }

  private String[] head(String channel) {
    return lines(history.log(), "H", channel).get(0);
  }

  private String[] last(String channel) {
    List<String[]> entries = lines(history.log(), "G", channel);
    return entries.get(entries.size() - 1);
  }

  /** An entry more at the end of a channel, which everybody is shown. */
  private void addToAll(String[] entry) {
    String[] head = head(entry[1]);
    long seq = Long.parseLong(head[2]) + 1;
    String[] added =
        copy(entry, "2", String.valueOf(seq), "3", "AddedEntryNo" + seq, "5", String.valueOf(seq));
    history.log().add(added);
    head[2] = String.valueOf(seq);
    head[3] = added[3];
    history
        .readers()
        .values()
        .forEach(notes -> notes.add(
            new String[] {"V", added[1], added[2], added[3], added[6], added[8], added[9], "0"}));
  }

  /** The last entry of a channel has never been: nobody was shown it. */
  private String[] loseLast(String channel) {
    String[] lost = last(channel);
    history.log().remove(lost);
    String[] before = last(channel);
    String[] head = head(channel);
    head[2] = before[2];
    head[3] = before[3];
    Predicate<String[]> ofIt =
        line -> line[0].equals("V") && line[1].equals(channel) && line[2].equals(lost[2]);
    history.readers().values().forEach(notes -> notes.removeIf(ofIt));
    return lost;
  }

  private String[] entryWhere(Predicate<String[]> holds) {
    return lines(history.log(), "G", "").stream().filter(holds).findFirst().orElseThrow();
  }

  private String[] noteWhere(String writer, Predicate<String[]> holds) {
    return history.writers().get(writer).stream().filter(holds).findFirst().orElseThrow();
  }

  // Readers.

  @Test
  void nothing_is_found_in_what_was_recorded() {
    Verdict verdict = Checker.check(history);

    assertThat(verdict.findings()).isEmpty();
    assertThat(verdict.counts().shown()).isGreaterThan(500);
    assertThat(verdict.asked().keySet())
        .as("rules that were asked")
        .containsAll(EnumSet.complementOf(EnumSet.of(Rule.OUTCOME)));
  }

  @Test
  void gap_in_what_a_reader_was_shown_is_found() {
    reader("ar1").remove(lines(reader("ar1"), "V", "room_1").get(7));

    assertThat(broken()).containsExactly(Rule.RUN);
  }

  @Test
  void repeat_in_what_a_reader_was_shown_is_found() {
    String[] shown = lines(reader("br2"), "V", "room_1").get(7);
    reader("br2").add(reader("br2").indexOf(shown), shown);

    assertThat(broken()).containsExactly(Rule.RUN);
  }

  @Test
  void reorder_in_what_a_reader_was_shown_is_found() {
    List<String[]> shown = lines(reader("br2"), "V", "room_1");
    int one = reader("br2").indexOf(shown.get(4));
    int other = reader("br2").indexOf(shown.get(5));
    reader("br2").set(one, shown.get(5));
    reader("br2").set(other, shown.get(4));

    assertThat(broken()).containsExactly(Rule.RUN);
  }

  @Test
  void reader_that_misses_the_end_is_found() {
    List<String[]> shown = lines(reader("ar2"), "V", "room_1");
    reader("ar2").removeAll(shown.subList(shown.size() - 2, shown.size()));

    assertThat(broken()).containsExactly(Rule.COMPLETE);
  }

  @Test
  void reader_that_was_shown_nothing_is_found() {
    reader("ar2").removeIf(line -> !line[0].equals("C"));

    assertThat(broken()).containsExactly(Rule.COMPLETE);
  }

  @Test
  void entry_that_was_shown_and_is_not_in_the_log_is_found() {
    List<String[]> shown = lines(reader("ar2"), "V", "room_1");
    String[] end = shown.get(shown.size() - 1);
    reader("ar2").add(copy(end, "2", String.valueOf(Long.parseLong(end[2]) + 1)));

    assertThat(broken()).containsExactly(Rule.SHOWN);
  }

  @Test
  void number_that_was_used_for_two_entries_is_found() {
    String[] shown = lines(reader("br1"), "V", "room_1").get(9);
    shown[3] = "AnotherEntrysId0";

    assertThat(broken()).containsExactly(Rule.SAME);
  }

  @Test
  void data_that_differs_is_found() {
    lines(reader("br1"), "V", "room_1").get(9)[6] = "0000000000000000";

    assertThat(broken()).containsExactly(Rule.SAME);
  }

  @Test
  void false_reset_is_found() {
    String[] shown = lines(reader("br1"), "V", "room_1").get(9);
    reader("br1").add(reader("br1").indexOf(shown) + 1, new String[] {
      "R", "room_1", shown[2] + "." + shown[3], "0"
    });

    assertThat(broken()).containsExactly(Rule.NO_RESET);
  }

  @Test
  void reader_that_was_told_trimmed_is_found() {
    reader("br1").add(new String[] {"T", "room_1", "1", "4", "0"});

    assertThat(broken()).containsExactly(Rule.NO_RESET);
  }

  @Test
  void server_nobody_read_from_at_the_end_is_found() {
    history.readers().remove("fresh-2");

    assertThat(broken()).containsExactly(Rule.FRESH);
  }

  // Writers.

  @Test
  void lost_ack_is_found() {
    String[] lost = loseLast("room_1");
    // Another attempt may not hide it.
    assertThat(history.writers().get(lost[6]))
        .anyMatch(line -> line[0].equals("A") && line[2].equals(lost[8]));

    assertThat(broken()).containsExactly(Rule.ACKED);
  }

  @Test
  void ack_with_the_place_of_another_is_found() {
    // The writer's last in its channel, so that the order of its sends tells nothing.
    List<String[]> notes = history.writers().get("bk1");
    String[] ack = Crowd.channels(5).stream()
        .map(channel -> lines(notes, "A", channel))
        .filter(acks -> !acks.isEmpty())
        .map(acks -> acks.get(acks.size() - 1))
        .filter(line -> line[7].equals("0") && !last(line[1])[8].equals(line[2]))
        .findFirst()
        .orElseThrow();
    String[] entry = last(ack[1]);
    ack[4] = entry[2];
    ack[5] = entry[2] + "." + entry[3];
    ack[6] = entry[3];

    assertThat(broken()).containsExactly(Rule.ACKED);
  }

  @Test
  void key_that_is_in_the_log_twice_is_found() {
    addToAll(entryWhere(line -> line[1].equals("room_1") && !line[7].equals("-")));

    assertThat(broken()).containsExactly(Rule.KEY_ONCE);
  }

  @Test
  void send_without_key_that_is_in_the_log_twice_is_found() {
    addToAll(entryWhere(line -> line[1].equals("room_1") && line[7].equals("-")));

    assertThat(broken()).containsExactly(Rule.SEND_ONCE);
  }

  @Test
  void refused_send_without_key_that_is_in_the_log_is_found() {
    String[] refused =
        noteWhere("bu4", line -> line[0].equals("E") && line[4].equals("store_unavailable"));
    String[] sent = noteWhere("bu4", line -> line[0].equals("S") && line[2].equals(refused[2]));
    addToAll(new String[] {"G", sent[1], "0", "", "0", "0", "bu4", "-", sent[2], sent[5], "0"});

    assertThat(broken()).containsExactly(Rule.REFUSED);
  }

  @Test
  void entry_that_nobody_sent_is_found() {
    addToAll(new String[] {
      "G", "room_1", "0", "", "0", "0", "bu4", "-", "bu4-999", "0000000000000000", "0"
    });

    assertThat(broken()).containsExactly(Rule.KNOWN);
  }

  @Test
  void key_that_is_never_answered_is_found() {
    String[] ack = noteWhere("bk1", line -> line[0].equals("A"));
    history.writers().get("bk1").removeIf(line -> line[0].equals("A") && line[2].equals(ack[2]));

    assertThat(broken()).containsExactly(Rule.ANSWERED);
  }

  @Test
  void sends_of_one_connection_in_another_order_are_found() {
    List<String[]> notes = history.writers().get("ak3");
    List<String[]> acks = new ArrayList<>();
    for (String[] line : notes) {
      if (line[0].equals("C")) {
        acks.clear();
      }
      if (line[0].equals("A") && line[1].equals("room_1") && line[7].equals("0")) {
        acks.add(line);
        if (acks.size() == 2) {
          break;
        }
      }
    }
    assertThat(acks).hasSize(2);
    // As if the second had been sent first.
    String first = acks.get(0)[3];
    String second = acks.get(1)[3];
    notes.add(indexOfSend(notes, first), notes.remove(indexOfSend(notes, second)));

    assertThat(broken()).containsExactly(Rule.ORDER);
  }

  private static int indexOfSend(List<String[]> notes, String request) {
    for (int i = 0; i < notes.size(); i++) {
      if (notes.get(i)[0].equals("S") && notes.get(i)[4].equals(request)) {
        return i;
      }
    }
    throw new AssertionError("nothing was sent as " + request);
  }

  @Test
  void refusal_that_has_nothing_to_do_with_the_faults_is_found() {
    noteWhere("bk1", line -> line[0].equals("E"))[4] = "internal";

    assertThat(broken()).containsExactly(Rule.CODES);
  }

  @Test
  void outcome_unknown_is_found_unless_the_database_was_away() {
    String[] refusal = noteWhere("bk1", line -> line[0].equals("E"));
    refusal[4] = "outcome_unknown";
    long at = Long.parseLong(refusal[6]);
    history.faults().removeIf(line -> line[0].equals("O"));
    history.faults().add(new String[] {"O", "" + (at - 4_000), "" + at, "0", "0"});
    assertThat(broken()).containsExactly(Rule.OUTCOME);

    history.faults().add(new String[] {"O", "" + (at - 9_000), "" + (at - 5_000), "0", "0"});
    assertThat(broken()).isEmpty();
  }

  @Test
  void outage_of_another_server_is_no_excuse_for_outcome_unknown() {
    String[] refusal = noteWhere("bk1", line -> line[0].equals("E"));
    refusal[4] = "outcome_unknown";
    long at = Long.parseLong(refusal[6]);
    history.faults().removeIf(line -> line[0].equals("O"));
    history.faults().add(new String[] {"O", "" + (at - 9_000), "" + at, "3", "0"});

    assertThat(broken()).containsExactly(Rule.OUTCOME);
  }

  // The log itself.

  @Test
  void gap_in_the_log_is_found() {
    // Of what nobody acked or was shown, so that only the log can tell.
    history.log().removeIf(line -> line[0].equals("G") && line[1].equals("room_1"));
    head("room_1")[2] = "0";
    head("room_1")[3] = "-";
    history.writers().clear();
    history.readers().values().forEach(List::clear);
    history.log().removeIf(line -> !line[1].equals("room_1"));
    assertThat(broken()).isEmpty();

    head("room_1")[2] = "2";
    assertThat(broken()).containsExactly(Rule.DENSE);
  }

  @Test
  void head_that_is_not_the_last_entry_is_found() {
    head("room_1")[3] = "AnotherEntrysId0";

    assertThat(broken()).containsExactly(Rule.DENSE);
  }

  @Test
  void number_that_is_in_the_log_twice_is_found() {
    history.log().add(last("room_1"));

    assertThat(broken()).contains(Rule.DENSE);
  }

  // The servers.

  @Test
  void server_that_does_not_end_in_order_is_found() {
    lines(history.servers(), "stop", "2").get(0)[2] = "1";

    assertThat(broken()).containsExactly(Rule.SERVERS);
  }

  @Test
  void server_that_dies_is_found() {
    history.servers().add(new String[] {"died", "1", "134", "0"});

    assertThat(broken()).containsExactly(Rule.SERVERS);
  }

  @Test
  void server_that_is_out_of_memory_is_found() {
    history.servers().add(new String[] {"memory", "1", "0"});

    assertThat(broken()).containsExactly(Rule.SERVERS);
  }
}
