package dev.confab.chat.internal.outlet;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sources of one connection that have something to pull, in line; each stands in it once. It is made of the sources
 * themselves: an idle connection has no list, and standing in line makes no garbage. Guarded by its outlet.
 */
final class Ready {
  private @Nullable Source first;
  private @Nullable Source last;

  boolean isEmpty() {
    return first == null;
  }

  /** Puts one that does not stand in line at its end. */
  void add(Source source) {
    source.ready = true;
    if (last == null) {
      first = source;
    } else {
      last.behind = source;
    }
    last = source;
  }

  /** Takes the first out; null if there is none. */
  @Nullable
  Source poll() {
    Source source = first;
    if (source != null) {
      unlink(null, source);
    }
    return source;
  }

  /** Takes one out, wherever it stands. */
  void remove(Source source) {
    Source before = null;
    for (Source each = first; each != null; each = each.behind) {
      if (each == source) {
        unlink(before, source);
        return;
      }
      before = each;
    }
  }

  /** A copy of the line. */
  List<Source> all() {
    List<Source> all = new ArrayList<>();
    for (Source each = first; each != null; each = each.behind) {
      all.add(each);
    }
    return all;
  }

  /** Takes all out. */
  void clear() {
    while (!isEmpty()) {
      poll();
    }
  }

  private void unlink(@Nullable Source before, Source source) {
    if (before == null) {
      first = source.behind;
    } else {
      before.behind = source.behind;
    }
    if (last == source) {
      last = before;
    }
    source.behind = null;
    source.ready = false;
  }
}
