package dev.confab.chat.benchmarks.server;

import dev.confab.chat.Chat;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import jakarta.websocket.server.ServerContainer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One server that is measured, as a program: container and application are its arguments. It prints {@code ready}, its port and
 * what it is, and ends when its input does, so that it never outlives the load tool.
 */
public final class BenchmarkServer {
  /** Where it is to be found. */
  public static final String PATH = "/chat";

  /** Kept, so that its level is: containers tell each start. */
  private static final Logger ROOT = Logger.getLogger("");

  private BenchmarkServer() {}

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    ROOT.setLevel(Level.WARNING);
    Application application = Application.valueOf(arguments[1]);
    Container container = ContainerKind.valueOf(arguments[0]).container();
    int port = container.start(server -> install(server, application));
    System.out.println("ready " + port + " " + container.name());
    while (System.in.read() >= 0) {
      // Whoever started it has nothing to say, but is there.
    }
    System.exit(0);
  }

  private static void install(ServerContainer container, Application application) {
    if (application == Application.CONFAB) {
      ChatEndpoint.install(container, PATH, chat());
    } else {
      BareLoop.install(container, PATH, application);
    }
  }

  /** With the settings it has by default, a policy included; everybody may log in. */
  private static Chat chat() {
    return Chat.builder()
        .authenticator(credentials -> {
          if (credentials instanceof Credentials.Password login) {
            return Identity.of(login.name(), login.name());
          }
          throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
        })
        .build();
  }
}
