package dev.confab.chat.examples.server;

/** The server can not start; its message is the one sentence its user is told. */
final class StartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
