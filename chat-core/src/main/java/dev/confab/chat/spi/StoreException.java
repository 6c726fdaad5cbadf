package dev.confab.chat.spi;

import dev.confab.chat.model.ChatException;
import java.io.Serial;

/** A store could not do what was asked because of what it was asked; nothing was recorded. */
public class StoreException extends ChatException {
  @Serial
  private static final long serialVersionUID = 1L;

  /** Says what was expected and what came. */
  public StoreException(String message) {
    super(message);
  }

  /** As above, with the failure underneath. */
  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
