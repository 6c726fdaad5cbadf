package dev.confab.chat.spi;

import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.Result;
import java.util.List;
import java.util.Optional;

/**
 * One connection's own part of a {@link Dialect}: what its frames ask, and what it is answered. It may keep what its protocol
 * has between two frames – the room that was joined, the name that was given – and must bound it.
 *
 * <p><b>Threads.</b> {@link #opened} first, then {@link #decode} by the socket's threads, one call at a time; {@link #answer}
 * on any thread, while a frame is decoded or another answer is made. None may block, and none is called under a lock of the
 * chat.
 *
 * <p><b>Errors.</b> None throws. If one does, that is logged and the connection ends with 4100.
 */
public interface Conversation {
  /**
   * What is asked in the connection's name before it says anything: to log in with what the opening request shows, to
   * subscribe to something. Done, and answered, before the greeting and before what the first frame asks. Mostly empty.
   */
  List<Decoded> opened();

  /** What a client's frame asks, in order; several commands that are one thing to the client are a {@link Decoded.Chain}. */
  List<Decoded> decode(String frame);

  /**
   * How something is answered. Called at most once for each {@link Decoded} that was given away: not for a pong, for what is
   * left of a chain behind what was refused, or for what a connection that ends had not begun. Answers leave in the order the
   * requests came, but to a ping at once.
   *
   * @param asked what {@link #decode} or {@link #opened} gave, a deferred one as it turned out; a link of a chain by itself;
   *     for what was too much to be kept, a {@link Decoded.Malformed} with the same op and id
   * @param result what came of it
   */
  Answer answer(Decoded asked, Result result);

  /**
   * The connection is over: what is kept elsewhere for it has to go. Called once, on any thread, also while a frame is decoded
   * or an answer made; nothing that is asked afterwards is done.
   */
  default void closed() {}

  /**
   * What a client is told of what it asked.
   *
   * @param text what is written; empty if such clients are not answered
   * @param close why the connection then ends; empty if it does not
   */
  record Answer(Optional<String> text, Optional<CloseReason> close) {
    private static final Answer NOTHING = new Answer(Optional.empty(), Optional.empty());

    /** Such clients are not answered. */
    public static Answer nothing() {
      return NOTHING;
    }

    /** This text. */
    public static Answer of(String text) {
      return new Answer(Optional.of(text), Optional.empty());
    }

    /** The same, and then the connection ends. */
    public Answer thenClose(CloseReason reason) {
      return new Answer(text, Optional.of(reason));
    }
  }
}
