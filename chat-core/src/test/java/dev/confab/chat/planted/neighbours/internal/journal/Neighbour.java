package dev.confab.chat.planted.neighbours.internal.journal;

/** Planted for {@code PackageOrderTest}: what the offender uses. */
public final class Neighbour {}
