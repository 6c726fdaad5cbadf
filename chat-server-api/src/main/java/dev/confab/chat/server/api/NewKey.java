package dev.confab.chat.server.api;

import java.io.PrintStream;
import java.util.Arrays;

/**
 * Makes a key: {@code java -cp … dev.confab.chat.server.api.NewKey publish,read [from=10.0.0.0/8] [rate=600/60s]
 * [until=2030-01-01T00:00:00Z]}. The key, for whoever uses it, is printed to the standard error, and shown only this once; the
 * line that the server keeps is printed to the standard output, so {@code >> api-keys} adds it to a file and no secret.
 */
public final class NewKey {
  private NewKey() {}

  /** Prints a new key; exits with 2 and a sentence if the arguments are wrong. */
  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out, System.err));
  }

  static int run(String[] arguments, PrintStream out, PrintStream err) {
    if (arguments.length == 0) {
      err.println(
          "Which scopes? Some of publish, read, manage, login, consume, with commas between them.");
      return 2;
    }
    try {
      ApiKey.Made made = ApiKey.generate(Scope.READ);
      String rest = String.join(" ", Arrays.asList(arguments).subList(1, arguments.length));
      ApiKey key = ApiKey.parse("id=" + made.key().id() + " sha256="
          + made.key().secretHash() + " scopes=" + arguments[0] + " " + rest);
      err.println(made.secret());
      out.println(key.line());
      return 0;
    } catch (IllegalArgumentException wrong) {
      err.println(wrong.getMessage());
      return 2;
    }
  }
}
