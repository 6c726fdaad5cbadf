package dev.confab.chat.examples.slow;

import dev.confab.chat.examples.slow.Server.Measured;
import dev.confab.chat.examples.slow.Server.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** What is tried, in the build with smaller numbers than in {@link SlowReaders}. */
final class Scenes {
  static final String ROOM = "room_busy";

  /** So that what is measured is memory, not how soon the stalled are closed. */
  private static final Settings PATIENT = new Settings(4 << 20, 64 << 10, 600_000, 64 << 10);

  private static final int MESSAGE = 8_000;

  private Scenes() {}

  /**
   * What stalled readers cost.
   *
   * @param before what the server said when all were there and nothing had come for them
   * @param after what it said when everything had passed them by
   * @param readers how many
   * @param megabytes how much was written to the room meanwhile
   */
  record Stalled(Measured before, Measured after, int readers, int megabytes) {
    /** Bytes of heap each costs more than before, beside the bytes in flight and what is shared. */
    long bytesEach() {
      return (after.heap() - before.heap() - after.inFlight() - shared(after) + shared(before))
          / readers;
    }

    private static long shared(Measured said) {
      return said.tails() + said.pages();
    }
  }

  /** Readers stop reading; what is written to their room meanwhile is shown to others. */
  static Stalled stalled(Path folder, int readers, int megabytes) {
    int messages = megabytes * 1_000_000 / MESSAGE;
    try (Server server = Server.start(folder, PATIENT, "-Xmx160m");
        Crowd crowd = new Crowd()) {
      // Classes are loaded, buffers made, the tails full.
      server.publish("room_before", 1_000, MESSAGE);
      List<Reader> others = List.of(subscribed(server), subscribed(server));
      for (int i = 0; i < readers; i++) {
        crowd.keep(subscribed(server));
      }
      Measured before = server.withHeap();
      List<Future<Long>> reading = new ArrayList<>();
      for (Reader other : others) {
        reading.add(crowd.begin(() -> {
          other.readTo(messages);
          return other.seq();
        }));
      }
      server.publish(ROOM, messages, MESSAGE);
      Crowd.end(reading);
      Measured after = server.withHeap();
      others.forEach(Reader::close);
      return new Stalled(before, after, readers, megabytes);
    }
  }

  /**
   * What became of a client that reads steadily but slowly.
   *
   * @param read bytes it took
   * @param seq the last it was shown
   * @param head the last that was written
   * @param connected whether it still was in the end
   */
  record Slow(long read, long seq, long head, boolean connected) {}

  /**
   * Reads so many bytes a second for this time, in a room with far more traffic.
   *
   * @param speaks whether it says that it is there, as clients of chat.v1 do
   */
  static Slow slow(
      Path folder,
      Settings settings,
      int bytesASecond,
      Duration time,
      Duration pongEvery,
      boolean speaks) {
    try (Server server = Server.start(folder, settings, "-Xmx160m")) {
      int head = 4_000;
      SlowSocket slow = SlowSocket.subscribe(server.uri(), ROOM);
      try (slow) {
        server.publish(ROOM, head, 1_000);
        long end = System.nanoTime() + time.toNanos();
        long nextPong = System.nanoTime();
        while (System.nanoTime() < end) {
          if (speaks && System.nanoTime() >= nextPong) {
            nextPong += pongEvery.toNanos();
            slow.pong();
          }
          if (!slow.readAt(bytesASecond)) {
            break;
          }
          if (slow.seq() > head / 2) {
            server.publish(ROOM, 2_000, 1_000);
            head += 2_000;
          }
        }
        return new Slow(
            slow.bytes(), slow.seq(), head, server.measured().stalled() == 0 && slow.open());
      }
    }
  }

  /**
   * How readers that are far behind caught up.
   *
   * @param slowestShare how far the slowest was when the first had caught up, as a share of its way
   * @param mostPages the most bytes pages took whenever it was looked
   * @param mostReading how many reads ran at once at most
   * @param reads reads in all
   * @param took until all had caught up
   * @param live from send to shown of live readers meanwhile
   */
  record CatchUp(
      double slowestShare,
      long mostPages,
      int mostReading,
      long reads,
      Duration took,
      Times live) {}

  /** Readers catch up, each from a place of its own in the first half, while others read live. */
  static CatchUp catchUp(
      Path folder, int behind, int live, int messages, int bytes, int rate, Duration atLeast) {
    try (Server server = Server.start(folder, Settings.USUAL, "-Xmx160m");
        Crowd crowd = new Crowd()) {
      server.publish(ROOM, 1, bytes);
      List<String> places = new ArrayList<>();
      try (Reader first = Reader.connect(server.uri()).resume(ROOM, "0")) {
        server.publish(ROOM, messages - 1, bytes);
        while (first.seq() < messages) {
          first.readOne(stamp -> places.add(first.cursor()));
        }
      }
      List<Reader> readers = new ArrayList<>();
      List<Long> starts = new ArrayList<>();
      for (int i = 0; i < behind; i++) {
        Reader reader = Reader.connect(server.uri());
        crowd.keep(reader);
        readers.add(reader);
        starts.add((long) messages / 2 * i / behind + 1);
      }
      long readsBefore = server.measured().reads();
      Live lives = Live.begin(server, crowd, live, messages);
      long begun = System.nanoTime();
      List<Future<double[]>> ends = new ArrayList<>();
      long[] seen = new long[behind];
      for (int i = 0; i < behind; i++) {
        int number = i;
        Reader reader = readers.get(i);
        ends.add(crowd.begin(() -> {
          reader.resume(ROOM, places.get((int) (starts.get(number) - 1)));
          while (reader.seq() < messages) {
            reader.readOne(stamp -> seen[number] = reader.seq());
          }
          double least = 1;
          for (int other = 0; other < behind; other++) {
            long from = starts.get(other);
            least = Math.min(least, Math.max(0, seen[other] - from) / (double) (messages - from));
          }
          return new double[] {System.nanoTime(), least};
        }));
      }
      Future<Long> pages = crowd.begin(() -> {
        long most = 0;
        while (ends.stream().anyMatch(each -> !each.isDone())) {
          most = Math.max(most, server.measured().pages());
          LockSupport.parkNanos(20_000_000);
        }
        return most;
      });
      Times shown = lives.send(rate, atLeast, () -> ends.stream().allMatch(Future::isDone));
      List<double[]> all = new ArrayList<>(Crowd.end(ends));
      all.sort((a, b) -> Double.compare(a[0], b[0]));
      Measured after = server.measured();
      return new CatchUp(
          behind == 0 ? 1 : all.get(0)[1],
          Crowd.end(List.of(pages)).get(0),
          after.mostReading(),
          after.reads() - readsBefore,
          Duration.ofNanos(behind == 0 ? 0 : (long) all.get(behind - 1)[0] - begun),
          shown);
    }
  }

  /**
   * What it cost to let many resume at one place.
   *
   * @param one reads for the first alone
   * @param all reads for all others
   * @param took how long they took
   */
  record Wave(long one, long all, Duration took) {}

  /** Readers resume at the same place, spread over this time. */
  static Wave wave(Path folder, int readers, int messages, Duration over) {
    // Tails so small that all but the newest is read from the store.
    try (Server server =
            Server.start(folder, new Settings(64 << 10, 64 << 10, 30_000, 64 << 10), "-Xmx160m");
        Crowd crowd = new Crowd()) {
      server.publish(ROOM, messages, 200);
      long before = server.measured().reads();
      try (Reader one = Reader.connect(server.uri()).resume(ROOM, "0")) {
        one.readTo(messages);
      }
      long one = server.measured().reads() - before;
      List<Reader> all = new ArrayList<>();
      for (int i = 0; i < readers; i++) {
        Reader reader = Reader.connect(server.uri());
        crowd.keep(reader);
        all.add(reader);
      }
      // What the first has left behind is gone, too.
      LockSupport.parkNanos(Duration.ofMillis(2_500).toNanos());
      before = server.measured().reads();
      long begun = System.nanoTime();
      List<Future<Long>> ends = new ArrayList<>();
      for (int i = 0; i < readers; i++) {
        Reader reader = all.get(i);
        while (System.nanoTime() - begun < over.toNanos() * i / readers) {
          LockSupport.parkNanos(500_000);
        }
        reader.resume(ROOM, "0");
        ends.add(crowd.begin(() -> {
          reader.readTo(messages);
          return reader.seq();
        }));
      }
      Crowd.end(ends);
      return new Wave(
          one, server.measured().reads() - before, Duration.ofNanos(System.nanoTime() - begun));
    }
  }

  /** From send to shown of live readers, while so many others are stalled in the same room. */
  static Times latency(Path folder, int stalled, int live, int rate, Duration time) {
    try (Server server = Server.start(folder, PATIENT, "-Xmx160m");
        Crowd crowd = new Crowd()) {
      for (int i = 0; i < stalled; i++) {
        crowd.keep(subscribed(server));
      }
      int messages = 2_500;
      server.publish(ROOM, messages, MESSAGE);
      Live lives = Live.begin(server, crowd, live, messages);
      // The first second warms up.
      lives.send(rate, Duration.ofSeconds(3), () -> true);
      return lives.send(rate, time, () -> true);
    }
  }

  private static Reader subscribed(Server server) {
    return Reader.connect(server.uri()).subscribe(ROOM);
  }

  /** Readers at the head and somebody who sends at a fixed rate, whatever becomes of what was sent before. */
  private static final class Live {
    private final Crowd crowd;
    private final Reader sender;
    private final List<Reader> readers;
    private long head;

    private Live(Crowd crowd, Reader sender, List<Reader> readers, long head) {
      this.crowd = crowd;
      this.sender = sender;
      this.readers = readers;
      this.head = head;
    }

    static Live begin(Server server, Crowd crowd, int live, long head) {
      List<Reader> readers = IntStream.range(0, live)
          .mapToObj(i -> {
            Reader reader = subscribed(server);
            crowd.keep(reader);
            return reader;
          })
          .toList();
      Reader sender = Reader.connect(server.uri());
      crowd.keep(sender);
      return new Live(crowd, sender, readers, head);
    }

    /** Times count from when a message was due, not from when it could be sent. */
    Times send(int rate, Duration atLeast, BooleanSupplier mayEnd) {
      long begun = System.nanoTime();
      long end = begun + atLeast.toNanos();
      long most = rate * 120L;
      List<Future<Times>> reading = new ArrayList<>();
      AtomicLong last = new AtomicLong(Long.MAX_VALUE);
      for (Reader reader : readers) {
        reading.add(crowd.begin(() -> {
          LongStream.Builder times = LongStream.builder();
          while (reader.seq() < last.get()) {
            reader.readOne(stamp -> {
              if (stamp >= 0) {
                times.add(System.nanoTime() - stamp);
              }
            });
          }
          return new Times(times.build());
        }));
      }
      String padding = "x".repeat(900);
      int sent = 0;
      while (sent < most && (System.nanoTime() < end || !mayEnd.getAsBoolean())) {
        long due = begun + sent * 1_000_000_000L / rate;
        while (System.nanoTime() < due) {
          LockSupport.parkNanos(Math.min(500_000, due - System.nanoTime()));
        }
        sender.publish(ROOM, "@" + due + "@" + padding);
        sent++;
      }
      head += sent + 1;
      last.set(head);
      // The readers stand in a read: one more lets them see that it was the last.
      sender.publish(ROOM, padding);
      return new Times(Crowd.end(reading).stream().flatMapToLong(Times::nanos));
    }
  }

  /** Those who read at the same time, each on a thread of its own. */
  private static final class Crowd implements AutoCloseable {
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
      Thread thread = new Thread(task, "crowd");
      thread.setDaemon(true);
      return thread;
    });
    private final List<Reader> kept = new ArrayList<>();

    <T> Future<T> begin(Callable<T> task) {
      return threads.submit(task);
    }

    void keep(Reader reader) {
      kept.add(reader);
    }

    static <T> List<T> end(List<Future<T>> tasks) {
      List<T> all = new ArrayList<>();
      for (Future<T> task : tasks) {
        try {
          all.add(task.get(180, TimeUnit.SECONDS));
        } catch (ExecutionException | TimeoutException e) {
          throw new AssertionError("a reader did not see everything", e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new AssertionError(e);
        }
      }
      return all;
    }

    @Override
    public void close() {
      threads.shutdownNow();
      kept.forEach(Reader::close);
    }
  }
}
