package dev.confab.chat.model;

import java.util.Optional;

/** What an entry of a channel's log is. Readers take their position from every entry, also of kinds they do not know. */
public enum EntryKind {
  /** Something that was said; {@code about} is empty. */
  MESSAGE(0),
  /** The sender's copy of a direct message, on the sender's own channel; {@code about} is the recipient's id. */
  COPY(1),
  /** Says that an earlier entry was redacted; {@code about} is its seq. */
  REDACTION(2);

  private final int number;

  EntryKind(int number) {
    this.number = number;
  }

  /** The number that stands for it in a store; never changes. */
  public int number() {
    return number;
  }

  /** The kind with this number; empty if this version does not know it. */
  public static Optional<EntryKind> ofNumber(int number) {
    for (EntryKind kind : values()) {
      if (kind.number == number) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
