package dev.confab.chat.internal.cluster;

import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.spi.Backplane;
import dev.confab.chat.spi.Backplane.Envelope;
import java.util.List;

/** Forwards to and receives from other nodes through the backplane: faster hints of what the store has anyway. */
public final class Relay implements AutoCloseable {
  /** Takes what another node committed. */
  @FunctionalInterface
  public interface Arrivals {
    /**
     * Entries of one channel, ascending.
     *
     * @param previous the place before the first
     */
    void committed(Cursor previous, List<Entry> entries);
  }

  private static final System.Logger LOG = System.getLogger(Relay.class.getName());

  private final Backplane backplane;

  /** Relays through this backplane from now on. */
  public Relay(Backplane backplane, Arrivals arrivals) {
    this.backplane = backplane;
    backplane.open(envelope -> {
      try {
        arrivals.committed(envelope.previous(), envelope.entries());
      } catch (RuntimeException e) {
        LOG.log(
            System.Logger.Level.WARNING,
            "an envelope could not be taken; the watch will find what it told of",
            e);
      }
    });
  }

  /** Tells the other nodes; what is lost, their watch finds. */
  public void forward(Cursor previous, List<Entry> entries) {
    try {
      backplane.send(new Envelope(previous, entries));
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "a backplane must not throw; the watch of the other nodes will find it",
          e);
    }
  }

  @Override
  public void close() {
    backplane.close();
  }
}
