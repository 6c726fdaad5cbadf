package dev.confab.chat.transport.jsr356.conformance;

class TyrusConformanceTest extends ConformanceContract {
  @Override
  protected Container container() {
    return new TyrusContainer();
  }
}
