package dev.confab.chat.examples.docs;

import dev.confab.chat.spi.Backplane;
import dev.confab.chat.testkit.BackplaneContract;

/** The backplane of the page keeps the rules of every backplane. */
// docs:begin backplane-test
final class SameProcessTest extends BackplaneContract {
  private final SameProcess bus = new SameProcess();

  @Override
  protected Backplane join() {
    return bus.join();
  }

  @Override
  protected boolean delivers() {
    return true;
  }
}
// docs:end backplane-test
