package dev.confab.chat.internal.journal;

/**
 * What a journal has done since it was made, and what it holds now; all of one moment.
 *
 * @param drafts drafts taken and not settled yet, a copy counted as one of its own
 * @param bytes roughly what they cost in memory
 * @param lanes channels that are held, or redacted, and therefore wait by themselves
 * @param appends transactions that were recorded, with however many items
 * @param recorded items that got a place of their own, and redactions
 * @param duplicates items that were recorded before under the same key
 * @param held items that met a channel which another transaction held
 * @param overloaded items refused because the journal, or its part for a held channel, was full, or it was closed
 * @param unavailable items refused because the store could not be used, or a channel was held for too long
 * @param failed items refused because of a fault that was not the database's
 * @param lookups transactions whose outcome was unknown and had to be looked up
 * @param unknown items whose outcome could not be learned in time
 */
public record JournalCounters(
    int drafts,
    long bytes,
    int lanes,
    long appends,
    long recorded,
    long duplicates,
    long held,
    long overloaded,
    long unavailable,
    long failed,
    long lookups,
    long unknown) {}
