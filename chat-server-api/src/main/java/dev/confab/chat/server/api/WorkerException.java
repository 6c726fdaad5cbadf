package dev.confab.chat.server.api;

import dev.confab.chat.model.ChatException;
import java.io.Serial;

/** What a worker asked was not done: the server refused it, or the connection to it was lost before it answered. */
public final class WorkerException extends ChatException {
  @Serial
  private static final long serialVersionUID = 1L;

  private final int number;

  WorkerException(int number, String message) {
    super(number == 0 ? message : number + ": " + message);
    this.number = number;
  }

  /** connmix's number of the error; 0 if the connection was lost, and it is not known whether it was done. */
  public int number() {
    return number;
  }
}
