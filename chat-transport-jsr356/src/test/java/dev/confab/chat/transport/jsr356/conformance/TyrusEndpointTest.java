package dev.confab.chat.transport.jsr356.conformance;

class TyrusEndpointTest extends EndpointContract {
  @Override
  protected Container container() {
    return new TyrusContainer();
  }
}
