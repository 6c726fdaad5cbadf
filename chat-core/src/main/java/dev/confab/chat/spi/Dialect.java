package dev.confab.chat.spi;

import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.protocol.Event;
import java.time.Duration;
import java.util.Optional;

/**
 * How one kind of client puts things into text. What such clients are told is the same for all of them and is encoded once;
 * what they ask, and how they are answered, is each connection's own {@link Conversation}.
 *
 * <p><b>Threads.</b> Any, several at once; stateless, but for what conversations have in it until they are closed.
 *
 * <ol>
 *   <li>DIALECT-1: decoding never throws: what can not be read is {@link dev.confab.chat.protocol.Decoded.Malformed}, and
 *       every object of a frame gives exactly one result, in order.
 *   <li>DIALECT-2: encoding never throws, and gives the same text for the same value.
 *   <li>DIALECT-3: encoded text has no line break in it if frames are joined.
 *   <li>DIALECT-4: an event the client is not shown is empty, whatever it holds.
 *   <li>DIALECT-5: answering never throws, whatever came of whatever was asked, on whatever thread, and whatever was asked
 *       since; what was not asked by this conversation is answered, too.
 *   <li>DIALECT-6: conversations share nothing: what one was asked and told changes no answer of another.
 *   <li>DIALECT-7: what a connection is told never has a secret in it that a client has shown.
 * </ol>
 */
public interface Dialect {
  /** How it behaves beside reading and writing. */
  Manners manners();

  /**
   * The conversation with a new connection; one without state may be the same for all. Called once for each connection, on
   * the transport's thread; never throws.
   */
  Conversation open(Opening opening);

  /**
   * An event as text, for every such client alike; empty if they are not shown it. Only {@link Event.Welcome} and {@link
   * Event.Bye} are a connection's own.
   */
  Optional<String> encode(Event event);

  /**
   * A connection that begins.
   *
   * @param connection its id: unguessable, and told to its client if the protocol has such a thing
   * @param handshake what the opening request said; to be looked at and not kept, because it may hold credentials
   */
  record Opening(ConnectionId connection, Handshake handshake) {}

  /**
   * How a dialect behaves beside reading and writing. Made of {@link #plain()} by adding what is different.
   *
   * @param subprotocol by which it is chosen; absent for clients that offer none
   * @param joinsFrames whether several texts may leave in one frame, a line each
   * @param greets whether a {@link Event.Welcome} is its first frame
   * @param pings whether heartbeats are {@link Event.Ping}; else they are the transport's own
   * @param canBeReset whether it understands {@link Event.Reset} and {@link Event.Trimmed}; else the connection is closed
   * @param heartbeat how often such clients are pinged and how long they may be silent; absent for the chat's limits
   * @param ignoresBinary whether binary frames are passed over; else they end the connection with 1003
   * @param acknowledgesFirst whether the answer to a send leaves before its event, where the sender is up to date; else behind it
   */
  record Manners(
      Optional<String> subprotocol,
      boolean joinsFrames,
      boolean greets,
      boolean pings,
      boolean canBeReset,
      Optional<Heartbeat> heartbeat,
      boolean ignoresBinary,
      boolean acknowledgesFirst) {
    private static final Manners PLAIN =
        new Manners(Optional.empty(), false, false, false, false, Optional.empty(), false, false);

    /** Those of a client that offers no subprotocol: a text a frame, and nothing it did not ask for. */
    public static Manners plain() {
      return PLAIN;
    }

    /** The same, chosen by this subprotocol: the name a client offers, without white space and commas. */
    public Manners chosenBy(String name) {
      if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
        throw new IllegalArgumentException(
            "a subprotocol is a word of letters, digits and marks, got " + name);
      }
      return new Manners(
          Optional.of(name),
          joinsFrames,
          greets,
          pings,
          canBeReset,
          heartbeat,
          ignoresBinary,
          acknowledgesFirst);
    }

    /** The same, with several texts in one frame, a line each. */
    public Manners joiningFrames() {
      return new Manners(
          subprotocol,
          true,
          greets,
          pings,
          canBeReset,
          heartbeat,
          ignoresBinary,
          acknowledgesFirst);
    }

    /** The same, beginning with a {@link Event.Welcome}. */
    public Manners greeting() {
      return new Manners(
          subprotocol,
          joinsFrames,
          true,
          pings,
          canBeReset,
          heartbeat,
          ignoresBinary,
          acknowledgesFirst);
    }

    /** The same, with {@link Event.Ping} for a heartbeat, as often as the chat's limits say. */
    public Manners pinging() {
      return new Manners(
          subprotocol,
          joinsFrames,
          greets,
          true,
          canBeReset,
          heartbeat,
          ignoresBinary,
          acknowledgesFirst);
    }

    /** The same, with its own times for the heartbeat. */
    public Manners beating(Heartbeat times) {
      return new Manners(
          subprotocol,
          joinsFrames,
          greets,
          pings,
          canBeReset,
          Optional.of(times),
          ignoresBinary,
          acknowledgesFirst);
    }

    /** The same, understanding {@link Event.Reset} and {@link Event.Trimmed}. */
    public Manners tellingResets() {
      return new Manners(
          subprotocol,
          joinsFrames,
          greets,
          pings,
          true,
          heartbeat,
          ignoresBinary,
          acknowledgesFirst);
    }

    /** The same, passing over binary frames. */
    public Manners ignoringBinary() {
      return new Manners(
          subprotocol, joinsFrames, greets, pings, canBeReset, heartbeat, true, acknowledgesFirst);
    }

    /** The same, with the answer to a send before its event. */
    public Manners acknowledgingFirst() {
      return new Manners(
          subprotocol, joinsFrames, greets, pings, canBeReset, heartbeat, ignoresBinary, true);
    }
  }

  /**
   * A dialect's own times: who has said nothing for {@code every} is asked whether it is there, again and again, whatever is
   * written to it meanwhile; only what a client says proves that it lives.
   *
   * @param every at least 10 ms
   * @param silence after how long without a word the connection ends with 4003; longer than {@code every}
   */
  record Heartbeat(Duration every, Duration silence) {
    /** Refuses times that no client could keep. */
    public Heartbeat {
      if (every.toMillis() < 10 || silence.compareTo(every) <= 0) {
        throw new IllegalArgumentException(
            "a heartbeat comes every 10 ms or more seldom, and silence is longer, got " + every
                + " and " + silence);
      }
    }
  }
}
