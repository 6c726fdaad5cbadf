package dev.confab.chat.containers.jettyee11;

import dev.confab.chat.transport.jsr356.conformance.Container;
import dev.confab.chat.transport.jsr356.conformance.ContainerTransportContract;

class JettyTransportTest extends ContainerTransportContract {
  @Override
  protected Container container() {
    return new JettyContainer();
  }
}
