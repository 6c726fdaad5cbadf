package dev.confab.chat.containers.redeploy;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.Chat;
import dev.confab.chat.Following;
import dev.confab.chat.LogConsumer;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.spi.OpHandler;
import dev.confab.chat.store.jdbi.JdbiAuthenticator;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import dev.confab.chat.store.jdbi.Retention;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.websocket.server.ServerContainer;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/**
 * All that an application with a chat starts: users and messages in a database, retention, a follower of its own, heartbeats, an
 * endpoint. In a WAR this would be all there is; here a container makes it in a class loader of the application's.
 */
public final class RedeployedApplication implements ServletContextListener {
  /** The init parameter that says where its files are. */
  static final String FOLDER = "folder";

  /** The init parameter that says {@code h2} or {@code sqlite}. */
  static final String DATABASE = "database";

  /** The init parameter that says what the application forgets: nothing, {@code thread} or {@code registry}. */
  static final String LEAK = "leak";

  /** What a leaking application calls its thread, or the JVM's property with something of its own. */
  static final String PLANTED = "planted by the test";

  private static final ChannelName ROOM = ChannelName.of("room_101");

  private static final ChannelName FULL = ChannelName.of("room_full");

  /** What was started, in the order in which it is closed. */
  private final Deque<AutoCloseable> running = new ArrayDeque<>();

  private Optional<Chat> chat = Optional.empty();

  /** For containers. */
  public RedeployedApplication() {}

  @Override
  public void contextInitialized(ServletContextEvent event) {
    ServletContext context = event.getServletContext();
    Path folder = Path.of(context.getInitParameter(FOLDER));
    boolean sqlite = context.getInitParameter(DATABASE).equals("sqlite");
    Chat started = sqlite ? inFile(folder) : inDatabase(folder);
    chat = Optional.of(started);
    started.publish(ROOM, "deployed");
    Following unused = started.follow(ROOM, Cursor.START, new LogConsumer() {
      @Override
      public void recorded(Entry entry) {
        context.setAttribute("heard", entry.seq());
      }

      @Override
      public void reset(ChannelName where, Head head) {
        context.setAttribute("heard", head.seq());
      }
    });
    ServerContainer container =
        (ServerContainer) context.getAttribute(ServerContainer.class.getName());
    running.push(ChatEndpoint.install(container, "/chat", started));
    running.push(started);
    leak(context.getInitParameter(LEAK));
  }

  /** Messages in a file, everybody welcome. */
  private Chat inFile(Path folder) {
    return chat(
        credentials -> Identity.of("ann", "ann"),
        JdbiMessageStore.sqliteBuilder(folder.resolve("chat.db")));
  }

  /** Messages and users in a database, through a pool. */
  private Chat inDatabase(Path folder) {
    HikariConfig settings = new HikariConfig();
    // The JVM looks for drivers once, and so never finds those of an application deployed later.
    settings.setDriverClassName("org.h2.Driver");
    settings.setJdbcUrl("jdbc:h2:" + folder.resolve("chat").toAbsolutePath());
    HikariDataSource pool = new HikariDataSource(settings);
    running.push(pool);
    createUsers(pool);
    JdbiAuthenticator authenticator = JdbiAuthenticator.create(pool);
    running.push(authenticator);
    return chat(authenticator, JdbiMessageStore.builder(pool));
  }

  private static void createUsers(DataSource pool) {
    String hash = BCrypt.withDefaults().hashToString(4, "secret".toCharArray());
    Jdbi.create(pool).useHandle(handle -> {
      handle.execute(
          "create table if not exists users (id int primary key, name varchar, password varchar)");
      handle.execute("merge into users values (1, 'ann', ?)", hash);
    });
  }

  private Chat chat(Authenticator authenticator, JdbiMessageStore.Builder store) {
    return Chat.builder()
        .authenticator(authenticator)
        .store(store
            .retention(Retention.everything().with(Retention.Keep.newest(100)))
            .trimEvery(Duration.ofSeconds(1))
            .build())
        .limits(Limits.builder().heartbeat(Duration.ofSeconds(3)).build())
        .on("fill", this::fill)
        .build();
  }

  /** More than the buffers of a connection hold. */
  private Json fill(OpHandler.Call call) {
    for (int i = 0; i < 16; i++) {
      chat.orElseThrow().publish(FULL, "x".repeat(512 * 1024));
    }
    return Json.string("full");
  }

  private static void leak(String what) {
    switch (what) {
      case "thread" -> {
        Thread thread = new Thread(
            () -> {
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
              }
            },
            PLANTED);
        thread.setDaemon(true);
        thread.start();
      }
      case "registry" -> System.getProperties().put(PLANTED, new Object() {});
      default -> {}
    }
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    Objects.requireNonNull(event);
    while (!running.isEmpty()) {
      try {
        running.pop().close();
      } catch (Exception failure) {
        throw new IllegalStateException(failure);
      }
    }
    forgetDrivers();
  }

  // docs:begin drivers
  /** A driver that came with the application is kept by the JVM, and keeps all of the application's classes. */
  private static void forgetDrivers() {
    ClassLoader own = RedeployedApplication.class.getClassLoader();
    DriverManager.drivers()
        .filter(driver -> driver.getClass().getClassLoader() == own)
        .forEach(driver -> {
          try {
            DriverManager.deregisterDriver(driver);
          } catch (SQLException kept) {
            throw new IllegalStateException(kept);
          }
        });
  }
  // docs:end drivers
}
