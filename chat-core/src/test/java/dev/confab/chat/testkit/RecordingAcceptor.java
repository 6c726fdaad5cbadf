package dev.confab.chat.testkit;

import dev.confab.chat.model.Handshake;
import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.spi.Inbound;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** An acceptor that writes down all it is told and does what a test tells it. Any thread may call any method. */
public final class RecordingAcceptor implements Acceptor {
  private final List<String> subprotocols;
  private final int maxFrameBytes;
  private final BlockingQueue<Accepted> waiting = new LinkedBlockingQueue<>();
  private final List<Accepted> all = new ArrayList<>();
  private volatile Consumer<Connection> whenConnected = connection -> {};
  private volatile BiConsumer<Connection, String> whenText = (connection, text) -> {};

  /** Speaks these subprotocols and takes frames of at most so many bytes. */
  public RecordingAcceptor(List<String> subprotocols, int maxFrameBytes) {
    this.subprotocols = List.copyOf(subprotocols);
    this.maxFrameBytes = maxFrameBytes;
  }

  /** From now on does this before {@link #connected} returns. */
  public void whenConnected(Consumer<Connection> action) {
    whenConnected = action;
  }

  /** From now on does this before {@link Inbound#text} returns. */
  public void whenText(BiConsumer<Connection, String> action) {
    whenText = action;
  }

  @Override
  public Inbound connected(Handshake handshake, Connection connection) {
    Accepted accepted = new Accepted(handshake, connection);
    synchronized (all) {
      all.add(accepted);
    }
    waiting.add(accepted);
    whenConnected.accept(connection);
    return accepted;
  }

  @Override
  public List<String> subprotocols() {
    return subprotocols;
  }

  @Override
  public int maxFrameBytes() {
    return maxFrameBytes;
  }

  /** How often {@link #connected} was called. */
  public int connections() {
    synchronized (all) {
      return all.size();
    }
  }

  /**
   * The next connection that was not asked for yet.
   *
   * @throws AssertionError if none comes within this time
   */
  public Accepted next(Duration within) {
    try {
      return Optional.ofNullable(waiting.poll(within.toNanos(), TimeUnit.NANOSECONDS))
          .orElseThrow(() -> new AssertionError("no connection came in time"));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  /** What was told. */
  public sealed interface Told {
    /**
     * A text frame.
     *
     * @param frame its text
     */
    record Text(String frame) implements Told {}

    /** A binary frame. */
    record Binary() implements Told {}

    /** A pong. */
    record Pong() implements Told {}

    /**
     * The end.
     *
     * @param code the close code
     * @param reason the text
     */
    record Closed(int code, String reason) implements Told {}

    /** Two calls at once. */
    record Overlap() implements Told {}
  }

  /** One connection as the chat sees it. */
  public final class Accepted implements Inbound {
    private final Handshake handshake;
    private final Connection connection;
    private final List<Told> told = new ArrayList<>();
    private boolean busy;

    private Accepted(Handshake handshake, Connection connection) {
      this.handshake = handshake;
      this.connection = connection;
    }

    /** What its opening request said. */
    public Handshake handshake() {
      return handshake;
    }

    /** The way to its client. */
    public Connection connection() {
      return connection;
    }

    @Override
    public void text(String frame) {
      enter();
      whenText.accept(connection, frame);
      leave(new Told.Text(frame));
    }

    @Override
    public void binary() {
      enter();
      leave(new Told.Binary());
    }

    @Override
    public void pong() {
      enter();
      leave(new Told.Pong());
    }

    @Override
    public void closed(int code, String reason) {
      enter();
      leave(new Told.Closed(code, reason));
    }

    private synchronized void enter() {
      if (busy) {
        told.add(new Told.Overlap());
      }
      busy = true;
    }

    private synchronized void leave(Told what) {
      busy = false;
      told.add(what);
      notifyAll();
    }

    /** All that was told until now, in order. */
    public synchronized List<Told> told() {
      return List.copyOf(told);
    }

    /**
     * Waits until so many things were told, and returns all.
     *
     * @throws AssertionError if they do not come within this time
     */
    public List<Told> told(int atLeast, Duration within) {
      if (!awaitTold(atLeast, within)) {
        throw new AssertionError("told in time was only " + told());
      }
      return told();
    }

    /** Waits until so many things were told; false if they do not come within this time. */
    public synchronized boolean awaitTold(int atLeast, Duration within) {
      long deadline = System.nanoTime() + within.toNanos();
      while (told.size() < atLeast) {
        long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
        if (millis <= 0) {
          return false;
        }
        try {
          wait(millis);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw new AssertionError(interrupted);
        }
      }
      return true;
    }

    /** Writes frames of these texts, and returns how that ends. */
    public Written write(String... texts) {
      return write(List.of(texts));
    }

    /** Writes frames of these texts, and returns how that ends. */
    public Written write(List<String> texts) {
      Written written = new Written();
      connection.write(texts.stream().map(Frame::of).toList(), written);
      return written;
    }
  }
}
