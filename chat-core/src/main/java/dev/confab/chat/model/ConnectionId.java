package dev.confab.chat.model;

/** The id of one connection: 1 to 64 printable characters. Told to its client; no secret and never a credential. */
public record ConnectionId(String value) implements Comparable<ConnectionId> {
  /** Refuses an empty or overlong text with {@link InvalidNameException}. */
  public ConnectionId {
    Names.requireName("a connection id", value, 64);
  }

  @Override
  public int compareTo(ConnectionId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
