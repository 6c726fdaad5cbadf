package dev.confab.chat.testkit;

import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.OutcomeUnknownException;
import dev.confab.chat.spi.StoreUnavailableException;
import dev.confab.chat.testkit.MessageStoreContract.Loss;
import dev.confab.chat.testkit.MessageStoreContract.UntilClosed;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A log in memory that any number of stores stand on, with all the troubles a database can make when a test wants them: a
 * channel held by somebody else, a commit whose answer is lost, no database at all. Its stores keep every rule through all
 * of that. Any thread may call any method.
 */
public final class TroubledLog {
  private final InMemoryMessageStore log;

  /** The channels that another transaction holds. Guarded by {@code this}; changes are notified. */
  private final Set<ChannelName> held = new HashSet<>();

  /** Guarded by {@code this}. */
  private boolean gone;

  /** Trouble on top of this log, which nobody else uses. */
  public TroubledLog(InMemoryMessageStore log) {
    this.log = log;
  }

  /** Another store on the log; closing it leaves the log and the other stores as they are. */
  public MessageStore open() {
    return new TroubledStore(Optional.empty());
  }

  /** A store whose next append does not hear whether its commit happened. */
  public MessageStore openLosing(Loss loss) {
    return new TroubledStore(Optional.of(loss));
  }

  /** Has somebody else hold this channel until closed. */
  public synchronized UntilClosed hold(ChannelName channel) {
    held.add(channel);
    return () -> {
      synchronized (this) {
        held.remove(channel);
        notifyAll();
      }
    };
  }

  /** Takes the database away until closed. */
  public synchronized UntilClosed takeAway() {
    gone = true;
    return () -> {
      synchronized (this) {
        gone = false;
      }
    };
  }

  private synchronized void requireDatabase() {
    if (gone) {
      throw new StoreUnavailableException("the database is gone");
    }
  }

  /** The first of the item's channels that is still held once there is no more patience. */
  private synchronized Optional<ChannelName> heldOf(MessageStore.Item item, long patientUntil) {
    while (true) {
      Optional<ChannelName> holder =
          channelsOf(List.of(item)).stream().filter(held::contains).findFirst();
      long left = (patientUntil - System.nanoTime() + 999_999) / 1_000_000;
      if (holder.isEmpty() || left <= 0) {
        return holder;
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return holder;
      }
    }
  }

  private static Set<ChannelName> channelsOf(List<MessageStore.Item> items) {
    Set<ChannelName> channels = new HashSet<>();
    for (MessageStore.Item item : items) {
      channels.add(item.draft().channel());
      item.copy().ifPresent(copy -> channels.add(copy.channel()));
    }
    return channels;
  }

  private final class TroubledStore implements MessageStore {
    /** What happens to the next commit. Guarded by {@code this}. */
    private Optional<Loss> loss;

    TroubledStore(Optional<Loss> loss) {
      this.loss = loss;
    }

    @Override
    public Appended append(Append append) {
      requireDatabase();
      long patientUntil = System.nanoTime() + append.patience().toNanos();
      Map<Item, Outcome> waiting = new HashMap<>();
      List<Item> free = new ArrayList<>();
      for (Item item : append.items()) {
        Optional<ChannelName> holder = heldOf(item, patientUntil);
        holder.ifPresent(channel -> waiting.put(item, new Outcome.Held(channel)));
        if (holder.isEmpty()) {
          free.add(item);
        }
      }
      if (free.isEmpty()) {
        return new Appended(append.items().stream().map(waiting::get).toList(), Map.of());
      }
      Appended appended = commit(new Append(free, append.at(), append.patience(), append.seen()));
      List<Outcome> outcomes = new ArrayList<>();
      var recorded = appended.outcomes().iterator();
      for (Item item : append.items()) {
        Outcome held = waiting.get(item);
        outcomes.add(held == null ? recorded.next() : held);
      }
      return new Appended(outcomes, appended.previous());
    }

    private Appended commit(Append append) {
      Optional<Loss> lost;
      synchronized (this) {
        lost = loss;
        loss = Optional.empty();
      }
      if (lost.isEmpty()) {
        return log.append(append);
      }
      Map<ChannelName, Cursor> seen = new HashMap<>();
      log.heads(channelsOf(append.items()))
          .forEach((channel, head) -> seen.put(channel, head.cursor()));
      if (lost.get() == Loss.COMMITTED) {
        log.append(append);
      }
      throw new OutcomeUnknownException(
          "the connection broke during the commit", new IOException("connection reset"), seen);
    }

    @Override
    public Page read(ChannelName channel, Position position, int entries, int bytes) {
      requireDatabase();
      return log.read(channel, position, entries, bytes);
    }

    @Override
    public Map<ChannelName, Head> heads(Collection<ChannelName> channels) {
      requireDatabase();
      return log.heads(channels);
    }

    @Override
    public Optional<Appended> redact(ChannelName channel, long seq, EntryId id, Instant at) {
      requireDatabase();
      return log.redact(channel, seq, id, at);
    }

    @Override
    public void close() {
      // The log lives on.
    }
  }
}
