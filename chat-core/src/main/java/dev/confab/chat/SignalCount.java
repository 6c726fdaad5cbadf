package dev.confab.chat;

/**
 * How far something that is not recorded came on this node.
 *
 * @param given how many connections it was handed to
 * @param dropped for how many it was dropped because they are behind
 * @param unknown how many of the connections or users it was meant for are not here; a channel without subscribers is none
 */
public record SignalCount(int given, int dropped, int unknown) {}
