package dev.confab.chat.protocol;

import dev.confab.chat.model.Identity;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

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

  /**
   * Something that depends on who asks, which is known only once what was asked before is done.
   *
   * @param op the op, as the reply names it
   * @param id the request's id, if it bore one
   * @param when what is asked, by this identity or by nobody: a {@link Request}, a {@link Chain} or {@link Malformed} that bears
   *     this op and id. Called once, when its turn has come, by a door thread; never throws
   */
  record Deferred(String op, Optional<RequestId> id, Function<Optional<Identity>, Decoded> when)
      implements Decoded {
    @Override
    public Optional<String> named() {
      return Optional.of(op);
    }
  }

  /**
   * Several commands that are one thing to the client: they are done in order, until one is refused. What is behind that is
   * neither done nor answered.
   *
   * @param links at least one; a {@link Command.Send}, of which many run side by side, only at the end
   */
  record Chain(List<Request> links) implements Decoded {
    /** Refuses a chain that could not stop where it has to. */
    public Chain {
      links = List.copyOf(links);
      if (links.isEmpty()) {
        throw new IllegalArgumentException("a chain has at least one link");
      }
      for (Request link : links.subList(0, links.size() - 1)) {
        if (link.command() instanceof Command.Send) {
          throw new IllegalArgumentException("only the last link of a chain may be a send");
        }
      }
    }

    /** Of the last link: what the chain is there for. */
    @Override
    public Optional<String> named() {
      return links.get(links.size() - 1).named();
    }

    @Override
    public Optional<RequestId> id() {
      return links.get(links.size() - 1).id();
    }
  }
}
