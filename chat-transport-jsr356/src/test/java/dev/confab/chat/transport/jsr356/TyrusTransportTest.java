package dev.confab.chat.transport.jsr356;

import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.testkit.ServedTransport;
import dev.confab.chat.testkit.TransportContract;

/** The contract over real sockets, with Tyrus as the container. */
final class TyrusTransportTest extends TransportContract {
  @Override
  protected ServedTransport serve(Acceptor acceptor) {
    TyrusServer server = new TyrusServer();
    server.install("/chat", acceptor, EndpointOptions.defaults());
    return server.start();
  }
}
