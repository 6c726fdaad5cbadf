package dev.confab.chat.dialects;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The one room a client is in, as the answers say, and those it may be in while its moves are on their way. For any thread.
 */
final class Whereabouts {
  private static final int MAX_ROOMS = 16;

  // All guarded by this.
  private Optional<ChannelName> here = Optional.empty();
  private final Set<ChannelName> perhaps = new LinkedHashSet<>(4);
  private int moves;

  /** Where it is, if anywhere. */
  synchronized Optional<ChannelName> here() {
    return here;
  }

  /**
   * A move is asked, which {@link #entered} or {@link #stayed} ends.
   *
   * @return what has to be left for it; this room too, if it may be there already
   * @throws RefusedException if too many are on their way
   */
  synchronized List<ChannelName> move(ChannelName next) {
    if (perhaps.size() >= MAX_ROOMS) {
      if (moves > 0) {
        throw new RefusedException(ErrorCode.OVERLOADED);
      }
      settle();
    }
    List<ChannelName> before = List.copyOf(perhaps);
    perhaps.add(next);
    moves++;
    return before;
  }

  /** These were left, in a move or without one. */
  synchronized void left(Collection<ChannelName> rooms) {
    here = here.filter(room -> !rooms.contains(room));
    if (moves == 0) {
      perhaps.removeAll(rooms);
    }
  }

  /** A move came to its end. */
  synchronized void entered(ChannelName room) {
    here = Optional.of(room);
    perhaps.add(room);
    moves = Math.max(0, moves - 1);
    if (moves == 0) {
      settle();
    }
  }

  /** Nothing came of a move. */
  synchronized void stayed(ErrorCode why) {
    moves = Math.max(0, moves - 1);
    // What took too long may yet come about.
    if (moves == 0 && why != ErrorCode.UNAVAILABLE) {
      settle();
    }
  }

  /** It is logged in no more, and with that nowhere. */
  synchronized void gone() {
    here = Optional.empty();
    if (moves == 0) {
      settle();
    }
  }

  private void settle() {
    perhaps.clear();
    here.ifPresent(perhaps::add);
  }
}
