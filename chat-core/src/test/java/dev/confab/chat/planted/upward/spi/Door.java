package dev.confab.chat.planted.upward.spi;

/** Planted for {@code PackageOrderTest}: what the offender uses. */
public final class Door {}
