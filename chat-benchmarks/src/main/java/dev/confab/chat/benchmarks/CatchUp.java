package dev.confab.chat.benchmarks;

import dev.confab.chat.Chat;
import dev.confab.chat.Following;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One reader who has been away for long reads a channel's log from its beginning. */
@Command(
    name = "catch-up",
    description = "One reader reads a long log from its beginning.",
    mixinStandardHelpOptions = true)
final class CatchUp implements Callable<Integer> {
  private static final String SCENARIO = "catch-up";
  private static final ChannelName ROOM = ChannelName.of("room_101");
  private static final long WITHIN_SECONDS = 120;
  private static final byte[] ENTRY = Line.marker("{\"event\":\"subscribe\"");
  private static final byte[] LIVE = Line.marker("{\"event\":\"live\"");
  private static final byte[] SEQ = Line.marker("\",\"seq\":");

  @Mixin
  private Options options = new Options();

  @Option(names = "--entries", defaultValue = "100000")
  private int entries = 100_000;

  @Option(names = "--bytes", split = ",", defaultValue = "128,1024", description = "Of each data.")
  private int[] sizes = {128, 1_024};

  /** How long it took, and what it took. */
  private record Reading(double seconds, long wireBytes, long reads) {}

  @Override
  public Integer call() throws Exception {
    List<String> raw = new ArrayList<>();
    raw.add("run,reader,bytes,entries,seconds,wire_bytes,reads");
    Table table = new Table(
        "bytes of data",
        "entries",
        "over a WebSocket, entries/s",
        "MB/s of data",
        "MB/s of text",
        "store reads",
        "host's follower, entries/s",
        "MB/s of data");
    String conditions;
    try (DatabaseServer server = options.start()) {
      conditions = options.conditions(DurablePublish.database(server));
      for (int bytes : sizes) {
        try (Database database = server.create()) {
          fill(database, bytes);
          List<Reading> sockets = new ArrayList<>();
          List<Reading> hosts = new ArrayList<>();
          for (int run = 1; run <= options.runs(); run++) {
            sockets.add(overSocket(database));
            hosts.add(inHost(database));
            raw.add(csv(run, "socket", bytes, sockets.get(run - 1)));
            raw.add(csv(run, "host", bytes, hosts.get(run - 1)));
          }
          table.row(row(bytes, sockets, hosts));
        }
      }
    }
    options.publishTable(SCENARIO, conditions, table, raw);
    return 0;
  }

  private void fill(Database database, int bytes) {
    Json data = Json.string("x".repeat(bytes));
    try (Filling filling = new Filling(database)) {
      for (int entry = 0; entry < entries; entry++) {
        filling.add(ROOM, data);
      }
    }
  }

  private Reading overSocket(Database database)
      throws IOException, InterruptedException, TimeoutException {
    CountingStore store = new CountingStore(database.store());
    try (Venue venue = Venue.open(Venue.chat(store))) {
      Reader reader = new Reader();
      try (Visitors visitors = Visitors.join(venue.uri(), 1, number -> reader)) {
        long from = System.nanoTime();
        visitors
            .get(0)
            .send("{\"op\":\"subscribe\",\"args\":[\"" + ROOM + "\",{\"since\":{\"" + ROOM
                + "\":\"0\"}}]}");
        if (!reader.live.await(WITHIN_SECONDS, TimeUnit.SECONDS)) {
          visitors.check();
          throw new TimeoutException(
              "the reader is at " + reader.seq + " after " + WITHIN_SECONDS + " s");
        }
        double seconds = (System.nanoTime() - from) / 1e9;
        requireAll(reader.seq, reader.gaps);
        return new Reading(seconds, reader.bytes, store.reads());
      }
    }
  }

  private Reading inHost(Database database) throws InterruptedException, TimeoutException {
    CountingStore store = new CountingStore(database.store());
    try (Chat chat = Venue.chat(store)) {
      AtomicLong seq = new AtomicLong();
      AtomicLong gaps = new AtomicLong();
      CountDownLatch done = new CountDownLatch(1);
      long from = System.nanoTime();
      try (Following following = chat.follow(ROOM, Cursor.START, entry -> {
        if (entry.seq() != seq.getAndSet(entry.seq()) + 1) {
          gaps.incrementAndGet();
        }
        if (entry.seq() == entries) {
          done.countDown();
        }
      })) {
        if (!done.await(WITHIN_SECONDS, TimeUnit.SECONDS)) {
          throw new TimeoutException(
              "the follower is at " + following.position() + " after " + WITHIN_SECONDS + " s");
        }
        double seconds = (System.nanoTime() - from) / 1e9;
        requireAll(seq.get(), gaps.get());
        return new Reading(seconds, 0, store.reads());
      }
    }
  }

  private void requireAll(long seq, long gaps) {
    if (seq != entries || gaps != 0) {
      throw new IllegalStateException(
          "Expected " + entries + " entries without gap, got to " + seq + " with gaps: " + gaps);
    }
  }

  private String csv(int run, String reader, int bytes, Reading reading) {
    return run + "," + reader + "," + bytes + "," + entries + "," + reading.seconds + ","
        + reading.wireBytes + "," + reading.reads;
  }

  private List<String> row(int bytes, List<Reading> sockets, List<Reading> hosts) {
    double perSecond = Numbers.median(sockets, reading -> entries / reading.seconds);
    double inHost = Numbers.median(hosts, reading -> entries / reading.seconds);
    return List.of(
        Numbers.count(bytes),
        Numbers.count(entries),
        Numbers.count(perSecond),
        Numbers.count(perSecond * bytes / 1e6),
        Numbers.count(
            Numbers.median(sockets, reading -> reading.wireBytes / reading.seconds / 1e6)),
        Numbers.count(Numbers.median(sockets, Reading::reads)),
        Numbers.count(inHost),
        Numbers.count(inHost * bytes / 1e6));
  }

  /** Reads along. On the wire's thread; others look when it is live. */
  private static final class Reader implements Visitors.Ear {
    private final CountDownLatch live = new CountDownLatch(1);
    private volatile long seq;
    private long gaps;
    private long bytes;

    @Override
    public void line(Line line) {
      if (line.startsWith(ENTRY)) {
        long next = line.numberAfter(SEQ);
        if (next != seq + 1) {
          gaps++;
        }
        seq = next;
        bytes += line.length() + 1;
      } else if (line.startsWith(LIVE)) {
        live.countDown();
      }
    }
  }
}
