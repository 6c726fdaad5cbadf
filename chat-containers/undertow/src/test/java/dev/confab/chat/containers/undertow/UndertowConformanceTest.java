package dev.confab.chat.containers.undertow;

import dev.confab.chat.transport.jsr356.conformance.ConformanceContract;
import dev.confab.chat.transport.jsr356.conformance.Container;

class UndertowConformanceTest extends ConformanceContract {
  @Override
  protected Container container() {
    return new UndertowContainer();
  }
}
