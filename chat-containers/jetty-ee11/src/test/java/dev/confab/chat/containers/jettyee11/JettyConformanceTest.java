package dev.confab.chat.containers.jettyee11;

import dev.confab.chat.transport.jsr356.conformance.ConformanceContract;
import dev.confab.chat.transport.jsr356.conformance.Container;

class JettyConformanceTest extends ConformanceContract {
  @Override
  protected Container container() {
    return new JettyContainer();
  }
}
