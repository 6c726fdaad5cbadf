package dev.confab.chat.containers.tomcat11;

import dev.confab.chat.transport.jsr356.conformance.Container;
import dev.confab.chat.transport.jsr356.conformance.EndpointContract;

class TomcatEndpointTest extends EndpointContract {
  @Override
  protected Container container() {
    return new TomcatContainer();
  }
}
