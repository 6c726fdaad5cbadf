package dev.confab.chat.containers.tomcat11;

import dev.confab.chat.transport.jsr356.conformance.ConformanceContract;
import dev.confab.chat.transport.jsr356.conformance.Container;

class TomcatConformanceTest extends ConformanceContract {
  @Override
  protected Container container() {
    return new TomcatContainer();
  }
}
