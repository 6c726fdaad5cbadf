package dev.confab.chat.examples.journey;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import dev.confab.chat.testkit.StoreWrapper;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** The real stores. One PostgreSQL serves all journeys, each with a database of its own in it. */
final class Databases {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private Databases() {}

  /** What a chat can keep its log in. */
  enum Kind {
    MEMORY,
    SQLITE,
    POSTGRESQL
  }

  /** A new, empty store. */
  static MessageStore store(Kind kind, Path folder) {
    return switch (kind) {
      case MEMORY -> InMemoryMessageStore.create();
      case SQLITE -> sqlite(folder.resolve("chat.db"));
      case POSTGRESQL -> postgresql(newDatabase());
    };
  }

  /** A store in this file. */
  static MessageStore sqlite(Path file) {
    return JdbiMessageStore.sqlite(file);
  }

  /** A new, empty database of PostgreSQL. */
  static String newDatabase() {
    String name = "journey" + NUMBERS.incrementAndGet();
    try (Connection connection = Server.RUNNING.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("create database " + name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return name;
  }

  /** Opens a new connection to this database each time. */
  static DataSource source(String database) {
    return Server.RUNNING.getDatabase("postgres", database);
  }

  /** A store in this database, with a pool that is closed with it. */
  static MessageStore postgresql(String database) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(Server.RUNNING.getDatabase("postgres", database));
    config.setMaximumPoolSize(8);
    config.setMinimumIdle(0);
    HikariDataSource pool = new HikariDataSource(config);
    return new StoreWrapper(JdbiMessageStore.create(pool)) {
      @Override
      public void close() {
        super.close();
        pool.close();
      }
    };
  }

  private static final class Server {
    static final EmbeddedPostgres RUNNING = start();

    private static EmbeddedPostgres start() {
      File work = new File("target/postgresql").getAbsoluteFile();
      try {
        // Ended by a hook of its own when the tests' JVM ends.
        return EmbeddedPostgres.builder()
            .setOverrideWorkingDirectory(work)
            .setDataDirectory(
                new File(work, "journeys-" + ProcessHandle.current().pid()))
            .setCleanDataDirectory(true)
            // As a server is that somebody means it with.
            .setServerConfig("fsync", "on")
            .setServerConfig("full_page_writes", "on")
            .setServerConfig("synchronous_commit", "on")
            .setOutputRedirector(Redirect.DISCARD)
            .setErrorRedirector(Redirect.DISCARD)
            .start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
