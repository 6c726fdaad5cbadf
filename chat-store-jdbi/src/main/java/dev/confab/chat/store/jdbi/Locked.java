package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import java.util.Map;
import java.util.Set;

/**
 * What a transaction got of the channels it asked for; a name in neither does not exist.
 *
 * @param rows those it holds now, in the order they were taken
 * @param held those another transaction holds
 */
record Locked(Map<ChannelName, ChannelRow> rows, Set<ChannelName> held) {}
