package dev.confab.chat.benchmarks.server;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.Chat;
import dev.confab.chat.ChatBuilder;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One server that is measured, as a program: container and application are its arguments, and if it is to have one
 * a database's address and user. It prints {@code ready}, its port and
 * what it is, and ends when its input does, so that it never outlives the load tool.
 */
public final class BenchmarkServer {
  /** Where it is to be found. */
  public static final String PATH = "/chat";

  /** Kept, so that its level is: containers tell each start. */
  private static final Logger ROOT = Logger.getLogger("");

  /** Warns of having a buffer pool of its own. */
  private static final Logger UNDERTOW = Logger.getLogger("io.undertow.websockets.jsr");

  private static final String SQLITE = "jdbc:sqlite:";

  private static final int CONNECTIONS_TO_DATABASE = 10;

  private BenchmarkServer() {}

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    ROOT.setLevel(Level.WARNING);
    UNDERTOW.setLevel(Level.SEVERE);
    Application application = Application.valueOf(arguments[1]);
    Container container = ContainerKind.valueOf(arguments[0]).container();
    int port = container.start(server -> install(server, application, arguments));
    serve(port, container.name());
  }

  /** Says that a server is ready, and ends the process with whoever started it, who may ask with a line what lives on the heap. */
  static void serve(int port, String name) throws IOException {
    System.out.println("ready " + port + " " + name);
    while (System.in.read() >= 0) {
      System.out.println("heap " + living());
    }
    System.exit(0);
  }

  /**
   * Bytes of heap that were in use when a full collection had ended. What is in use now would count the buffers that threads
   * have been given since to allocate from, of 11 MB each. Of four collections in a row the serial collector leaves dead objects in three, up
   * to a twentieth of the heap, because moving what lies behind them costs more than they do.
   */
  private static long living() {
    for (int collection = 0; collection < 4; collection++) {
      System.gc();
    }
    long bytes = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      MemoryUsage ended = pool.getCollectionUsage();
      if (pool.getType() == MemoryType.HEAP && ended != null) {
        bytes += ended.getUsed();
      }
    }
    return bytes;
  }

  private static void install(
      ServerContainer container, Application application, String[] arguments) {
    if (application == Application.CONFAB) {
      ChatEndpoint.install(container, PATH, chat(arguments));
    } else {
      BareLoop.install(container, PATH, application);
    }
  }

  /** With the settings it has by default, a policy included; everybody may log in. */
  private static Chat chat(String[] arguments) {
    ChatBuilder builder = Chat.builder().authenticator(credentials -> {
      if (credentials instanceof Credentials.Password login) {
        return Identity.of(login.name(), login.name());
      }
      throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
    });
    if (arguments.length > 2) {
      builder.store(store(arguments[2], arguments[3]));
    }
    return builder.build();
  }

  /** In the database at this address, as an application has it. */
  private static MessageStore store(String url, String user) {
    if (url.startsWith(SQLITE)) {
      return JdbiMessageStore.sqlite(Path.of(url.substring(SQLITE.length())));
    }
    HikariConfig pool = new HikariConfig();
    pool.setJdbcUrl(url);
    pool.setUsername(user);
    pool.setMaximumPoolSize(CONNECTIONS_TO_DATABASE);
    return JdbiMessageStore.create(new HikariDataSource(pool));
  }
}
