package dev.confab.chat.server.api;

import java.util.Comparator;

/** A worker of a queue. Guarded by its line. */
final class Station {
  /** Who has least first. */
  static final Comparator<Station> LEAST =
      Comparator.<Station>comparingInt(each -> each.has).thenComparingInt(each -> each.number);

  final Line.Taker taker;
  final int window;
  final int number;

  /** Where a connection has a worker of its own: what waits for this one. */
  final ReadyLanes ready = new ReadyLanes();

  /** How many records it has; changed by {@link Stations} alone, which keeps them in this order. */
  int has;

  /** True after it let a record's time run out, until it settles something: it gets no more. */
  boolean late;

  Station(Line.Taker taker, int window, int number) {
    this.taker = taker;
    this.window = window;
    this.number = number;
  }

  boolean hasRoom() {
    return has < window && !late;
  }
}
