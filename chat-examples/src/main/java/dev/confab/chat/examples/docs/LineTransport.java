package dev.confab.chat.examples.docs;

import dev.confab.chat.model.Handshake;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.spi.Inbound;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Carries chat over a TCP socket, a frame a line. */
// docs:begin transport
public final class LineTransport implements Connection {
  private final Socket socket;
  private final ExecutorService writer = Executors.newSingleThreadExecutor();
  private final AtomicBoolean closed = new AtomicBoolean();

  private LineTransport(Socket socket) {
    this.socket = socket;
  }

  /** Serves one client on this thread, until it leaves or the chat closes the connection. */
  public static void serve(Acceptor acceptor, Socket socket) {
    LineTransport connection = new LineTransport(socket);
    Handshake handshake = Handshake.of("/lines", Optional.empty());
    Inbound inbound = acceptor.connected(handshake, connection);
    try (InputStream in = new BufferedInputStream(socket.getInputStream())) {
      connection.tellLines(in, inbound, acceptor.maxFrameBytes());
    } catch (IOException broken) {
      // An end like any other, told below.
    } finally {
      connection.close(CloseReason.NORMAL);
      connection.release();
      inbound.closed(1006, ""); // INBOUND-3: once, and last
    }
  }

  private void tellLines(InputStream in, Inbound inbound, int most) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0 && !closed.get(); next = in.read()) {
      if (next == '\n') {
        inbound.text(line.toString(StandardCharsets.UTF_8)); // INBOUND-1: whole, in order
        line.reset();
      } else if (line.size() == most) {
        close(CloseReason.TOO_LARGE); // INBOUND-2: not told
      } else {
        line.write(next);
      }
    }
  }

  /** Hands over, because a client that does not read would hold up this thread. */
  @Override
  public void write(List<Frame> frames, Done done) {
    try {
      writer.execute(() -> done.done(written(frames))); // CONNECTION-2: once
    } catch (RejectedExecutionException gone) {
      done.done(gone); // CONNECTION-3
    }
  }

  private @Nullable Exception written(List<Frame> frames) {
    try {
      StringBuilder lines = new StringBuilder();
      frames.forEach(frame -> lines.append(frame.text()).append('\n'));
      socket.getOutputStream().write(lines.toString().getBytes(StandardCharsets.UTF_8));
      return null;
    } catch (IOException broken) {
      return broken;
    }
  }

  /** Lines have no ping, and nothing is a ping, too (CONNECTION-5). */
  @Override
  public void ping() {}

  /** Returns at once; the reading thread sees its input end and does the rest (CONNECTION-4). */
  @Override
  public void close(CloseReason reason) {
    if (closed.compareAndSet(false, true)) {
      writer.shutdown();
      try {
        socket.shutdownInput();
      } catch (IOException gone) {
        // It has ended already.
      }
    }
  }

  /** What is being written has a second; then the socket goes, and a stalled write fails. */
  private void release() {
    try (socket) {
      writer.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (IOException gone) {
      // It has ended already.
    }
  }
}
// docs:end transport
