package dev.confab.chat.containers.kit;

import dev.confab.chat.transport.jsr356.conformance.Container;
import dev.confab.chat.transport.jsr356.conformance.ContainerTransportContract;

/** Here and now. */
public final class HostTransportContract extends ContainerTransportContract {
  /** For JUnit. */
  public HostTransportContract() {}

  @Override
  protected Container container() {
    return new HostContainer();
  }
}
