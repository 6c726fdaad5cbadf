package dev.confab.chat.model;

/** A text that can not be the name or id it was meant to be. Its message names the rule and is safe to show. */
public final class InvalidNameException extends ChatException {
  private static final long serialVersionUID = 1L;

  /** Names the broken rule. */
  public InvalidNameException(String message) {
    super(message);
  }
}
