package dev.confab.chat.internal.hub;

/**
 * How far something came that is not recorded.
 *
 * @param given to how many connections of this node it was handed
 * @param dropped for how many it was dropped because they are behind
 */
public record Reach(int given, int dropped) {}
