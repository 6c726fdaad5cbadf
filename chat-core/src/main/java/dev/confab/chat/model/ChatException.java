package dev.confab.chat.model;

/** Root of the exceptions this library throws. Each says what was expected, what came and what to do. */
public class ChatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what was expected, what came and what to do. */
  public ChatException(String message) {
    super(message);
  }

  /** As above, with the failure underneath. */
  public ChatException(String message, Throwable cause) {
    super(message, cause);
  }
}
