package dev.confab.chat;

import dev.confab.chat.model.ChannelName;

/**
 * How many are subscribed to a channel on this node, as it was when this was asked.
 *
 * @param channel which channel
 * @param connections how many connections
 * @param users how many users
 */
public record ChannelInfo(ChannelName channel, int connections, int users) {}
