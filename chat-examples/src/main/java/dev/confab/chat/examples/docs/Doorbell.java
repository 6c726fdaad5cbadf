package dev.confab.chat.examples.docs;

import dev.confab.chat.spi.ChatListener;
import java.util.concurrent.atomic.LongAdder;

/** Counts logins and refusals for the application's own metrics. */
// docs:begin listener
public final class Doorbell implements ChatListener {
  private final LongAdder logins = new LongAdder();
  private final LongAdder refusals = new LongAdder();

  @Override
  public void happened(Happening happening) {
    if (happening instanceof Happening.LoggedIn) {
      logins.increment();
    } else if (happening instanceof Happening.Refused) {
      refusals.increment();
    }
  }

  /** Logins so far, refreshed ones included. */
  public long logins() {
    return logins.sum();
  }

  /** Refused commands so far. */
  public long refusals() {
    return refusals.sum();
  }
}
// docs:end listener
