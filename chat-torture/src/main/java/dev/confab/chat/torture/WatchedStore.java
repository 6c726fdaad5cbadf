package dev.confab.chat.torture;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.spi.MessageStore;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Passes everything on, and says when the next append begins if that was asked. Safe for use by several threads. */
final class WatchedStore implements MessageStore {
  private final MessageStore inner;
  private final Runnable appending;
  private final AtomicBoolean watched = new AtomicBoolean();

  WatchedStore(MessageStore inner, Runnable appending) {
    this.inner = inner;
    this.appending = appending;
  }

  /** Asks to be told of the next append, once. */
  void watch() {
    watched.set(true);
  }

  @Override
  public Appended append(Append append) {
    if (watched.compareAndSet(true, false)) {
      appending.run();
    }
    return inner.append(append);
  }

  @Override
  public Page read(ChannelName channel, Position position, int entries, int bytes) {
    return inner.read(channel, position, entries, bytes);
  }

  @Override
  public Map<ChannelName, Head> heads(Collection<ChannelName> channels) {
    return inner.heads(channels);
  }

  @Override
  public Optional<Appended> redact(ChannelName channel, long seq, EntryId id, Instant at) {
    return inner.redact(channel, seq, id, at);
  }

  @Override
  public void close() {
    inner.close();
  }
}
