package dev.confab.chat.dialects;

import dev.confab.chat.model.Credentials;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.spi.Dialect.Opening;
import java.util.List;
import java.util.Optional;

/**
 * What a connection asks before it says anything. It is given out once and then forgotten: there may be a token in it, and the
 * connection may last for days. Used by the threads of one socket, one after the other.
 */
final class Arrival {
  private List<Decoded> asked;

  /** Asks this, in order. */
  Arrival(List<Decoded> asked) {
    this.asked = List.copyOf(asked);
  }

  /** Logs in with what the opening request shows; asks nothing if that is nothing, or if the container knows who it is. */
  static Arrival shown(String op, Opening opening) {
    return new Arrival(
        Requests.login(op, opening).stream().<Decoded>map(in -> in).toList());
  }

  /** Logs in with what the opening request shows, else as a guest; asks nothing if the container knows who it is. */
  static Arrival visitor(String op, Opening opening) {
    return Requests.proven(opening.handshake()).isPresent()
        ? shown(op, opening)
        : new Arrival(List.of(Requests.login(op, guest(opening))));
  }

  /** Who a connection is that shows nothing. */
  static Credentials.Guest guest(Opening opening) {
    return new Credentials.Guest(opening.connection(), Optional.empty());
  }

  /** All that is asked; nothing from the second call on. */
  List<Decoded> once() {
    List<Decoded> once = asked;
    asked = List.of();
    return once;
  }
}
