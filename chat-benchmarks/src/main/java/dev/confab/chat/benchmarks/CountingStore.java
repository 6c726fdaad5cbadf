package dev.confab.chat.benchmarks;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.spi.MessageStore;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Another store, which counts how often it is asked. */
final class CountingStore implements MessageStore {
  private final MessageStore inner;
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong questions = new AtomicLong();

  CountingStore(MessageStore inner) {
    this.inner = inner;
  }

  /** How many pages were read. */
  long reads() {
    return reads.get();
  }

  /** How often heads were asked for, of one channel or of many. */
  long questions() {
    return questions.get();
  }

  @Override
  public Appended append(Append append) {
    return inner.append(append);
  }

  @Override
  public Page read(ChannelName channel, Position position, int entries, int bytes) {
    reads.incrementAndGet();
    return inner.read(channel, position, entries, bytes);
  }

  @Override
  public Map<ChannelName, Head> heads(Collection<ChannelName> channels) {
    questions.incrementAndGet();
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
