package dev.confab.chat.internal.journal;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.spi.MessageStore;
import java.util.ArrayList;
import java.util.List;

/** Something that is to be recorded, and who wants to know what became of it. */
abstract sealed class Work {
  /** The lanes it stands or stood in. Guarded by the journal's lock until a batch takes it. */
  final List<Lane> lanes = new ArrayList<>(0);

  /** The lanes in whose room it counts. Guarded by the journal's lock. */
  final List<Lane> counted = new ArrayList<>(0);

  /** When it was put into a lane. Guarded likewise. */
  long laneSince;

  /** Who is told. */
  abstract Journal.Settled settled();

  /** The channels it writes to. */
  abstract List<ChannelName> channels();

  /** The id of what it records, which also names it in our log. */
  abstract EntryId id();

  /** How many drafts it counts for. */
  abstract int drafts();

  /** Roughly what it costs, in bytes. */
  abstract long weight();

  /** An item for {@link MessageStore#append}. */
  static final class Sent extends Work {
    final MessageStore.Item item;
    private final Journal.Settled settled;
    private final List<ChannelName> channels;

    Sent(MessageStore.Item item, Journal.Settled settled) {
      this.item = item;
      this.settled = settled;
      ChannelName channel = item.draft().channel();
      this.channels = item.copy()
          .map(copy -> List.of(channel, copy.channel()))
          .orElseGet(() -> List.of(channel));
    }

    @Override
    Journal.Settled settled() {
      return settled;
    }

    @Override
    List<ChannelName> channels() {
      return channels;
    }

    @Override
    EntryId id() {
      return item.draft().id();
    }

    @Override
    int drafts() {
      return channels.size();
    }

    @Override
    long weight() {
      return item.weight();
    }
  }

  /** A redaction: a transaction of its own, see {@link MessageStore#redact}. */
  static final class Redaction extends Work {
    final ChannelName channel;
    final long seq;
    private final EntryId id;
    private final Journal.Redacted redacted;

    Redaction(ChannelName channel, long seq, EntryId id, Journal.Redacted redacted) {
      this.channel = channel;
      this.seq = seq;
      this.id = id;
      this.redacted = redacted;
    }

    @Override
    Journal.Redacted settled() {
      return redacted;
    }

    @Override
    List<ChannelName> channels() {
      return List.of(channel);
    }

    @Override
    EntryId id() {
      return id;
    }

    @Override
    int drafts() {
      return 1;
    }

    @Override
    long weight() {
      return 256L + 2L * channel.value().length();
    }
  }
}
