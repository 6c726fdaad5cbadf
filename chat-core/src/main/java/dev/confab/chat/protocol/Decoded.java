package dev.confab.chat.protocol;

import java.util.Optional;

/** What one object of a client's frame turned out to be. */
public sealed interface Decoded {
  /** The op it named, if that could be read. */
  Optional<String> named();

  /** The id it bore, if that could be read. */
  Optional<RequestId> id();

  /**
   * Something that is asked.
   *
   * @param op the op, as the reply names it
   * @param id the request's id, if it bore one
   * @param command what is asked
   */
  record Request(String op, Optional<RequestId> id, Command command) implements Decoded {
    @Override
    public Optional<String> named() {
      return Optional.of(op);
    }
  }

  /**
   * Something that can only be refused.
   *
   * @param named the op, if that could be read
   * @param id the request's id, if that could be read
   * @param refusal why
   */
  record Malformed(Optional<String> named, Optional<RequestId> id, Refusal refusal)
      implements Decoded {}
}
