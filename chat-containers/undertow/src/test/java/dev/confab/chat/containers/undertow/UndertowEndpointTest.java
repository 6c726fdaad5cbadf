package dev.confab.chat.containers.undertow;

import dev.confab.chat.transport.jsr356.conformance.Container;
import dev.confab.chat.transport.jsr356.conformance.EndpointContract;

class UndertowEndpointTest extends EndpointContract {
  @Override
  protected Container container() {
    return new UndertowContainer();
  }
}
