package dev.confab.chat.torture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** What is broken, one thing after the other: drawn from the seed, so that the same seed breaks the same things. */
record Plan(List<Step> steps) {
  /** How something is broken. */
  enum Fault {
    /** kill -9 of a server the moment it writes to its store, or up to 6 ms later. */
    SERVER_KILLED("server killed (kill -9) around a commit"),
    /** SIGSTOP, and SIGCONT up to 6 s later. */
    SERVER_PAUSED("server stopped (SIGSTOP) for up to 6 s"),
    /** kill -9 of the database with all its processes, and a start on the same data. */
    DATABASE_KILLED("database killed (kill -9) and restarted"),
    /** Both at once. */
    ALL_KILLED("server and database killed (kill -9) at once"),
    /** The database never hears of a commit. */
    COMMIT_CUT_BEFORE("database connection cut before a commit"),
    /** The commit is sent, and the connection cut at once. */
    COMMIT_CUT_ON_THE_WAY("database connection cut right behind a commit"),
    /** The database has committed, and the answer is lost. */
    COMMIT_CUT_AFTER("database connection cut between commit and answer"),
    /** Reset, both ways. */
    CONNECTIONS_RESET("client connections reset"),
    /** Open, and nothing gets through. */
    HALF_OPEN("client connections half open"),
    /** One byte at a time. */
    BYTE_BY_BYTE("client connections byte by byte"),
    /** A reader that reads nothing for a while. */
    READER_STALLED("reader stalled"),
    /** kill -9 of a process of clients. */
    CLIENTS_KILLED("process of clients killed (kill -9)"),
    /** A process of clients dies between an ack and its note. */
    CLIENTS_DIED_AT_ACK("process of clients died between an ack and its note"),
    /** A process of clients dies between an entry and its note. */
    CLIENTS_DIED_AT_ENTRY("process of clients died between an entry and its note");

    private final String words;

    Fault(String words) {
      this.words = words;
    }

    /** As the report says it. */
    String words() {
      return words;
    }

    private boolean needsServedDatabase() {
      return switch (this) {
        case DATABASE_KILLED,
            ALL_KILLED,
            COMMIT_CUT_BEFORE,
            COMMIT_CUT_ON_THE_WAY,
            COMMIT_CUT_AFTER -> true;
        default -> false;
      };
    }

    /** How often, against the others. */
    private int weight() {
      return switch (this) {
        case SERVER_KILLED -> 5;
        case COMMIT_CUT_BEFORE, COMMIT_CUT_ON_THE_WAY, COMMIT_CUT_AFTER, CONNECTIONS_RESET -> 4;
        case ALL_KILLED, CLIENTS_KILLED, CLIENTS_DIED_AT_ACK, CLIENTS_DIED_AT_ENTRY -> 1;
        default -> 2;
      };
    }
  }

  /**
   * Something that is broken.
   *
   * @param pause how long nothing more is broken before it
   * @param seed what its details are drawn from
   * @param always whether it is done even if the time is over
   */
  record Step(Duration pause, Fault fault, long seed, boolean always) {}

  /** Copies its list. */
  Plan {
    steps = List.copyOf(steps);
  }

  /** The faults of a round on such a database: each kind once, and then as it comes, more than there is time for. */
  static Plan of(long seed, Database.Kind kind, Duration time) {
    Random random = new Random(seed);
    List<Fault> kinds = new ArrayList<>();
    List<Fault> weighted = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      if (kind.served() || !fault.needsServedDatabase()) {
        kinds.add(fault);
        weighted.addAll(Collections.nCopies(fault.weight(), fault));
      }
    }
    Collections.shuffle(kinds, random);
    List<Step> steps = new ArrayList<>();
    for (Fault fault : kinds) {
      steps.add(
          new Step(Duration.ofMillis(500 + random.nextInt(1_000)), fault, random.nextLong(), true));
    }
    for (long pauses = 0; pauses < time.toMillis(); ) {
      int pause = 500 + random.nextInt(4_000);
      Fault fault = weighted.get(random.nextInt(weighted.size()));
      steps.add(new Step(Duration.ofMillis(pause), fault, random.nextLong(), false));
      pauses += pause;
    }
    return new Plan(steps);
  }
}
