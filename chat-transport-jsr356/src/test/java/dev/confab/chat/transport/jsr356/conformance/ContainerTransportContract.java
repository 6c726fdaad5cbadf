package dev.confab.chat.transport.jsr356.conformance;

import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.testkit.ServedTransport;
import dev.confab.chat.testkit.TransportContract;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import org.junit.jupiter.api.extension.ExtendWith;

/** The contract of every transport, over real sockets of a container. */
@ExtendWith(ConformanceReport.class)
public abstract class ContainerTransportContract extends TransportContract {
  /** A new container. */
  protected abstract Container container();

  @Override
  protected final ServedTransport serve(Acceptor acceptor) {
    return new ChatServer(container())
        .with("/chat", acceptor, EndpointOptions.defaults())
        .start();
  }
}
