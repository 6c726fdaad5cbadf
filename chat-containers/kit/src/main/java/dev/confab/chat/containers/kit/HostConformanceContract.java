package dev.confab.chat.containers.kit;

import dev.confab.chat.transport.jsr356.conformance.ConformanceContract;
import dev.confab.chat.transport.jsr356.conformance.Container;

/** Here and now. */
public final class HostConformanceContract extends ConformanceContract {
  /** For JUnit. */
  public HostConformanceContract() {}

  @Override
  protected Container container() {
    return new HostContainer();
  }
}
