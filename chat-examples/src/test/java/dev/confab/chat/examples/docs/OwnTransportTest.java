package dev.confab.chat.examples.docs;

import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.testkit.LoopbackTransport;
import dev.confab.chat.testkit.ServedTransport;
import dev.confab.chat.testkit.TransportContract;

/** How the contract of a transport is run. */
// docs:begin transport-test
final class OwnTransportTest extends TransportContract {
  /** Starts your transport, and gives a client that speaks to it. */
  @Override
  protected ServedTransport serve(Acceptor acceptor) {
    return new LoopbackTransport(acceptor);
  }
}
// docs:end transport-test
