package dev.confab.chat.webhooks;

/**
 * How webhooks do, at about one moment. Totals count from the start.
 *
 * @param waiting events that wait to be accepted now
 * @param accepted events that the receiver accepted
 * @param dropped events that were dropped: too many waited, or they were not accepted in time
 * @param attempts requests made
 * @param failures requests that were not accepted
 */
public record WebhookCounters(
    int waiting, long accepted, long dropped, long attempts, long failures) {}
