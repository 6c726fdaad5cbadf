package dev.confab.chat.internal.command;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds what was set for the longest prefix of a name. */
final class Prefixes<T> {
  private final List<Map.Entry<String, T>> longestFirst;

  Prefixes(Map<String, T> byPrefix) {
    List<Map.Entry<String, T>> entries = new ArrayList<>(Map.copyOf(byPrefix).entrySet());
    entries.sort(
        Comparator.comparingInt((Map.Entry<String, T> entry) -> entry.getKey().length())
            .reversed());
    longestFirst = List.copyOf(entries);
  }

  Optional<T> find(String name) {
    for (Map.Entry<String, T> entry : longestFirst) {
      if (name.startsWith(entry.getKey())) {
        return Optional.of(entry.getValue());
      }
    }
    return Optional.empty();
  }
}
