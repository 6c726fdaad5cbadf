package dev.confab.chat.spi;

import dev.confab.chat.protocol.CloseReason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One socket, as a transport hands it to the chat.
 *
 * <p><b>Threads.</b> Any thread may call any method; writes never overlap, because the next one is only given once the
 * last is done. <b>No method may block</b>, whatever the client does, and none throws.
 *
 * <ol>
 *   <li>CONNECTION-1: the frames of a write leave in order, each as one text message, joined with nothing.
 *   <li>CONNECTION-2: {@code done} is called exactly once for each write, also when the connection is closed or breaks
 *       meanwhile; on any thread, perhaps before {@code write} has returned.
 *   <li>CONNECTION-3: {@code done} says a failure if the frames did not reach the socket.
 *   <li>CONNECTION-4: {@code close} sends the code and text if it still can, at once returns, and is followed by exactly one
 *       {@link Inbound#closed}, soon, even if the client never answers. Further calls do nothing.
 *   <li>CONNECTION-5: {@code ping} sends a protocol-level ping or, where that could block, nothing.
 * </ol>
 */
public interface Connection {
  /** Writes these frames; only called when no other write is under way. */
  void write(List<Frame> frames, Done done);

  /** Sends a ping of the transport's own; only called when no write is under way. */
  void ping();

  /** Ends the connection. */
  void close(CloseReason reason);

  /** Told once how a write ended. */
  @FunctionalInterface
  interface Done {
    /**
     * The write has ended.
     *
     * @param failure null if the frames were taken
     */
    void done(@Nullable Throwable failure);
  }
}
