package dev.confab.chat.store.jdbi;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.postgresql.ds.PGSimpleDataSource;

/** One real PostgreSQL for all tests of this module; each class has databases of its own in it. */
final class PostgresqlServer {
  private static final AtomicInteger DATABASES = new AtomicInteger();
  private static final File WORK = new File("target/postgresql").getAbsoluteFile();
  private static final File DATA =
      new File(WORK, "data-" + ProcessHandle.current().pid());
  private static final EmbeddedPostgres SERVER = start();

  static {
    // A pooled connection is looked at each time it is handed out, not only after half a second.
    System.setProperty("com.zaxxer.hikari.aliveBypassWindowMs", "0");
  }

  private PostgresqlServer() {}

  private static EmbeddedPostgres start() {
    try {
      // Ended by a hook of its own when the tests' JVM ends.
      EmbeddedPostgres server = EmbeddedPostgres.builder()
          .setOverrideWorkingDirectory(WORK)
          .setDataDirectory(DATA)
          .setCleanDataDirectory(true)
          .setServerConfig("max_connections", "200")
          // As a server is that somebody means it with.
          .setServerConfig("fsync", "on")
          .setServerConfig("synchronous_commit", "on")
          .setOutputRedirector(Redirect.DISCARD)
          .setErrorRedirector(Redirect.DISCARD)
          .start();
      try (Connection connection = server.getPostgresDatabase().getConnection()) {
        System.out.println("Tests run on " + connection.getMetaData().getDatabaseProductName() + " "
            + connection.getMetaData().getDatabaseProductVersion());
      }
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A new, empty database. */
  static Database database() {
    String name = "chat" + DATABASES.incrementAndGet();
    Sources.run(SERVER.getPostgresDatabase(), "create database " + name);
    return new Database(name);
  }

  /** A new, empty database in this folder, which is the server's to write to. */
  static Database databaseIn(Path folder) {
    String name = "chat" + DATABASES.incrementAndGet();
    Sources.run(
        SERVER.getPostgresDatabase(),
        "create tablespace " + name + " location '" + folder.toAbsolutePath() + "'",
        "create database " + name + " tablespace " + name);
    return new Database(name);
  }

  static int port() {
    return SERVER.getPort();
  }

  /** Ends every process of the server at once, as a crash does, and starts it again. */
  static void crashAndRestart() {
    List<String> command = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      // PostgreSQL does not run as root; inside it is nobody.
      command.addAll(List.of("unshare", "-U"));
    }
    command.addAll(List.of(
        binary("pg_ctl").toString(), "-D", DATA.getPath(), "-m", "immediate", "-w", "restart"));
    try {
      Process restart = new ProcessBuilder(command)
          .redirectOutput(Redirect.DISCARD)
          .redirectError(Redirect.DISCARD)
          .start();
      if (!restart.waitFor(60, TimeUnit.SECONDS) || restart.exitValue() != 0) {
        throw new IllegalStateException("PostgreSQL did not start again");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Path binary(String name) {
    try (Stream<Path> files = Files.walk(WORK.toPath(), 3)) {
      return files
          .filter(file -> file.endsWith(Path.of("bin", name)))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A database of the server. */
  record Database(String name) {
    /** Opens a new connection each time. */
    DataSource direct() {
      return SERVER.getDatabase("postgres", name);
    }

    /** Opens a new connection each time, with these options of the server. */
    DataSource direct(String options) {
      return SERVER.getDatabase("postgres", name, java.util.Map.of("options", options));
    }

    /** A real pool. */
    HikariDataSource pool(int size) {
      HikariConfig config = new HikariConfig();
      config.setDataSource(direct());
      config.setMaximumPoolSize(size);
      config.setMinimumIdle(0);
      config.setConnectionTimeout(1_000);
      config.setValidationTimeout(500);
      // In seconds, of the driver: nothing in these tests may hang.
      config.addDataSourceProperty("socketTimeout", 30);
      return new HikariDataSource(config);
    }

    void run(String... statements) {
      Sources.run(direct(), statements);
    }

    String ask(String query) {
      return Sources.lines(direct(), query).get(0);
    }

    List<String> lines(String query) {
      return Sources.lines(direct(), query);
    }

    /** Opens a new connection each time, through this port. */
    DataSource through(int port) {
      PGSimpleDataSource source = new PGSimpleDataSource();
      source.setServerNames(new String[] {"127.0.0.1"});
      source.setPortNumbers(new int[] {port});
      source.setUser("postgres");
      source.setDatabaseName(name);
      // In seconds: nothing in these tests may hang.
      source.setConnectTimeout(5);
      source.setSocketTimeout(30);
      return source;
    }

    /** Removes it, and the tablespace it was given by {@link #databaseIn}. */
    void dropWithTablespace() {
      Sources.run(
          SERVER.getPostgresDatabase(),
          "drop database " + name + " with (force)",
          "drop tablespace " + name);
    }

    /** Does something while the whole server has this setting, and waits until it has it no more. */
    void withServerSetting(String setting, String value, Runnable work) {
      String usual = ask("show " + setting);
      run("alter system set " + setting + " = '" + value + "'", "select pg_reload_conf()");
      try {
        awaitSetting(setting, value);
        work.run();
      } finally {
        run("alter system reset " + setting, "select pg_reload_conf()");
        awaitSetting(setting, usual);
      }
    }

    /** A server reads its settings again in its own time. */
    private void awaitSetting(String setting, String value) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> ask("show " + setting).equals(value));
    }

    /** Lets nobody in and throws out who is in, until {@link #giveBack}. */
    void takeAway() {
      Sources.run(
          SERVER.getPostgresDatabase(), "alter database " + name + " with allow_connections false");
      Sources.lines(
          SERVER.getPostgresDatabase(),
          "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '" + name
              + "'");
    }

    void giveBack() {
      Sources.run(
          SERVER.getPostgresDatabase(), "alter database " + name + " with allow_connections true");
    }

    /** Copies it, file by file; throws out who is in. */
    void copyTo(String copy) {
      takeAway();
      Sources.run(SERVER.getPostgresDatabase(), "create database " + copy + " template " + name);
      giveBack();
    }

    /** Becomes again what this copy of it is; throws out who is in. */
    void becomes(String copy) {
      takeAway();
      Sources.run(
          SERVER.getPostgresDatabase(),
          "drop database " + name,
          "create database " + name + " template " + copy);
    }

    static void terminate(int backend) {
      Sources.lines(
          SERVER.getPostgresDatabase(), "select pg_terminate_backend(" + backend + ", 5000)");
    }
  }
}
