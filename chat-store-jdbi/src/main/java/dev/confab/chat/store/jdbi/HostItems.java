package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.Draft;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a host wants recorded together, checked. */
final class HostItems {
  /** How many drafts one posting has at most: they are held in one transaction that others wait for. */
  static final int MOST_DRAFTS = 500;

  /** How many bytes all of them may have, as {@link Draft#weight} counts; a single one may have more. */
  static final long MOST_BYTES = 4L << 20;

  private HostItems() {}

  /** A copy stands right behind the message it is a copy of, and goes with it. */
  static List<Item> of(List<Draft> drafts) {
    if (drafts.isEmpty() || drafts.size() > MOST_DRAFTS) {
      throw new StoreException("Expected 1 to " + MOST_DRAFTS + " drafts in one posting, got "
          + drafts.size()
          + ": append several times, and keep in mind that all their channels are held until the"
          + " commit.");
    }
    long bytes = drafts.stream().mapToLong(Draft::weight).sum();
    if (bytes > MOST_BYTES && drafts.size() > 1) {
      throw new StoreException("Expected drafts of at most " + MOST_BYTES
          + " bytes together in one posting, got " + bytes + ": append several times.");
    }
    List<Item> items = new ArrayList<>(drafts.size());
    for (int i = 0; i < drafts.size(); i++) {
      Draft draft = drafts.get(i);
      if (draft.kind() != EntryKind.MESSAGE) {
        throw new StoreException("Expected a message, or the copy of the message right before it,"
            + " got a " + draft.kind() + " as draft " + (i + 1) + ".");
      }
      Optional<Draft> copy = Optional.empty();
      if (i + 1 < drafts.size() && isCopy(drafts.get(i + 1), draft)) {
        copy = Optional.of(drafts.get(++i));
      }
      items.add(new Item(draft, copy));
    }
    return items;
  }

  private static boolean isCopy(Draft draft, Draft message) {
    return draft.kind() == EntryKind.COPY && draft.id().equals(message.id());
  }
}
