package dev.confab.chat.containers.undertow;

import dev.confab.chat.transport.jsr356.conformance.Container;
import dev.confab.chat.transport.jsr356.conformance.ContainerTransportContract;

class UndertowTransportTest extends ContainerTransportContract {
  @Override
  protected Container container() {
    return new UndertowContainer();
  }
}
