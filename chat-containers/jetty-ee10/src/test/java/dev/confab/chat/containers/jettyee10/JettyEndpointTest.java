package dev.confab.chat.containers.jettyee10;

import dev.confab.chat.transport.jsr356.conformance.Container;
import dev.confab.chat.transport.jsr356.conformance.EndpointContract;

class JettyEndpointTest extends EndpointContract {
  @Override
  protected Container container() {
    return new JettyContainer();
  }
}
