package dev.confab.chat.examples.server;

import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The program behind {@code java -jar chat-server.jar}: a page to chat with at {@code /}, the chat at {@code /chat}.
 *
 * <p>It prints one line, with its URL, once it can be used, and serves until it is told to stop (SIGTERM, Ctrl-C). Then it says
 * goodbye to its clients and the JVM ends with 143, or 130 after Ctrl-C. Wrong options end it with 2, a taken port or a database
 * that can not be used with 1, each with one sentence on the error output.
 */
public final class ChatServer {
  private static final int COULD_NOT_START = 1;
  private static final int WRONG_OPTIONS = 2;

  private ChatServer() {}

  /** Runs the server; {@code --help} tells its options. Ends the JVM unless it is told to stop. */
  public static void main(String[] arguments) throws InterruptedException {
    Logs.keepQuiet();
    ServerOptions options = new ServerOptions(System.getenv());
    CommandLine line = new CommandLine(options);
    try {
      line.parseArgs(arguments);
      if (options.help()) {
        line.usage(System.out);
        System.exit(0);
      }
      options.check();
    } catch (ParameterException wrong) {
      System.err.println(sentence(wrong) + " See --help.");
      System.exit(WRONG_OPTIONS);
    }
    try {
      serve(options);
    } catch (StartException failure) {
      System.err.println(failure.getMessage());
      System.exit(COULD_NOT_START);
    }
  }

  /** What is wrong; without what is not understood, because that may be a password. */
  private static String sentence(ParameterException wrong) {
    if (wrong instanceof UnmatchedArgumentException unmatched) {
      String first = unmatched.getUnmatched().get(0);
      return first.startsWith("-")
          ? "Unknown option " + first.replaceFirst("=.*", "") + "."
          : "There is an argument that belongs to no option.";
    }
    String message = String.valueOf(wrong.getMessage()).replace("is not an int", "is not a number");
    return message.endsWith(".") ? message : message + ".";
  }

  private static void serve(ServerOptions options) throws InterruptedException {
    Assembly server = Assembly.start(options);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(
            () -> {
              server.close();
              stopped.countDown();
            },
            "chat-server-stop"));
    if (server.hasNoUsers()) {
      System.err.println("Nobody can log in yet, because the table users is empty. See --help.");
    }
    System.out.println("Confab is ready at " + server.url());
    stopped.await();
  }
}
