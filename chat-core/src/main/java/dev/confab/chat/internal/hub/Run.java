package dev.confab.chat.internal.hub;

import dev.confab.chat.model.Cursor;
import dev.confab.chat.spi.Frame;
import java.util.List;

/**
 * Consecutive entries of a log, encoded for one dialect and shared by all who are at the same place.
 *
 * @param frames what to write; empty if the dialect shows none of the entries
 * @param length the frames' length together, in bytes
 * @param shown how many entries are shown
 * @param to the place behind the last entry
 * @param more whether the log went on behind it when this was made
 */
record Run(List<Frame> frames, int length, int shown, Cursor to, boolean more) {}
