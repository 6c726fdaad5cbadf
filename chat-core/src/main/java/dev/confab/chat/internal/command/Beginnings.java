package dev.confab.chat.internal.command;

import dev.confab.chat.internal.hub.Hub;
import dev.confab.chat.internal.hub.Pin;
import dev.confab.chat.internal.hub.Reads;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.TrimmedRange;
import dev.confab.chat.spi.MessageStore.Page;
import dev.confab.chat.spi.MessageStore.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Finds where subscriptions begin: the head of each channel, whether a cursor fits, and the newest messages up to the head. */
final class Beginnings {
  /**
   * Where a subscription begins.
   *
   * @param pin keeps the channel open for it
   * @param head the place the reply speaks of
   * @param start where the follower begins
   * @param resumes true if a cursor was given
   * @param reset true if it did not fit
   * @param trimmed what retention removed behind it
   * @param messages the newest messages up to head, if asked for
   * @param more whether there are older ones
   */
  record Beginning(
      Pin pin,
      Cursor head,
      Cursor start,
      boolean resumes,
      boolean reset,
      Optional<TrimmedRange> trimmed,
      Optional<List<Entry>> messages,
      boolean more) {
    long missed() {
      return Math.max(
          0, head.seq() - Math.max(start.seq(), trimmed.map(TrimmedRange::to).orElse(0L)));
    }
  }

  private final Hub hub;
  private final Reads reads;
  private final Limits limits;

  Beginnings(Hub hub, Reads reads, Limits limits) {
    this.hub = hub;
    this.reads = reads;
    this.limits = limits;
  }

  /** One for each channel, in order; failed as the store failed, with nothing pinned. */
  CompletableFuture<List<Beginning>> find(
      List<ChannelName> names, Map<ChannelName, Cursor> since, OptionalLong history) {
    return hub.pin(names)
        .thenCompose(pins -> new Search(pins, since, history)
            .next(0)
            .whenComplete((found, failure) -> {
              if (failure != null) {
                pins.forEach(Pin::release);
              }
            }));
  }

  /** One search; channels are looked at one after the other, because all share the bytes of one reply. */
  private final class Search {
    private final List<Pin> pins;
    private final Map<ChannelName, Cursor> since;
    private final OptionalLong history;
    private final List<Beginning> found = new ArrayList<>();
    private int historyBytes = limits.historyReplyBytes();

    Search(List<Pin> pins, Map<ChannelName, Cursor> since, OptionalLong history) {
      this.pins = pins;
      this.since = since;
      this.history = history;
    }

    CompletableFuture<List<Beginning>> next(int from) {
      for (int i = from; i < pins.size(); i++) {
        Pin pin = pins.get(i);
        CompletableFuture<Beginning> beginning = beginning(pin);
        if (!beginning.isDone() || beginning.isCompletedExceptionally()) {
          // One that failed already, too: thrown from here, nobody would release the pins.
          int following = i + 1;
          return beginning.thenCompose(begun -> goOn(begun, following));
        }
        found.add(beginning.join());
      }
      return CompletableFuture.completedFuture(found);
    }

    private CompletableFuture<Beginning> beginning(Pin pin) {
      Cursor cursor = since.get(pin.name());
      if (cursor != null) {
        return resume(pin, cursor);
      }
      if (history.orElse(0) > 0) {
        return withHistory(pin);
      }
      return CompletableFuture.completedFuture(
          atHead(pin, pin.head(), history.isPresent() ? List.of() : null, false));
    }

    private CompletionStage<List<Beginning>> goOn(Beginning beginning, int following) {
      found.add(beginning);
      return next(following);
    }

    /** The place the messages reach up to, which is another than this node knew if the log has gone back. */
    private Cursor newest(Pin pin, Cursor head, Page page) {
      List<Entry> entries = page.entries();
      Cursor storeHead = page.head().cursor();
      Cursor newest;
      if (!entries.isEmpty()) {
        newest = entries.get(entries.size() - 1).cursor();
      } else {
        newest = storeHead.seq() < head.seq() ? storeHead : head;
      }
      if (!newest.equals(head)) {
        hub.learn(pin, storeHead, head);
      }
      return newest;
    }

    private Beginning atHead(Pin pin, Cursor head, @Nullable List<Entry> messages, boolean more) {
      return new Beginning(
          pin, head, head, false, false, Optional.empty(), Optional.ofNullable(messages), more);
    }

    private CompletableFuture<Beginning> resume(Pin pin, Cursor cursor) {
      Cursor endBefore = pin.head();
      if (pin.lies(cursor)) {
        return CompletableFuture.completedFuture(resumed(pin, endBefore, cursor, Optional.empty()));
      }
      return reads.standing(pin, cursor).thenApply(standing -> resumed(pin, cursor, standing));
    }

    private Beginning resumed(Pin pin, Cursor cursor, Reads.Standing standing) {
      Cursor storeHead = standing.head();
      hub.learn(pin, storeHead, standing.endBefore());
      if (!standing.fits()) {
        return new Beginning(
            pin, storeHead, storeHead, true, true, Optional.empty(), Optional.empty(), false);
      }
      Cursor here = pin.head();
      return resumed(
          pin, here.seq() > storeHead.seq() ? here : storeHead, cursor, standing.trimmed());
    }

    private Beginning resumed(Pin pin, Cursor head, Cursor cursor, Optional<TrimmedRange> trimmed) {
      return new Beginning(pin, head, cursor, true, false, trimmed, Optional.empty(), false);
    }

    private CompletableFuture<Beginning> withHistory(Pin pin) {
      Cursor head = pin.head();
      int bytes = Math.min(limits.historyBytes(), historyBytes);
      if (head.seq() == 0 || bytes <= 0) {
        return CompletableFuture.completedFuture(atHead(pin, head, List.of(), head.seq() > 0));
      }
      return reads
          .read(
              pin.name(), new Position.BeforeSeq(head.seq() + 1), (int) history.getAsLong(), bytes)
          .thenApply(page -> {
            page.entries().forEach(entry -> historyBytes -= entry.data().bytes());
            return atHead(pin, newest(pin, head, page), page.entries(), page.more());
          });
    }
  }
}
