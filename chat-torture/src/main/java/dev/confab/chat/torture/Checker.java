package dev.confab.chat.torture;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Asks a {@link History} whether everything that was promised was kept. Used once, by one thread. */
final class Checker {
  /** What must hold. */
  enum Rule {
    ACKED("what was acked is in the log, at the place the ack named"),
    ANSWERED("who repeats with a key is answered in the end"),
    DENSE("seq is 1, 2, 3 … in the log, and the head is its last"),
    KEY_ONCE("a key is in the log at most once"),
    SEND_ONCE("a send without key is in the log at most once"),
    REFUSED("a send without key that was refused is not in the log"),
    KNOWN("the log holds what was sent, as it was sent, and nothing else"),
    ORDER("sends of one connection to one channel keep their order"),
    RUN("a reader is shown a run without gap, repeat or reorder"),
    COMPLETE("a reader is shown everything up to the head"),
    SHOWN("what was shown is in the log"),
    SAME("id, sender and data are the same everywhere"),
    NO_RESET("no reader is told reset or trimmed"),
    OUTCOME("no outcome_unknown while the database can be asked"),
    CODES("nothing is refused but for trouble with the store or the load"),
    FRESH("everything can be read over each server at the end"),
    SERVERS("servers start, and end, in order, and have memory enough");

    private final String words;

    Rule(String words) {
      this.words = words;
    }

    /** What holds. */
    String words() {
      return words;
    }
  }

  /** What does not hold. */
  record Finding(Rule rule, String what) {
    @Override
    public String toString() {
      return rule + ": " + what;
    }
  }

  /** What was found, and how much was looked at: how often each rule was asked. */
  record Verdict(List<Finding> findings, Map<Rule, Long> asked, Counts counts) {
    boolean clean() {
      return findings.isEmpty();
    }
  }

  /** How much there was. */
  record Counts(
      long sends,
      long acks,
      long duplicates,
      long repeats,
      long refused,
      long lost,
      long shown,
      long connects,
      long entries) {
    static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0);

    Counts plus(Counts more) {
      return new Counts(
          sends + more.sends,
          acks + more.acks,
          duplicates + more.duplicates,
          repeats + more.repeats,
          refused + more.refused,
          lost + more.lost,
          shown + more.shown,
          connects + more.connects,
          entries + more.entries);
    }
  }

  /** Findings beyond that are not told. */
  private static final int FINDINGS = 200;

  /** A server that could not ask for so long, within the time it looks an outcome up, may say so. */
  private static final long UNREACHABLE_MILLIS = 6_000;

  private static final long LOOKUP_MILLIS = 14_000;

  private static final Set<String> CODES =
      Set.of("store_unavailable", "outcome_unknown", "overloaded", "unavailable");

  private record Logged(
      long seq, String id, long no, String sender, String key, String label, String print) {}

  private record Send(String channel, String key, String print) {}

  private final History history;
  private final List<Finding> findings = new ArrayList<>();
  private final Map<Rule, Long> asked = new EnumMap<>(Rule.class);
  private final Map<String, TreeMap<Long, Logged>> log = new HashMap<>();

  /** How often each label is in the log. */
  private final Map<String, Integer> times = new HashMap<>();

  private long sends;
  private long acks;
  private long duplicates;
  private long repeats;
  private long refused;
  private long lost;
  private long shown;
  private long connects;
  private long entries;

  private Checker(History history) {
    this.history = history;
  }

  /** Asks all of it. */
  static Verdict check(History history) {
    Checker checker = new Checker(history);
    checker.log();
    checker.writers();
    checker.readers();
    checker.servers();
    return new Verdict(
        List.copyOf(checker.findings),
        Map.copyOf(checker.asked),
        new Counts(
            checker.sends,
            checker.acks,
            checker.duplicates,
            checker.repeats,
            checker.refused,
            checker.lost,
            checker.shown,
            checker.connects,
            checker.entries));
  }

  private void ask(Rule rule, boolean holds, String otherwise) {
    asked.merge(rule, 1L, Long::sum);
    if (!holds && findings.size() < FINDINGS) {
      findings.add(new Finding(rule, otherwise));
    }
  }

  // The log.

  private void log() {
    Map<String, String[]> heads = new TreeMap<>();
    for (String[] line : history.log()) {
      if (line[0].equals("H")) {
        heads.put(line[1], line);
      } else {
        entries++;
        Logged entry = new Logged(
            Long.parseLong(line[2]),
            line[3],
            Long.parseLong(line[5]),
            line[6],
            line[7],
            line[8],
            line[9]);
        times.merge(entry.label(), 1, Integer::sum);
        Logged other =
            log.computeIfAbsent(line[1], name -> new TreeMap<>()).put(entry.seq(), entry);
        ask(Rule.DENSE, other == null, "twice in the log: " + line[1] + " " + entry.seq());
      }
    }
    log.keySet()
        .forEach(channel ->
            ask(Rule.DENSE, heads.containsKey(channel), channel + " has entries and no head"));
    heads.forEach((channel, head) -> dense(channel, head));
    log.forEach(this::keys);
  }

  private void dense(String channel, String[] head) {
    TreeMap<Long, Logged> its = log.computeIfAbsent(channel, name -> new TreeMap<>());
    long next = 1;
    for (Logged entry : its.values()) {
      ask(
          Rule.DENSE,
          entry.seq() == next && entry.no() == next,
          channel + " has " + entry.seq() + " (message " + entry.no() + ") where " + next
              + " should be");
      next = entry.seq() + 1;
    }
    ask(
        Rule.DENSE,
        Long.parseLong(head[2]) == next - 1
            && (its.isEmpty() || its.lastEntry().getValue().id().equals(head[3]))
            && head[5].equals("0"),
        channel + " ends with " + (next - 1) + ", and its head says " + head[2] + " " + head[3]
            + " above " + head[5]);
  }

  private void keys(String channel, Map<Long, Logged> its) {
    Map<String, Long> places = new HashMap<>();
    for (Logged entry : its.values()) {
      if (!entry.key().equals("-")) {
        Long before = places.put(entry.sender() + " " + entry.key(), entry.seq());
        ask(
            Rule.KEY_ONCE,
            before == null,
            channel + " has the key " + entry.key() + " at " + before + " and " + entry.seq());
      }
    }
  }

  // Who wrote.

  private void writers() {
    Map<String, Send> sent = new HashMap<>();
    Map<String, String> senders = new HashMap<>();
    history.writers().forEach((name, notes) -> writer(name, notes, sent, senders));
    log.forEach((channel, its) -> its.values().forEach(entry -> {
      Send send = sent.get(entry.label());
      ask(
          Rule.KNOWN,
          send != null
              && send.channel().equals(channel)
              && send.key().equals(entry.key())
              && send.print().equals(entry.print())
              && entry.sender().equals(senders.get(entry.label())),
          channel + " " + entry.seq() + " is not what was sent as " + entry.label());
    }));
  }

  private void writer(
      String name, List<String[]> notes, Map<String, Send> sent, Map<String, String> senders) {
    Map<String, String[]> requests = new HashMap<>();
    Set<String> unanswered = new HashSet<>();
    Set<String> refusedForSure = new HashSet<>();
    Order order = new Order(name);
    int server = 0;
    for (String[] line : notes) {
      switch (line[0]) {
        case "C" -> {
          connects++;
          server = Integer.parseInt(line[1]) + 1;
          order.begin();
        }
        case "S" -> {
          sends++;
          Send before = sent.put(line[2], new Send(line[1], line[3], line[5]));
          senders.put(line[2], name);
          if (before != null) {
            repeats++;
          }
          requests.put(line[4], line);
          order.sent(line[4]);
          if (!line[3].equals("-")) {
            unanswered.add(line[2]);
          }
        }
        case "A" -> {
          acks++;
          unanswered.remove(line[2]);
          if (line[7].equals("1")) {
            duplicates++;
          } else {
            order.acked(line[3], line[1], Long.parseLong(line[4]));
          }
          acked(name, line, requests.get(line[3]));
        }
        case "E" -> {
          refused++;
          refused(name, line, server);
          String[] send = requests.get(line[3]);
          if (send != null && send[3].equals("-") && !line[4].equals("outcome_unknown")) {
            refusedForSure.add(line[2]);
          }
        }
        case "L" -> lost++;
        case "U" -> ask(Rule.ANSWERED, false, name + " was answered what it did not ask");
        default -> {
          // Says nothing about a send.
        }
      }
    }
    for (Map.Entry<String, String> each : senders.entrySet()) {
      Send send = sent.get(each.getKey());
      if (each.getValue().equals(name) && send != null && send.key().equals("-")) {
        int often = times.getOrDefault(each.getKey(), 0);
        ask(Rule.SEND_ONCE, often <= 1, each.getKey() + " is " + often + " times in the log");
        if (refusedForSure.contains(each.getKey())) {
          ask(Rule.REFUSED, often == 0, each.getKey() + " was refused and is in the log");
        }
      }
    }
    ask(Rule.ANSWERED, unanswered.isEmpty(), name + " was never acked " + some(unanswered));
  }

  private static String some(Set<String> labels) {
    return labels.stream().sorted().limit(5).toList() + " of " + labels.size();
  }

  private void acked(String name, String[] ack, String @Nullable [] send) {
    TreeMap<Long, Logged> its = log.getOrDefault(ack[1], new TreeMap<>());
    Logged entry = its.get(Long.parseLong(ack[4]));
    ask(
        Rule.ACKED,
        send != null
            && entry != null
            && send[2].equals(ack[2])
            && ack[5].equals(ack[4] + "." + ack[6])
            && entry.id().equals(ack[6])
            && entry.label().equals(ack[2]),
        name + " was acked " + ack[2] + " at " + ack[1] + " " + ack[5] + ", where the log has "
            + (entry == null ? "nothing" : entry.label() + " " + entry.id()));
  }

  private void refused(String name, String[] line, int server) {
    ask(Rule.CODES, CODES.contains(line[4]), name + " was refused " + line[2] + ": " + line[4]);
    if (line[4].equals("outcome_unknown")) {
      long now = Long.parseLong(line[line.length - 1]);
      ask(
          Rule.OUTCOME,
          unreachable(server, now - LOOKUP_MILLIS, now) >= UNREACHABLE_MILLIS,
          name + " was told outcome_unknown of " + line[2] + " at " + now);
    }
  }

  /** For how long this server could not ask its database, or could not run, in this time. */
  private long unreachable(int server, long from, long to) {
    long sum = 0;
    for (String[] line : history.faults()) {
      if (line[0].equals("O") && (line[3].equals("0") || Integer.parseInt(line[3]) == server)) {
        sum += Math.max(
            0, Math.min(to, Long.parseLong(line[2])) - Math.max(from, Long.parseLong(line[1])));
      }
    }
    return sum;
  }

  /** The order of what one connection sent: numbers rise with the requests. */
  private final class Order {
    private final String name;
    private final Map<String, Integer> positions = new HashMap<>();

    /** The places of what was recorded, by channel and the order of sending. */
    private final Map<String, TreeMap<Integer, Long>> places = new HashMap<>();

    Order(String name) {
      this.name = name;
    }

    void begin() {
      positions.clear();
      places.clear();
    }

    void sent(String request) {
      positions.put(request, positions.size());
    }

    void acked(String request, String channel, long seq) {
      Integer position = positions.get(request);
      if (position == null) {
        return;
      }
      TreeMap<Integer, Long> its = places.computeIfAbsent(channel, any -> new TreeMap<>());
      Map.Entry<Integer, Long> before = its.lowerEntry(position);
      Map.Entry<Integer, Long> behind = its.higherEntry(position);
      ask(
          Rule.ORDER,
          (before == null || before.getValue() < seq)
              && (behind == null || behind.getValue() > seq),
          name + " sent " + request + " to " + channel + " and it came to " + seq
              + " out of order");
      its.put(position, seq);
    }
  }

  // Who read.

  private void readers() {
    history.readers().forEach((name, notes) -> {
      Map<String, Long> positions = new TreeMap<>();
      for (String[] line : notes) {
        switch (line[0]) {
          case "C" -> connects++;
          case "B" -> {
            positions.put(line[1], seq(line[2]));
            begins(name, line[1], line[2]);
          }
          case "V" -> shown(name, line, positions);
          case "R", "T" -> {
            ask(Rule.NO_RESET, false, name + " was told " + line[0] + " of " + line[1]);
            if (line[0].equals("R")) {
              positions.put(line[1], seq(line[2]));
            }
          }
          default -> {
            // Says nothing about the log.
          }
        }
      }
      ask(Rule.NO_RESET, true, "");
      log.forEach((channel, its) -> ask(
          Rule.COMPLETE,
          its.isEmpty() || positions.getOrDefault(channel, -1L) >= its.lastKey(),
          name + " ended at " + positions.get(channel) + " of " + channel + ", which ends at "
              + (its.isEmpty() ? 0 : its.lastKey())));
    });
  }

  private static long seq(String cursor) {
    int dot = cursor.indexOf('.');
    return Long.parseLong(dot < 0 ? cursor : cursor.substring(0, dot));
  }

  /** A cursor a reader began at names an entry of the log. */
  private void begins(String name, String channel, String cursor) {
    if (seq(cursor) > 0) {
      Logged entry = log.getOrDefault(channel, new TreeMap<>()).get(seq(cursor));
      ask(
          Rule.SHOWN,
          entry != null && cursor.equals(entry.seq() + "." + entry.id()),
          name + " was told that " + channel + " stands at " + cursor);
    }
  }

  private void shown(String name, String[] line, Map<String, Long> positions) {
    shown++;
    String channel = line[1];
    long seq = Long.parseLong(line[2]);
    Long before = positions.put(channel, seq);
    ask(
        Rule.RUN,
        before != null && seq == before + 1,
        name + " was shown " + channel + " " + seq + " behind " + before);
    Logged entry = log.getOrDefault(channel, new TreeMap<>()).get(seq);
    ask(
        Rule.SHOWN,
        entry != null,
        name + " was shown " + channel + " " + seq + ", which is not in the log");
    if (entry != null) {
      ask(
          Rule.SAME,
          entry.id().equals(line[3])
              && entry.sender().equals(line[4])
              && entry.label().equals(line[5])
              && entry.print().equals(line[6]),
          name + " was shown " + line[5] + " " + line[3] + " as " + channel + " " + seq
              + ", where the log has " + entry.label() + " " + entry.id());
    }
  }

  // The servers.

  private void servers() {
    int count = 0;
    for (String[] line : history.servers()) {
      switch (line[0]) {
        case "servers" -> count = Integer.parseInt(line[1]);
        case "stop" ->
          ask(Rule.SERVERS, line[2].equals("0"), "server " + line[1] + " ended with " + line[2]);
        case "died" ->
          ask(Rule.SERVERS, false, "server " + line[1] + " ended by itself with " + line[2]);
        case "nostart" -> ask(Rule.SERVERS, false, "server " + line[1] + " did not start");
        case "memory" -> ask(Rule.SERVERS, false, "server " + line[1] + " was out of memory");
        default -> ask(Rule.SERVERS, true, "");
      }
    }
    ask(Rule.SERVERS, count > 0, "nothing is known of the servers");
    for (int server = 1; server <= count; server++) {
      ask(
          Rule.FRESH,
          history.readers().containsKey("fresh-" + server),
          "nobody read from server " + server + " at the end");
    }
  }
}
