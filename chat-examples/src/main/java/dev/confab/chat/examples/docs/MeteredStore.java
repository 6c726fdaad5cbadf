package dev.confab.chat.examples.docs;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.spi.MessageStore;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAccumulator;

/** Measures how long another store takes to commit. */
// docs:begin store
public final class MeteredStore implements MessageStore {
  private final MessageStore store;
  private final LongAccumulator slowest = new LongAccumulator(Math::max, 0);

  /** Measures this store, and closes it with itself. */
  public MeteredStore(MessageStore store) {
    this.store = store;
  }

  /** The slowest append so far, in nanoseconds. */
  public long slowestNanos() {
    return slowest.get();
  }

  @Override
  public Appended append(Append append) {
    long begun = System.nanoTime();
    try {
      return store.append(append);
    } finally {
      slowest.accumulate(System.nanoTime() - begun);
    }
  }

  @Override
  public Page read(ChannelName channel, Position position, int entries, int bytes) {
    return store.read(channel, position, entries, bytes);
  }

  @Override
  public Map<ChannelName, Head> heads(Collection<ChannelName> channels) {
    return store.heads(channels);
  }

  @Override
  public Optional<Appended> redact(ChannelName channel, long seq, EntryId id, Instant at) {
    return store.redact(channel, seq, id, at);
  }

  @Override
  public void close() {
    store.close();
  }
}
// docs:end store
