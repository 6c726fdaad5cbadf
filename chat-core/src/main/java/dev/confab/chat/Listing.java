package dev.confab.chat;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One page of a list. Who is there from the first page to the last is listed exactly once; who comes or goes meanwhile may
 * be listed or not. A page costs its own length, however long the whole list is; one of a
 * connection's channels costs as much as that connection has.
 *
 * @param items this page, in the list's order
 * @param next what to ask for the page behind this one with; empty if this is the last
 */
public record Listing<T>(List<T> items, Optional<String> next) {
  /** The most items a page may have. */
  public static final int MAX_ITEMS = 1_000;

  /** Copies its list. */
  public Listing {
    items = List.copyOf(items);
  }

  /**
   * A page of what was found.
   *
   * @param found one more than the page takes, if there are so many
   */
  static <F, T> Listing<T> of(
      List<F> found, int limit, Function<F, T> item, Function<F, String> place) {
    if (found.size() <= limit) {
      return new Listing<>(found.stream().map(item).toList(), Optional.empty());
    }
    return new Listing<>(
        found.subList(0, limit).stream().map(item).toList(),
        Optional.of(place.apply(found.get(limit - 1))));
  }

  static int requireLimit(int limit) {
    if (limit < 1 || limit > MAX_ITEMS) {
      throw new IllegalArgumentException(
          "limit must be at least 1 and at most " + MAX_ITEMS + ", got " + limit);
    }
    return limit;
  }
}
