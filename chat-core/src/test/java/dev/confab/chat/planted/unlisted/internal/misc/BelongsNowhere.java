package dev.confab.chat.planted.unlisted.internal.misc;

/** Planted for {@code PackageOrderTest}: a package nobody gave a place. */
public final class BelongsNowhere {}
