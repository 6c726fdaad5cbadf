package dev.confab.chat.local;

import dev.confab.chat.spi.Backplane;
import dev.confab.chat.testkit.BackplaneContract;

/** The backplane of a single node keeps the rules of every backplane, by carrying nothing. */
final class NoBackplaneTest extends BackplaneContract {
  @Override
  protected Backplane join() {
    return new NoBackplane();
  }

  @Override
  protected boolean delivers() {
    return false;
  }
}
