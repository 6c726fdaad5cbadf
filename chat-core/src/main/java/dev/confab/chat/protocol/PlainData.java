package dev.confab.chat.protocol;

/** How what a user said stands in the {@code data} of clients that offer no subprotocol. */
public enum PlainData {
  /** As it was sent. */
  AS_SENT,
  /**
   * A string, {@code uid:<id>,message:<text>}, as the code of the first chat room made it; what was no string is its JSON text.
   * What the host says stays as it is.
   */
  UID_AND_MESSAGE
}
