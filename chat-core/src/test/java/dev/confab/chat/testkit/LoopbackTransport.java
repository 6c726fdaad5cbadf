package dev.confab.chat.testkit;

import dev.confab.chat.model.Handshake;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.spi.Inbound;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A transport without sockets, in one process: what a host tests its own rules with, and the second implementation of the
 * contract. A connection takes 64 KiB that its client has not read, as a socket's buffers do; then writes wait.
 *
 * <p><b>Threads.</b> Any thread may connect; each client is used by one thread. The acceptor is called by threads of the
 * transport, which end when it has been idle for a second.
 */
public final class LoopbackTransport implements ServedTransport {
  private static final int WINDOW_BYTES = 64 * 1024;

  private final Acceptor acceptor;
  private final Set<Wire> open = ConcurrentHashMap.newKeySet();
  private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
      0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
        Thread thread = new Thread(task, "loopback");
        thread.setDaemon(true);
        return thread;
      });

  /** Serves this acceptor. */
  public LoopbackTransport(Acceptor acceptor) {
    this.acceptor = acceptor;
  }

  @Override
  public TransportClient connect(String path, List<String> offered) {
    int question = path.indexOf('?');
    return connect(new Handshake(
        question < 0 ? path : path.substring(0, question),
        acceptor.subprotocols().stream().filter(offered::contains).findFirst(),
        Optional.empty(),
        Optional.of("127.0.0.1"),
        question < 0 ? Map.of() : query(path.substring(question + 1)),
        Map.of(),
        Map.of()));
  }

  /** Connects with exactly this handshake, whatever the acceptor speaks. */
  public TransportClient connect(Handshake handshake) {
    Wire wire = new Wire(handshake);
    open.add(wire);
    wire.enqueue(() -> wire.inbound = acceptor.connected(handshake, wire));
    return wire;
  }

  private static Map<String, List<String>> query(String text) {
    Map<String, List<String>> query = new LinkedHashMap<>();
    for (String pair : text.split("&", -1)) {
      String[] sides = pair.split("=", 2);
      String value = sides.length == 1 ? "" : decoded(sides[1]);
      query.merge(
          decoded(sides[0]),
          List.of(value),
          (left, right) -> Stream.concat(left.stream(), right.stream()).toList());
    }
    return query;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** Breaks all connections and waits until what is to be told was told, at most 5 s. Not to be called by the acceptor. */
  @Override
  public void close() {
    open.forEach(Wire::reset);
    threads.shutdown();
    try {
      if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** Both ends of one connection. Its state is guarded by itself; nothing foreign is called under that lock. */
  private final class Wire implements Connection, TransportClient {
    private final Handshake handshake;

    /** What the client has not read yet. */
    private final Deque<Received> inbox = new ArrayDeque<>();

    private long unreadBytes;
    private boolean stopped;

    /** Frames of the write under way that found no room yet. */
    private Deque<Frame> held = new ArrayDeque<>();

    private Optional<Done> writing = Optional.empty();
    private boolean ended;

    /** What is to be told, in order; one thread at a time works it off. */
    private final Deque<Runnable> lane = new ArrayDeque<>();

    private boolean laneRuns;

    /** Only touched in the lane. */
    private Inbound inbound;

    /** Only touched in the lane: set by a frame that was too large. */
    private boolean deaf;

    Wire(Handshake handshake) {
      this.handshake = handshake;
    }

    @Override
    public void write(List<Frame> frames, Done done) {
      Optional<Throwable> failure = Optional.empty();
      synchronized (this) {
        if (ended) {
          failure = Optional.of(new IOException("the connection is closed"));
        } else if (writing.isPresent()) {
          failure = Optional.of(
              new IllegalStateException("a write was given while another one was under way"));
        } else {
          held = new ArrayDeque<>(frames);
          writing = Optional.of(done);
        }
      }
      if (failure.isPresent()) {
        done.done(failure.get());
      } else {
        pass();
      }
    }

    /** Lets through what finds room. */
    private void pass() {
      Optional<Done> finished = Optional.empty();
      synchronized (this) {
        while (!stopped && !held.isEmpty() && fits(held.peek())) {
          Frame frame = held.remove();
          unreadBytes += frame.length();
          inbox.add(new Received.Text(frame.text()));
        }
        notifyAll();
        if (held.isEmpty()) {
          finished = writing;
          writing = Optional.empty();
        }
      }
      finished.ifPresent(done -> threads.execute(() -> done.done(null)));
    }

    private boolean fits(Frame frame) {
      return unreadBytes == 0 || unreadBytes + frame.length() <= WINDOW_BYTES;
    }

    @Override
    public synchronized void ping() {
      if (!ended && !stopped) {
        inbox.add(new Received.Ping());
        notifyAll();
      }
    }

    @Override
    public void close(CloseReason reason) {
      end(
          reason.code(),
          reason.text(),
          Optional.of(new Received.Closed(reason.code(), reason.text())));
    }

    private void end(int code, String reason, Optional<Received> last) {
      Optional<Done> broken;
      synchronized (this) {
        if (ended) {
          return;
        }
        ended = true;
        last.ifPresentOrElse(inbox::add, inbox::clear);
        broken = writing;
        writing = Optional.empty();
        held.clear();
        notifyAll();
      }
      open.remove(this);
      enqueue(() -> {
        broken.ifPresent(done -> done.done(new IOException("the connection ended with " + code)));
        inbound.closed(code, reason);
      });
    }

    private void enqueue(Runnable task) {
      synchronized (lane) {
        lane.add(task);
        if (laneRuns) {
          return;
        }
        laneRuns = true;
      }
      threads.execute(this::workOff);
    }

    private void workOff() {
      while (true) {
        Runnable task;
        synchronized (lane) {
          if (lane.isEmpty()) {
            laneRuns = false;
            return;
          }
          task = lane.remove();
        }
        task.run();
      }
    }

    @Override
    public Optional<String> subprotocol() {
      return handshake.subprotocol();
    }

    @Override
    public void sendText(String text) {
      receive(() -> {
        if (text.getBytes(StandardCharsets.UTF_8).length > acceptor.maxFrameBytes()) {
          deaf = true;
          close(CloseReason.TOO_LARGE);
        } else {
          inbound.text(text);
        }
      });
    }

    @Override
    public void sendFragmented(String text, int pieceBytes) {
      sendText(text);
    }

    @Override
    public void sendBinary(byte[] bytes) {
      receive(() -> inbound.binary());
    }

    @Override
    public void sendPong() {
      receive(() -> inbound.pong());
    }

    private void receive(Runnable telling) {
      synchronized (this) {
        if (ended) {
          return;
        }
        enqueue(() -> {
          if (!deaf) {
            telling.run();
          }
        });
      }
    }

    @Override
    public Received read(Duration within) {
      long deadline = System.nanoTime() + within.toNanos();
      Received read;
      synchronized (this) {
        if (stopped) {
          throw new IllegalStateException("this client has stopped reading");
        }
        while (inbox.isEmpty() && !ended) {
          long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
          if (millis <= 0) {
            throw new AssertionError("no frame came in time");
          }
          try {
            wait(millis);
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
          }
        }
        if (inbox.isEmpty()) {
          return new Received.Broken();
        }
        read = inbox.remove();
        if (read instanceof Received.Text text) {
          unreadBytes -= text.text().getBytes(StandardCharsets.UTF_8).length;
        }
      }
      pass();
      return read;
    }

    @Override
    public synchronized void stopReading() {
      stopped = true;
    }

    @Override
    public void resumeReading() {
      synchronized (this) {
        stopped = false;
      }
      pass();
    }

    @Override
    public void close(int code, String reason) {
      end(code, reason, Optional.of(new Received.Closed(code, reason)));
    }

    @Override
    public void reset() {
      end(1006, "", Optional.empty());
    }

    @Override
    public void close() {
      reset();
    }
  }
}
