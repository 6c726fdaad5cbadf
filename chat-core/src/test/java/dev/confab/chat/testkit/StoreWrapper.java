package dev.confab.chat.testkit;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.spi.MessageStore;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Passes everything on to another store; a test changes what it wants to be otherwise. */
public class StoreWrapper implements MessageStore {
  private final MessageStore inner;

  /** Passes everything on to this one. */
  public StoreWrapper(MessageStore inner) {
    this.inner = inner;
  }

  @Override
  public Appended append(Append append) {
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

  /** The append with each item changed. */
  protected static Append changed(Append append, UnaryOperator<Item> change) {
    return new Append(
        append.items().stream().map(change).toList(),
        append.at(),
        append.patience(),
        append.seen());
  }

  /** The answer with each entry changed. */
  protected static Appended changed(Appended appended, UnaryOperator<Entry> change) {
    List<Outcome> outcomes = appended.outcomes().stream()
        .map(outcome -> outcome instanceof Outcome.Recorded recorded
            ? new Outcome.Recorded(
                change.apply(recorded.entry()), recorded.copy().map(change))
            : outcome)
        .toList();
    return new Appended(outcomes, appended.previous());
  }

  /** The page with each entry changed. */
  protected static Page changed(Page page, UnaryOperator<Entry> change) {
    return new Page(
        page.fits(),
        page.entries().stream().map(change).toList(),
        page.more(),
        page.head(),
        page.trimmed());
  }
}
