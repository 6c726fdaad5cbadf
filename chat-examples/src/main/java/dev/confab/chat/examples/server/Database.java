package dev.confab.chat.examples.server;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.confab.chat.model.ChatException;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.store.jdbi.JdbiAuthenticator;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import dev.confab.chat.store.jdbi.JdbiUsers;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** Where users and messages are: a SQLite file, or PostgreSQL. */
final class Database implements AutoCloseable {
  /** A chat asks for at most seven, logins for a few more. */
  private static final int POOL_SIZE = 12;

  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(10);

  private final DataSource source;
  private final JdbiMessageStore messages;
  private final JdbiUsers users;
  private final JdbiAuthenticator authenticator;
  private final Runnable closePool;

  private Database(JdbiMessageStore messages, DataSource source, Runnable closePool) {
    this.source = source;
    this.messages = messages;
    this.users = JdbiUsers.of(source);
    this.authenticator = JdbiAuthenticator.create(source);
    this.closePool = closePool;
  }

  /**
   * Opens the database and makes the tables that are missing.
   *
   * @throws StartException if it can not be used
   */
  static Database open(ServerOptions options) {
    return options
        .database()
        .map(url -> postgresql(url, options))
        .orElseGet(() -> sqlite(options.data()));
  }

  private static Database sqlite(Path directory) {
    makeDirectory(directory);
    Path file = directory.resolve("chat.db");
    return checked("The SQLite file " + file + " can not be used", () -> {}, () -> {
      SQLiteConfig config = new SQLiteConfig();
      config.setBusyTimeout((int) CONNECT_WITHIN.toMillis());
      SQLiteDataSource source = new SQLiteDataSource(config);
      source.setUrl("jdbc:sqlite:" + file.toAbsolutePath());
      return new Database(JdbiMessageStore.sqlite(file), source, () -> {});
    });
  }

  /** For nobody else where the system can say that: it will hold messages and passwords. */
  private static void makeDirectory(Path directory) {
    try {
      if (Files.isDirectory(directory)) {
        return;
      }
      if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } else {
        Files.createDirectories(directory);
      }
    } catch (IOException failure) {
      throw new StartException(
          "The directory " + directory + " can not be made: " + reason(directory, failure),
          failure);
    }
  }

  private static String reason(Path directory, IOException failure) {
    for (@Nullable Path path = directory; path != null; path = path.getParent()) {
      if (Files.exists(path) && !Files.isDirectory(path)) {
        return path + " is a file";
      }
    }
    if (failure instanceof AccessDeniedException denied) {
      return denied.getFile() + " may not be made by this user";
    }
    return failure instanceof FileSystemException refused && refused.getReason() != null
        ? refused.getFile() + ": " + refused.getReason()
        : failure.toString();
  }

  private static Database postgresql(String url, ServerOptions options) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("chat-db");
    config.setJdbcUrl(url);
    options.databaseUser().ifPresent(config::setUsername);
    options.databasePassword().ifPresent(config::setPassword);
    config.setMaximumPoolSize(POOL_SIZE);
    config.setConnectionTimeout(CONNECT_WITHIN.toMillis());
    // One attempt at the start, instead of as long as later.
    config.setInitializationFailTimeout(1);
    String otherwise = "The PostgreSQL database can not be used";
    HikariDataSource pool;
    try {
      pool = new HikariDataSource(config);
    } catch (HikariPool.PoolInitializationException failure) {
      throw failed(otherwise, failure);
    }
    return checked(
        otherwise,
        pool::close,
        () -> new Database(JdbiMessageStore.create(pool), pool, pool::close));
  }

  private interface Opening {
    Database open();
  }

  private static Database checked(String what, Runnable closePool, Opening opening) {
    Database database;
    try {
      database = opening.open();
    } catch (ChatException failure) {
      closePool.run();
      throw failed(what, failure);
    }
    try {
      database.users.createTableIfMissing();
      return database;
    } catch (ChatException failure) {
      database.messages.close();
      database.close();
      throw failed(what, failure);
    }
  }

  private static StartException failed(String what, RuntimeException failure) {
    return new StartException(what + ": " + reason(failure), failure);
  }

  /** What the driver said, in one line. */
  private static String reason(Throwable failure) {
    Throwable root = failure;
    for (@Nullable Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof UnknownHostException) {
        // The driver says only that its attempt failed.
        return "unknown host " + cause.getMessage();
      }
      if (cause instanceof SQLException) {
        root = cause;
      }
    }
    String message =
        root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    return message.strip().replaceAll("\\s+", " ");
  }

  MessageStore messages() {
    return messages;
  }

  /**
   * Whether the table of the users is empty.
   *
   * @throws StartException if it can not be read
   */
  boolean hasNoUsers() {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        ResultSet first = statement.executeQuery("select 1 from users limit 1")) {
      return !first.next();
    } catch (SQLException failure) {
      throw new StartException("The table users can not be read: " + reason(failure), failure);
    }
  }

  JdbiUsers users() {
    return users;
  }

  JdbiAuthenticator authenticator() {
    return authenticator;
  }

  /** Closes all but the message store, which the chat closes. */
  @Override
  public void close() {
    authenticator.close();
    closePool.run();
  }
}
