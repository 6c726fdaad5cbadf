package dev.confab.chat.transport.jsr356.conformance;

class TyrusTransportTest extends ContainerTransportContract {
  @Override
  protected Container container() {
    return new TyrusContainer();
  }
}
