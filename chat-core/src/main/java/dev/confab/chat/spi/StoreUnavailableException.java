package dev.confab.chat.spi;

import java.io.Serial;

/** The database can not be used now, through no fault of what it was asked; nothing was recorded. */
public final class StoreUnavailableException extends StoreException {
  @Serial
  private static final long serialVersionUID = 1L;

  /** Says what failed. */
  public StoreUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Says what failed. */
  public StoreUnavailableException(String message) {
    super(message);
  }
}
