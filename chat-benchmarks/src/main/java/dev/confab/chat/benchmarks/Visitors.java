package dev.confab.chat.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;

/** People who are connected and logged in, each under a name of its own. Opened by one thread. */
final class Visitors implements AutoCloseable {
  private static final long WITHIN_SECONDS = 60;

  /** Fewer than an address may have without login. */
  private static final int AT_THE_DOOR = 32;

  private static final byte[] WELCOME = Line.marker("{\"event\":\"welcome\"");
  private static final byte[] PING = Line.marker("{\"event\":\"ping\"");
  private static final byte[] LOGGED_IN = Line.marker("{\"op\":\"auth\",\"success\":true");

  private final Wire wire;
  private final List<Link> links = new ArrayList<>();

  /** What went wrong first; empty while nothing has. */
  private final AtomicReference<String> trouble = new AtomicReference<>("");

  private Visitors(Wire wire) {
    this.wire = wire;
  }

  /**
   * Connects so many and logs them in.
   *
   * @param ears for each of them, what hears the lines that come afterwards
   */
  static Visitors join(URI uri, int count, IntFunction<Ear> ears)
      throws IOException, InterruptedException, TimeoutException {
    Visitors visitors = new Visitors(new Wire(uri));
    Semaphore door = new Semaphore(AT_THE_DOOR);
    for (int number = 0; number < count; number++) {
      visitors.acquire(door, 1);
      visitors.links.add(
          visitors.wire.open(visitors.new Visitor("visitor" + number, ears.apply(number), door)));
    }
    visitors.acquire(door, AT_THE_DOOR);
    return visitors;
  }

  private void acquire(Semaphore door, int permits)
      throws InterruptedException, TimeoutException, IOException {
    if (!door.tryAcquire(permits, WITHIN_SECONDS, TimeUnit.SECONDS)) {
      check();
      throw new TimeoutException("a login had no answer after " + WITHIN_SECONDS + " s");
    }
  }

  Link get(int number) {
    return links.get(number);
  }

  int count() {
    return links.size();
  }

  /** Fails if somebody's connection has ended. */
  void check() throws IOException {
    if (!trouble.get().isEmpty()) {
      throw new IOException(trouble.get());
    }
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }

  /** Hears what is said to somebody. On the wire's thread. */
  interface Ear {
    void line(Line line);
  }

  private final class Visitor implements Link.Listener {
    private final String name;
    private final Ear ear;
    private final Semaphore door;
    private boolean loggedIn;

    Visitor(String name, Ear ear, Semaphore door) {
      this.name = name;
      this.ear = ear;
      this.door = door;
    }

    @Override
    public void line(Link link, Line line) {
      if (line.startsWith(PING)) {
        link.send("{\"op\":\"pong\"}");
      } else if (loggedIn) {
        ear.line(line);
      } else if (line.startsWith(WELCOME)) {
        link.send("{\"op\":\"auth\",\"args\":[\"" + name + "\",\"-\"]}");
      } else if (line.startsWith(LOGGED_IN)) {
        loggedIn = true;
        door.release();
      } else {
        trouble.compareAndSet("", name + " could not log in: " + line);
      }
    }

    @Override
    public void closed(Link link, String reason) {
      trouble.compareAndSet("", name + " was thrown out: " + reason);
    }
  }
}
