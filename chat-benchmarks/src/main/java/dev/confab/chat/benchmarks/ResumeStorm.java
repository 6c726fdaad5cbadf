package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.DatabaseServer.Database;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Everybody comes back at once, to a server that was started afresh and has nothing in memory: how long until all have what
 * they missed.
 */
@Command(
    name = "resume-storm",
    description = "Many clients resume many channels at once, from a cold server.",
    mixinStandardHelpOptions = true)
final class ResumeStorm implements Callable<Integer> {
  private static final String SCENARIO = "resume-storm";
  private static final Json DATA = Json.string("x".repeat(128));
  private static final long WITHIN_SECONDS = 120;
  private static final byte[] ENTRY = Line.marker("{\"event\":\"subscribe\"");
  private static final byte[] LIVE = Line.marker("{\"event\":\"live\"");
  private static final byte[] SUBSCRIBED = Line.marker("{\"op\":\"subscribe\",\"success\":true");
  private static final byte[] SEQ = Line.marker("\",\"seq\":");

  @Mixin
  private Options options = new Options();

  @Option(names = "--clients", defaultValue = "1000")
  private int clients = 1_000;

  @Option(names = "--channels", defaultValue = "20", description = "Of each client.")
  private int channels = 20;

  @Option(names = "--missed", defaultValue = "10", description = "Messages in each channel.")
  private int missed = 10;

  @Option(
      names = "--rooms",
      split = ",",
      defaultValue = "20,1000",
      description = "How many rooms there are in all; each client is in some of them.")
  private int[] rooms = {20, 1_000};

  /** What one storm brought. */
  private record Storm(
      double seconds,
      long median,
      long last,
      long entries,
      long reads,
      long questions,
      double join) {}

  @Override
  public Integer call() throws Exception {
    List<String> raw = new ArrayList<>();
    raw.add(
        "run,rooms,clients,channels,missed,seconds,p50_ns,last_ns,entries,reads,head_questions,join_seconds");
    Table table = new Table(
        "rooms",
        "members of each",
        "entries delivered",
        "until all have everything, s",
        "until half of them have, s",
        "entries/s",
        "store reads",
        "head questions",
        "connecting and login before, s");
    String conditions;
    try (DatabaseServer server = options.start()) {
      conditions = options.conditions(DurablePublish.database(server));
      for (int many : rooms) {
        List<Storm> storms = new ArrayList<>();
        try (Database database = server.create()) {
          List<Cursor> cursors = fill(database, many);
          for (int run = 1; run <= options.runs(); run++) {
            Storm storm = storm(database, many, cursors);
            storms.add(storm);
            raw.add(String.join(
                ",",
                List.of(
                    String.valueOf(run),
                    String.valueOf(many),
                    String.valueOf(clients),
                    String.valueOf(channels),
                    String.valueOf(missed),
                    String.valueOf(storm.seconds),
                    String.valueOf(storm.median),
                    String.valueOf(storm.last),
                    String.valueOf(storm.entries),
                    String.valueOf(storm.reads),
                    String.valueOf(storm.questions),
                    String.valueOf(storm.join))));
          }
        }
        table.row(row(many, storms));
      }
    }
    options.publishTable(SCENARIO, conditions, table, raw);
    return 0;
  }

  /** Fills the rooms and gives, of each, the place everybody was at: behind its first message. */
  private List<Cursor> fill(Database database, int many) {
    Filling filling = new Filling(database);
    List<Cursor> cursors = new ArrayList<>();
    for (int room = 0; room < many; room++) {
      cursors.add(filling.first(name(room), DATA));
    }
    for (int message = 0; message < missed; message++) {
      for (int room = 0; room < many; room++) {
        filling.add(name(room), DATA);
      }
    }
    filling.close();
    return cursors;
  }

  private static ChannelName name(int room) {
    return ChannelName.of("room_" + room);
  }

  private Storm storm(Database database, int many, List<Cursor> cursors)
      throws IOException, InterruptedException, TimeoutException {
    CountingStore store = new CountingStore(database.store());
    try (Venue venue = Venue.open(Venue.chat(store))) {
      Everybody everybody = new Everybody();
      long arriving = System.nanoTime();
      try (Visitors visitors = Visitors.join(venue.uri(), clients, number -> everybody.new One())) {
        List<String> requests = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
          requests.add(request(client, many, cursors));
        }
        double join = (System.nanoTime() - arriving) / 1e9;
        everybody.from = System.nanoTime();
        for (int client = 0; client < clients; client++) {
          visitors.get(client).send(requests.get(client));
        }
        if (!everybody.done.await(WITHIN_SECONDS, TimeUnit.SECONDS)) {
          visitors.check();
          throw new TimeoutException(
              everybody.done.getCount() + " clients have not everything after " + WITHIN_SECONDS
                  + " s; entries came: " + everybody.entries);
        }
        long expected = (long) clients * channels * missed;
        if (everybody.entries.get() != expected || everybody.wrong.get() != 0) {
          throw new IllegalStateException("Expected " + expected + " entries, got "
              + everybody.entries + ", and lines that were wrong: " + everybody.wrong);
        }
        return new Storm(
            everybody.last.get() / 1e9,
            everybody.times.getValueAtPercentile(50),
            everybody.last.get(),
            expected,
            store.reads(),
            store.questions(),
            join);
      }
    }
  }

  /** Spread so that each room has as many members as any other. */
  private String request(int client, int many, List<Cursor> cursors) {
    StringBuilder names = new StringBuilder();
    StringBuilder since = new StringBuilder();
    for (int channel = 0; channel < channels; channel++) {
      int room = (client * channels + channel) % many;
      names.append('"').append(name(room)).append("\",");
      since
          .append(channel == 0 ? "" : ",")
          .append('"')
          .append(name(room))
          .append("\":\"")
          .append(cursors.get(room))
          .append('"');
    }
    return "{\"op\":\"subscribe\",\"args\":[" + names + "{\"since\":{" + since + "}}]}";
  }

  private List<String> row(int many, List<Storm> storms) {
    return List.of(
        Numbers.count(many),
        Numbers.count((double) clients * channels / many),
        Numbers.count(storms.get(0).entries),
        Numbers.seconds(Numbers.median(storms, Storm::seconds)),
        Numbers.seconds(Numbers.median(storms, storm -> storm.median / 1e9)),
        Numbers.count(Numbers.median(storms, storm -> storm.entries / storm.seconds)),
        Numbers.count(Numbers.median(storms, Storm::reads)),
        Numbers.count(Numbers.median(storms, Storm::questions)),
        Numbers.seconds(Numbers.median(storms, Storm::join)));
  }

  /** All clients of one storm. */
  private final class Everybody {
    private final CountDownLatch done = new CountDownLatch(clients);
    private final AtomicLong entries = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private final AtomicLong last = new AtomicLong();
    private final ConcurrentHistogram times = new ConcurrentHistogram(3);
    private volatile long from;

    /** What one client has. On the wire's thread. */
    private final class One implements Visitors.Ear {
      private int came;
      private int live;
      private boolean subscribed;

      @Override
      public void line(Line line) {
        if (line.startsWith(ENTRY)) {
          came++;
          long seq = line.numberAfter(SEQ);
          if (seq < 2 || seq > missed + 1) {
            wrong.incrementAndGet();
          }
        } else if (line.startsWith(LIVE)) {
          live++;
        } else if (line.startsWith(SUBSCRIBED) && !subscribed) {
          subscribed = true;
        } else {
          wrong.incrementAndGet();
        }
        if (subscribed && live == channels && came == channels * missed) {
          // Counted once: nothing more comes, and if it did it would be wrong.
          live++;
          long took = System.nanoTime() - from;
          entries.addAndGet(came);
          times.recordValue(took);
          last.accumulateAndGet(took, Math::max);
          done.countDown();
        }
      }
    }
  }
}
