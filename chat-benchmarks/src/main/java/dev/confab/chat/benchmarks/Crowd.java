package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.server.Peer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Members of rooms, some of whom publish, on one thread: each counts what it is shown and looks whether it is what comes next.
 * A publish is <i>outstanding</i> until each member of its room has been shown it.
 *
 * <p><b>Threads.</b> Opened and asked by one thread; everything else happens on the wire's.
 */
final class Crowd implements AutoCloseable {
  private static final long WITHIN_SECONDS = 120;

  /** Fewer than an address may have without login. */
  private static final int AT_THE_DOOR = 32;

  /** In each of many rooms. More are never outstanding in a closed loop, and in an open one it has failed then. */
  private static final int OUTSTANDING = 1 << 12;

  /** The same if there is one room, in which an open loop may go on while somebody holds it up. */
  private static final int OUTSTANDING_IN_ONE = 1 << 15;

  /** In all rooms; a power of two. */
  private static final int NUMBERED = 1 << 17;

  /** Who publishes, if there is one room. */
  private static final int PUBLISHERS = 8;

  private static final int DATA_BYTES = 128;
  private static final int NUMBER_DIGITS = 10;
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(2);

  private static final byte[] WELCOME = Line.marker("{\"event\":\"welcome\"");
  private static final byte[] PING = Line.marker("{\"event\":\"ping\"");
  private static final byte[] LOGGED_IN = Line.marker("{\"op\":\"auth\",\"success\":true");
  private static final byte[] SUBSCRIBED = Line.marker("{\"op\":\"subscribe\",\"success\":true");
  private static final byte[] PUBLISHED = Line.marker("{\"op\":\"publish\",\"success\":true");

  private static final String PONG = "{\"op\":\"pong\"}";

  /** Sooner than a server gives anybody up who is silent. */
  private static final long SPEAKS_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(20);

  private static final long BETWEEN_WORDS_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** What goes on by itself goes on sooner than that. */
  private static final long STOPPED_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Tells rooms of one crowd from those of another on the same server. */
  private static final AtomicInteger CROWDS = new AtomicInteger();

  /**
   * Who there is.
   *
   * @param members of each room; each is a connection of its own
   * @param subscriptions of each connection: its room, and rooms of its neighbours
   * @param plain whether clients get one object a frame instead of speaking {@code chat.v1}
   * @param dataBytes how much each message says
   */
  record Shape(int rooms, int members, int subscriptions, boolean plain, int dataBytes) {
    Shape(int rooms, int members, int subscriptions, boolean plain) {
      this(rooms, members, subscriptions, plain, DATA_BYTES);
    }

    Shape(int rooms, int members, boolean plain) {
      this(rooms, members, 1, plain);
    }

    int connections() {
      return rooms * members;
    }
  }

  /** Told while a crowd joins, when nobody is at the door. */
  interface Progress {
    void joined(int members) throws IOException;
  }

  /**
   * What was measured between two moments.
   *
   * @param deliveries messages shown to members
   * @param bytes of text that brought them, replies to publishers included
   * @param frames text frames
   * @param published messages that had been shown to everybody
   * @param disordered deliveries behind one of a later message of the same publisher; of a peer only, as Confab's are not
   *     counted but end the measurement
   * @param seconds between the two
   */
  record Counts(
      long deliveries, long bytes, long frames, long published, long disordered, double seconds) {
    double perSecond() {
      return deliveries / seconds;
    }
  }

  /**
   * What became of what was due in some time.
   *
   * @param times of each delivery, from when its message was due; of what was not shown, until it was given up
   * @param shown deliveries that were made
   */
  record Told(Histogram times, long shown) {
    /** Which part of what was due. */
    double share() {
      return (double) shown / times.getTotalCount();
    }
  }

  private final Shape shape;
  private final String filling;
  private final Wire wire;

  /** Whom it talks to, if that does not speak Confab's protocol. */
  private final Optional<Peer> peer;

  private final Semaphore door = new Semaphore(AT_THE_DOOR);
  private final List<Room> rooms = new ArrayList<>();
  private final List<Somebody> members = new ArrayList<>();
  private final List<Somebody> publishers = new ArrayList<>();

  /** What went wrong first; empty while nothing has. */
  private final AtomicReference<String> trouble = new AtomicReference<>("");

  /** When each message was due; by its number. */
  private final AtomicLongArray due = new AtomicLongArray(NUMBERED);

  /** Written by the wire's thread alone. */
  private final AtomicLong deliveries = new AtomicLong();

  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong frames = new AtomicLong();
  private final AtomicLong complete = new AtomicLong();
  private final AtomicLong replies = new AtomicLong();
  private final AtomicLong disordered = new AtomicLong();

  /** Written by whoever publishes: the wire's thread in a closed loop, the caller's in an open one. */
  private final AtomicLong published = new AtomicLong();

  /** In a closed loop, while what is complete is followed by the next. */
  private volatile boolean going;

  /** In an open loop: from when on messages are due whose time counts, until when, and their times. */
  private volatile long countFrom = Long.MAX_VALUE;

  private volatile long countTo = Long.MAX_VALUE;

  private final long began = System.nanoTime();

  /** How many words members have said unasked. */
  private long spoken;

  private final Histogram latency = new Histogram(LONGEST_NANOS, 3);

  private Crowd(Wire wire, Shape shape, Optional<Peer> peer) {
    this.wire = wire;
    this.peer = peer;
    this.shape = shape;
    this.filling = "x".repeat(shape.dataBytes - NUMBER_DIGITS);
  }

  /** Connects everybody, logs them in and lets them into their rooms. */
  static Crowd join(URI uri, Shape shape)
      throws IOException, InterruptedException, TimeoutException {
    return join(uri, shape, shape.connections(), joined -> {});
  }

  /**
   * The same, and says how many have joined, each time so many more have.
   *
   * @param step how many more; a divisor of all
   */
  static Crowd join(URI uri, Shape shape, int step, Progress progress)
      throws IOException, InterruptedException, TimeoutException {
    Crowd crowd =
        new Crowd(shape.plain ? new Wire(uri, "") : new Wire(uri), shape, Optional.empty());
    crowd.joinOrClose(step, progress);
    return crowd;
  }

  /** Connects so many to a peer, all to one room. */
  static Crowd join(URI uri, Peer peer, int members)
      throws IOException, InterruptedException, TimeoutException {
    Crowd crowd = new Crowd(
        new Wire(uri.resolve(Speech.path(peer)), Speech.headers(peer)),
        new Shape(1, members, true),
        Optional.of(peer));
    crowd.joinOrClose(members, joined -> {});
    return crowd;
  }

  private void joinOrClose(int step, Progress progress)
      throws IOException, InterruptedException, TimeoutException {
    try {
      join(step, progress);
    } catch (IOException | InterruptedException | TimeoutException failure) {
      close();
      throw failure;
    }
  }

  private void join(int step, Progress progress)
      throws IOException, InterruptedException, TimeoutException {
    int number = CROWDS.incrementAndGet();
    for (int room = 0; room < shape.rooms; room++) {
      rooms.add(new Room(
          String.format(Locale.ROOT, "room_%03d_%04d", number, room),
          shape.rooms == 1 ? OUTSTANDING_IN_ONE : OUTSTANDING));
    }
    for (int member = 0; member < shape.connections(); member++) {
      acquire(1);
      // Neighbours are in different rooms, so that rooms fill alike.
      String name = String.format(Locale.ROOT, "m%05d", member);
      Room room = rooms.get(member % shape.rooms);
      Somebody joining = peer.isPresent()
          ? new Stranger(name, room, Speech.to(peer.get()))
          : new Member(name, room);
      members.add(joining);
      if (shape.rooms > 1 ? member < shape.rooms : member < PUBLISHERS) {
        publishers.add(joining);
      }
      joining.link = wire.open(joining);
      if ((member + 1) % step == 0) {
        acquire(AT_THE_DOOR);
        door.release(AT_THE_DOOR);
        progress.joined(member + 1);
      }
    }
  }

  Shape shape() {
    return shape;
  }

  /** What the first room is called. */
  String room() {
    return rooms.get(0).name;
  }

  private void acquire(int permits) throws InterruptedException, TimeoutException, IOException {
    if (!door.tryAcquire(permits, WITHIN_SECONDS, TimeUnit.SECONDS)) {
      check();
      throw new TimeoutException("a login had no answer after " + WITHIN_SECONDS + " s");
    }
  }

  /** Fails if something was wrong: a message out of order, a refusal, a connection that has ended. */
  private void check() throws IOException {
    if (!trouble.get().isEmpty()) {
      throw new IOException(trouble.get());
    }
  }

  /** Keeps so many publishes outstanding, in turns of publishers, until {@link #finish}. */
  void start(int outstanding) {
    if (outstanding > OUTSTANDING) {
      throw new IllegalArgumentException(
          "at most " + OUTSTANDING + " may be outstanding, got " + outstanding);
    }
    going = true;
    wire.soon(() -> {
      for (int number = 0; number < outstanding; number++) {
        publish(0);
      }
    });
  }

  /**
   * Publishes one message after the other, each when everybody has been shown the one before, until nothing has gone on for
   * a second. Who measures afterwards does so at a fixed rate, and stops with {@link #atRateAndNoLonger}.
   *
   * @param most how many messages at most
   * @param within for how long at most
   */
  void publishUntilItStops(long most, Duration within) throws IOException {
    long until = System.nanoTime() + within.toNanos();
    long last = complete.get();
    long enough = last + most;
    long since = System.nanoTime();
    start(1);
    while (System.nanoTime() < until && last < enough) {
      LockSupport.parkNanos(1_000_000);
      check();
      long now = complete.get();
      if (now > last) {
        last = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > STOPPED_NANOS) {
        break;
      }
    }
    going = false;
  }

  /** Publishes once; what follows is the server's affair. */
  void publishOnce() {
    wire.soon(() -> publish(0));
  }

  /**
   * Publishes at a fixed rate, whatever becomes of what was published before, and measures each delivery from when its message
   * was due. Ends when everybody has everything.
   *
   * @param rate messages a second, of all rooms
   */
  Histogram atRate(double rate, Duration warmUp, Duration window)
      throws IOException, TimeoutException {
    pace(rate, warmUp, window);
    finish();
    countFrom = Long.MAX_VALUE;
    return latency.copy();
  }

  /**
   * The same in one room, but it waits only a second for what was published last: a message that somebody has not been shown
   * by then counts with all the time since it was due.
   */
  Told atRateAndNoLonger(double rate, Duration window) throws IOException {
    pace(rate, Duration.ZERO, window);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    while (System.nanoTime() < until) {
      LockSupport.parkNanos(until - System.nanoTime());
    }
    return onWire(() -> {
      long from = countFrom;
      countFrom = Long.MAX_VALUE;
      long now = System.nanoTime();
      long shown = latency.getTotalCount();
      for (Somebody member : members) {
        // Messages are numbered as they are published, but for those of the same moment.
        for (long number = member.shownSoFar(); number < published.get(); number++) {
          long since = due.get((int) (number % NUMBERED));
          if (since >= from) {
            latency.recordValue(Math.min(now - since, LONGEST_NANOS));
          }
        }
      }
      return new Told(latency.copy(), shown);
    });
  }

  private void pace(double rate, Duration warmUp, Duration window) throws IOException {
    latency.reset();
    long from = System.nanoTime();
    countFrom = from + warmUp.toNanos();
    countTo = countFrom + window.toNanos();
    for (long number = 0; ; number++) {
      long time = from + Math.round(number * 1e9 / rate);
      if (time >= countTo) {
        break;
      }
      while (System.nanoTime() < time) {
        LockSupport.parkNanos(time - System.nanoTime());
      }
      publish(time);
      speakUnasked();
      check();
    }
  }

  /** Everybody says a word in time, one after the other: on a busy connection nobody is asked whether they are there. */
  private void speakUnasked() {
    if (peer.isPresent()) {
      return;
    }
    long until = (System.nanoTime() - began) * members.size() / SPEAKS_WITHIN_NANOS;
    for (; spoken < until; spoken++) {
      Objects.requireNonNull(members.get((int) (spoken % members.size())).link).send(PONG);
    }
  }

  /** Counts for so long what happens. */
  Counts count(Duration window) throws IOException {
    Counts before = now();
    long until = System.nanoTime() + window.toNanos();
    while (System.nanoTime() < until) {
      LockSupport.parkNanos(Math.min(until - System.nanoTime(), BETWEEN_WORDS_NANOS));
      speakUnasked();
      check();
    }
    Counts after = now();
    return new Counts(
        after.deliveries - before.deliveries,
        after.bytes - before.bytes,
        after.frames - before.frames,
        after.published - before.published,
        after.disordered - before.disordered,
        after.seconds - before.seconds);
  }

  /** All counts of one moment. */
  private Counts now() throws IOException {
    return onWire(() -> new Counts(
        deliveries.get(),
        bytes.get(),
        frames.get(),
        complete.get(),
        disordered.get(),
        System.nanoTime() / 1e9));
  }

  /** Asks what only the wire's thread knows. */
  private <T> T onWire(Supplier<T> asked) throws IOException {
    CompletableFuture<T> answer = new CompletableFuture<>();
    wire.soon(() -> answer.complete(asked.get()));
    try {
      return answer.get(WITHIN_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupted);
    } catch (ExecutionException | TimeoutException failure) {
      throw new IOException("the load does not answer", failure);
    }
  }

  /**
   * Stops publishing, waits until everybody has everything, and looks whether they have.
   *
   * @throws IOException if somebody was shown something else than each message of its room, in order
   */
  void finish() throws IOException, TimeoutException {
    going = false;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WITHIN_SECONDS);
    while (complete.get() < published.get()
        || (peer.isEmpty() && replies.get() < published.get())) {
      check();
      if (System.nanoTime() > deadline) {
        throw new TimeoutException("published " + published + ", answered " + replies
            + ", shown to everybody " + complete + ", and nothing more comes");
      }
      LockSupport.parkNanos(1_000_000);
    }
    check();
    if (deliveries.get() != published.get() * shape.members) {
      throw new IOException("published " + published + " to " + shape.members
          + " members each, but " + deliveries + " were shown");
    }
  }

  private void publish(long time) {
    long number = published.getAndIncrement();
    due.set((int) (number % NUMBERED), time);
    Somebody publisher = publishers.get(publisherOf(number));
    Objects.requireNonNull(publisher.link).send(publisher.saying(number));
  }

  /** Steps of a prime spread it over the rooms. */
  private int publisherOf(long number) {
    return (int) (number * 37 % publishers.size());
  }

  private void count(int shown, int more) {
    deliveries.lazySet(deliveries.get() + shown);
    bytes.lazySet(bytes.get() + more);
    frames.lazySet(frames.get() + 1);
  }

  private void completed() {
    complete.lazySet(complete.get() + 1);
    if (going) {
      publish(0);
    }
  }

  private static String digits(long number) {
    String digits = Long.toString(number);
    return "0".repeat(NUMBER_DIGITS - digits.length()) + digits;
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }

  /** A room. The wire's thread. */
  private static final class Room {
    private final String name;
    private final byte[] eventBegin;

    /** How many members have not been shown a message yet, by its seq. */
    private final int[] missing;

    /** By its seq, too. */
    private final long[] numbers;

    /** How long the last event was: mostly the next is as long, and its end need not be searched. */
    private int length;

    Room(String name, int outstanding) {
      this.name = name;
      this.missing = new int[outstanding];
      this.numbers = new long[outstanding];
      this.eventBegin =
          Line.marker("{\"event\":\"subscribe\",\"channel\":\"" + name + "\",\"seq\":");
    }
  }

  /** Somebody in a room. The wire's thread. */
  private abstract class Somebody implements Link.Listener {
    final String name;
    final Room room;
    volatile @Nullable Link link;

    Somebody(String name, Room room) {
      this.name = name;
      this.room = room;
    }

    /** What publishes the message with this number. */
    abstract String saying(long number);

    /** How many messages it has been shown. */
    abstract long shownSoFar();

    @Override
    public final void closed(Link ended, String reason) {
      trouble.compareAndSet("", name + " was thrown out: " + reason);
    }
  }

  /** Who speaks to a peer: it gives no numbers to messages, so it is counted which of a publisher's come out of order. */
  private final class Stranger extends Somebody {
    private static final byte MARK = '#';
    private final Speech speech;
    private final long[] last = new long[PUBLISHERS];
    private boolean joined;

    Stranger(String name, Room room, Speech speech) {
      super(name, room);
      this.speech = speech;
      Arrays.fill(last, -1);
    }

    @Override
    String saying(long number) {
      return speech.publish((char) MARK + digits(number) + filling.substring(1));
    }

    @Override
    long shownSoFar() {
      throw new IllegalStateException("peers give no numbers");
    }

    @Override
    public void opened(Link opened) {
      speech.opened().forEach(opened::send);
    }

    @Override
    public void message(Link from, byte[] text, int begin, int end) {
      int shown = 0;
      for (int at = begin; at < end; at++) {
        if (text[at] == MARK) {
          shown(number(text, at + 1));
          shown++;
          at += shape.dataBytes;
        }
      }
      if (shown == 0) {
        speech
            .heard(new String(text, begin, end - begin, StandardCharsets.UTF_8))
            .forEach(from::send);
        if (!joined && speech.joined()) {
          joined = true;
          door.release();
        }
      }
      if (joined) {
        count(shown, end - begin);
      }
    }

    private void shown(long number) {
      int publisher = publisherOf(number);
      if (number < last[publisher]) {
        disordered.lazySet(disordered.get() + 1);
      }
      last[publisher] = Math.max(last[publisher], number);
      int slot = (int) (number % room.missing.length);
      if (room.missing[slot] == 0) {
        room.missing[slot] = shape.members;
      }
      if (--room.missing[slot] == 0) {
        completed();
      }
    }

    @Override
    public void line(Link from, Line line) {
      throw new IllegalStateException("told of whole messages only");
    }
  }

  /** Who speaks Confab's protocol. */
  private final class Member extends Somebody {
    private final String publishBegin;
    private boolean joined;
    private long seq;

    Member(String name, Room room) {
      super(name, room);
      this.publishBegin = "{\"op\":\"publish\",\"args\":[\"" + room.name + "\",\"";
    }

    @Override
    String saying(long number) {
      return publishBegin + digits(number) + filling + "\"]}";
    }

    @Override
    long shownSoFar() {
      return seq;
    }

    @Override
    public void opened(Link opened) {
      if (shape.plain) {
        logIn(opened);
      }
    }

    private void logIn(Link on) {
      on.send("{\"op\":\"auth\",\"args\":[\"" + name + "\",\"-\"]}");
    }

    @Override
    public void message(Link from, byte[] text, int begin, int end) {
      byte[] eventBegin = room.eventBegin;
      int shown = 0;
      int at = begin;
      while (at < end) {
        int prefix = at + eventBegin.length;
        if (prefix < end && Arrays.equals(text, at, prefix, eventBegin, 0, eventBegin.length)) {
          int next = at + room.length;
          if (next != end && (next > end || text[next] != '\n')) {
            next = lineEnd(text, at, end);
            room.length = next - at;
          }
          shown(number(text, prefix), text, next);
          shown++;
          at = next + 1;
        } else {
          int next = lineEnd(text, at, end);
          from.tellLines(text, at, next);
          at = next + 1;
        }
      }
      if (joined) {
        count(shown, end - begin);
      }
    }

    private void shown(long shown, byte[] text, int end) {
      if (shown != ++seq) {
        trouble.compareAndSet("", name + " was shown " + shown + " instead of " + seq);
        return;
      }
      int slot = (int) (shown % room.missing.length);
      if (room.missing[slot] == 0) {
        room.missing[slot] = shape.members;
        // The data ends before a quote and a brace.
        room.numbers[slot] = number(text, end - 2 - shape.dataBytes);
      }
      long number = room.numbers[slot];
      if (countFrom != Long.MAX_VALUE) {
        time(due.get((int) (number % NUMBERED)));
      }
      if (--room.missing[slot] == 0) {
        completed();
      }
    }

    private void time(long since) {
      if (since >= countFrom && since < countTo) {
        latency.recordValue(Math.min(System.nanoTime() - since, LONGEST_NANOS));
      }
    }

    @Override
    public void line(Link from, Line line) {
      if (line.startsWith(PUBLISHED)) {
        replies.lazySet(replies.get() + 1);
      } else if (line.startsWith(PING)) {
        from.send(PONG);
      } else if (line.startsWith(WELCOME)) {
        logIn(from);
      } else if (line.startsWith(LOGGED_IN)) {
        if (shape.subscriptions == 0) {
          joined = true;
          door.release();
        } else {
          from.send("{\"op\":\"subscribe\",\"args\":[\"" + subscribed() + "\"]}");
        }
      } else if (line.startsWith(SUBSCRIBED)) {
        joined = true;
        door.release();
      } else {
        trouble.compareAndSet("", name + " was told " + line);
      }
    }

    private String subscribed() {
      int first = rooms.indexOf(room);
      StringBuilder names = new StringBuilder(room.name);
      for (int more = 1; more < shape.subscriptions; more++) {
        names.append("\",\"").append(rooms.get((first + more) % rooms.size()).name);
      }
      return names.toString();
    }
  }

  private static int lineEnd(byte[] text, int from, int to) {
    int at = from;
    while (at < to && text[at] != '\n') {
      at++;
    }
    return at;
  }

  /** The number that begins here. */
  private static long number(byte[] text, int from) {
    long number = 0;
    int end = from + NUMBER_DIGITS;
    for (int at = from; at < end && text[at] >= '0' && text[at] <= '9'; at++) {
      number = 10 * number + text[at] - '0';
    }
    return number;
  }
}
