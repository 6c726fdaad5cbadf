package dev.confab.chat.benchmarks;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A PostgreSQL of its own, which waits for the disk before it says that something is committed. */
final class PostgresqlServer implements DatabaseServer {
  private final EmbeddedPostgres server;
  private int databases;

  private PostgresqlServer(EmbeddedPostgres server) {
    this.server = server;
  }

  static PostgresqlServer start(Path directory) throws IOException {
    File work = directory.toAbsolutePath().toFile();
    return new PostgresqlServer(EmbeddedPostgres.builder()
        .setOverrideWorkingDirectory(work)
        .setDataDirectory(new File(work, "data-" + ProcessHandle.current().pid()))
        .setCleanDataDirectory(true)
        // The helper switches these off, which is for tests.
        .setServerConfig("fsync", "on")
        .setServerConfig("full_page_writes", "on")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("max_connections", "100")
        .setOutputRedirector(Redirect.DISCARD)
        .setErrorRedirector(Redirect.DISCARD)
        .start());
  }

  @Override
  public Database create() throws SQLException {
    String name = "chat" + ++databases;
    run("create database " + name);
    return new PooledDatabase(server.getDatabase("postgres", name)) {
      @Override
      void drop() {
        try {
          run("drop database " + name + " with (force)");
        } catch (SQLException failure) {
          throw new IllegalStateException(failure);
        }
      }
    };
  }

  private void run(String sql) throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
