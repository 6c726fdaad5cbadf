package dev.confab.chat.planted.neighbours.internal.hub;

import dev.confab.chat.planted.neighbours.internal.journal.Neighbour;

/** Planted for {@code PackageOrderTest}: hub and journal stand on one floor. */
public final class AsksItsNeighbour {
  private final Neighbour neighbour = new Neighbour();

  /** Uses what stands beside it. */
  public Neighbour neighbour() {
    return neighbour;
  }
}
