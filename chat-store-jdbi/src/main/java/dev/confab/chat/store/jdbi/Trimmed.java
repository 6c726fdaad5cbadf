package dev.confab.chat.store.jdbi;

/**
 * What one run of retention did.
 *
 * @param entries how many entries it removed
 * @param channels from how many channels
 * @param keys how many remembered keys it forgot
 * @param held how many channels it left for the next run because another transaction held them
 * @param complete false if it was stopped, by closing the store or interrupting its thread, before it had been everywhere
 */
public record Trimmed(long entries, int channels, long keys, int held, boolean complete) {}
