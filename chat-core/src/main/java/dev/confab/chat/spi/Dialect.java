package dev.confab.chat.spi;

import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Reply;
import java.util.List;
import java.util.Optional;

/**
 * How one kind of client puts things into text.
 *
 * <p><b>Threads.</b> Any, several at once; stateless.
 *
 * <ol>
 *   <li>DIALECT-1: decoding never throws: what can not be read is {@link Decoded.Malformed}, and every object of a frame
 *       gives exactly one result, in order.
 *   <li>DIALECT-2: encoding never throws, and gives the same text for the same value.
 *   <li>DIALECT-3: encoded text has no line break in it if frames are joined.
 *   <li>DIALECT-4: an event the client is not shown is empty, whatever it holds.
 * </ol>
 */
public interface Dialect {
  /** How it behaves beside reading and writing. */
  Manners manners();

  /** What a client's frame asks. */
  List<Decoded> decode(String frame);

  /** An event as text; empty if such clients are not shown it. */
  Optional<String> encode(Event event);

  /** A reply as text. */
  String encode(Reply reply);

  /**
   * How a dialect behaves beside reading and writing.
   *
   * @param subprotocol by which it is chosen; absent for clients that offer none
   * @param joinsFrames whether several texts may leave in one frame, a line each
   * @param greets whether a {@link Event.Welcome} is its first frame
   * @param pings whether heartbeats are {@link Event.Ping}; else they are the transport's own
   * @param canBeReset whether it understands {@link Event.Reset} and {@link Event.Trimmed}; else the connection is closed
   */
  record Manners(
      Optional<String> subprotocol,
      boolean joinsFrames,
      boolean greets,
      boolean pings,
      boolean canBeReset) {}
}
