package dev.confab.chat;

/**
 * How far a signal came on this node.
 *
 * @param given how many connections it was handed to
 * @param dropped for how many it was dropped because they are behind
 */
public record SignalCount(int given, int dropped) {}
