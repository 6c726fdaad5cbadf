package dev.confab.chat.containers.kit;

import dev.confab.chat.transport.jsr356.conformance.Container;
import dev.confab.chat.transport.jsr356.conformance.EndpointContract;

/** Here and now. */
public final class HostEndpointContract extends EndpointContract {
  /** For JUnit. */
  public HostEndpointContract() {}

  @Override
  protected Container container() {
    return new HostContainer();
  }
}
