package dev.confab.chat.benchmarks;

import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The load tool. Each scenario is a command of it, prints a Markdown table, writes its raw results under {@code
 * target/benchmarks}, and replaces its table in a page if it is given one.
 */
@Command(
    name = "benchmark",
    description = "Measures Confab and prints a table.",
    mixinStandardHelpOptions = true,
    subcommands = {
      DurablePublish.class,
      ResumeStorm.class,
      CatchUp.class,
      FanOut.class,
      Latency.class,
      Idle.class,
      Peers.class,
      StalledClient.class,
      LargeRoom.class,
      Ceiling.class,
      Micro.class
    })
public final class Benchmarks {
  /** Kept, so that their levels are: they tell each line a server writes, and each connection. */
  private static final Logger[] TALKERS = {
    Logger.getLogger("ch.vorburger"),
    Logger.getLogger("io.zonky"),
    Logger.getLogger("com.zaxxer"),
    Logger.getLogger("org.glassfish"),
    Logger.getLogger("org.mariadb")
  };

  private Benchmarks() {}

  /** Runs one scenario and ends this process. */
  public static void main(String[] arguments) {
    for (Logger talker : TALKERS) {
      talker.setLevel(Level.WARNING);
    }
    int exit = commandLine().execute(arguments);
    // Threads of the embedded servers may outlive what was measured.
    System.exit(exit);
  }

  static CommandLine commandLine() {
    return new CommandLine(new Benchmarks());
  }
}
