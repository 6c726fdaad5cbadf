package dev.confab.chat.server.api;

import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Frame;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What one worker still has to be told: in order, at most one write in flight. Its lock is a leaf. */
final class Outbox {
  private static final int WRITE_BYTES = 64 * 1024;
  private static final long MOST_BYTES = 16L * 1024 * 1024;
  private static final long STALLED_NANOS = Duration.ofSeconds(30).toNanos();

  /** What an item takes beside its text, so that many short ones are bounded, too. */
  private static final int ITEM_BYTES = 64;

  private record Item(Frame frame, @Nullable Runnable onWritten) {
    long bytes() {
      return (long) frame.length() + ITEM_BYTES;
    }
  }

  private final Connection connection;
  private final Consumer<CloseReason> onTrouble;

  private final AtomicInteger turns = new AtomicInteger();

  // All below guarded by this.
  private final Deque<Item> waiting = new ArrayDeque<>();
  private long waitingBytes;
  private boolean writing;
  private long writingSince;
  private boolean closed;

  Outbox(Connection connection, Consumer<CloseReason> onTrouble) {
    this.connection = connection;
    this.onTrouble = onTrouble;
  }

  /** Tells this once all before it is told; what runs when it was written runs on any thread. */
  void add(String text, @Nullable Runnable onWritten) {
    Item item = new Item(Frame.of(text), onWritten);
    boolean full;
    synchronized (this) {
      if (closed) {
        return;
      }
      full = waitingBytes + item.bytes() > MOST_BYTES;
      if (!full) {
        waiting.addLast(item);
        waitingBytes += item.bytes();
        if (writing) {
          return;
        }
        writing = true;
        writingSince = System.nanoTime();
      }
    }
    if (full) {
      onTrouble.accept(CloseReason.OVERLOADED);
    } else {
      next();
    }
  }

  /** What comes while a thread is in here is one more turn of its loop, not one more call. */
  private void next() {
    if (turns.getAndIncrement() > 0) {
      return;
    }
    do {
      write();
    } while (turns.decrementAndGet() > 0);
  }

  private void write() {
    List<Frame> frames = new ArrayList<>();
    List<Runnable> written = new ArrayList<>();
    synchronized (this) {
      if (closed || waiting.isEmpty()) {
        writing = false;
        return;
      }
      long bytes = 0;
      while (!waiting.isEmpty() && bytes < WRITE_BYTES) {
        Item item = waiting.removeFirst();
        frames.add(item.frame());
        bytes += item.bytes();
        waitingBytes -= item.bytes();
        if (item.onWritten() != null) {
          written.add(item.onWritten());
        }
      }
      writingSince = System.nanoTime();
    }
    connection.write(frames, failure -> {
      if (failure != null) {
        onTrouble.accept(CloseReason.of(1011, "write failed"));
        return;
      }
      written.forEach(Runnable::run);
      next();
    });
  }

  /** Ends a socket whose worker does not read. */
  void look(long now) {
    boolean stalled;
    synchronized (this) {
      stalled = writing && !closed && now - writingSince > STALLED_NANOS;
    }
    if (stalled) {
      onTrouble.accept(CloseReason.STALLED);
    }
  }

  void close(CloseReason reason) {
    synchronized (this) {
      closed = true;
      waiting.clear();
      waitingBytes = 0;
    }
    connection.close(reason);
  }
}
