package dev.confab.chat.model;

import java.util.Optional;

/**
 * A place in a channel's log: behind the entry with this seq and id, or, as {@link #START}, before the first. Written
 * {@code <seq>.<id>} or {@code 0}. Clients treat it as opaque.
 *
 * @param seq 0 before the first entry, else the number of the entry last seen
 * @param id the id of that entry; absent only for 0
 */
public record Cursor(long seq, Optional<EntryId> id) {
  /** Before the first entry. */
  public static final Cursor START = new Cursor(0, Optional.empty());

  /** Refuses a negative seq, an id without entry and an entry without id. */
  public Cursor {
    if (seq < 0 || (seq == 0) != id.isEmpty()) {
      throw new InvalidNameException("a cursor is 0, or the seq and id of an entry");
    }
  }

  /** The place right behind this entry. */
  public static Cursor of(long seq, EntryId id) {
    return new Cursor(seq, Optional.of(id));
  }

  /** Reads the written form; {@link InvalidNameException} if it is none. */
  public static Cursor parse(String text) {
    if (text.equals("0")) {
      return START;
    }
    int dot = text.indexOf('.');
    if (dot < 1 || dot > 19 || text.charAt(0) == '0') {
      throw new InvalidNameException("a cursor is 0 or <seq>.<id>");
    }
    long seq = 0;
    for (int i = 0; i < dot; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9 || seq > (Long.MAX_VALUE - digit) / 10) {
        throw new InvalidNameException("a cursor is 0 or <seq>.<id>");
      }
      seq = seq * 10 + digit;
    }
    return of(seq, new EntryId(text.substring(dot + 1)));
  }

  @Override
  public String toString() {
    return id.map(present -> seq + "." + present.value()).orElse("0");
  }
}
