package dev.confab.chat.planted.upward.model;

import dev.confab.chat.planted.upward.spi.Door;

/** Planted for {@code PackageOrderTest}: the model must not know a door. */
public final class CallsUpward {
  private final Door door = new Door();

  /** Uses what stands above it. */
  public Door door() {
    return door;
  }
}
