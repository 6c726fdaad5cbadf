package dev.confab.chat.model;

/** A text that is not JSON, or JSON that the protocol refuses as data. Its message is safe to show. */
public final class InvalidJsonException extends ChatException {
  private static final long serialVersionUID = 1L;

  /** Names what is wrong. */
  public InvalidJsonException(String message) {
    super(message);
  }
}
