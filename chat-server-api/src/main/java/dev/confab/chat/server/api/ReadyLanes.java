package dev.confab.chat.server.api;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/** Lanes whose next record may be handed out, those first whose last was handed out in vain. Guarded by their line. */
final class ReadyLanes {
  final Set<Lane> again = new LinkedHashSet<>();
  final Set<Lane> others = new LinkedHashSet<>();

  boolean isEmpty() {
    return again.isEmpty() && others.isEmpty();
  }

  /** Takes the first out. */
  Lane poll() {
    Iterator<Lane> lanes = (again.isEmpty() ? others : again).iterator();
    Lane first = lanes.next();
    lanes.remove();
    return first;
  }
}
