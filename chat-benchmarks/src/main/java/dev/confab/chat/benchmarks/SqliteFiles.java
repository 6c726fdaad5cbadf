package dev.confab.chat.benchmarks;

import dev.confab.chat.store.jdbi.JdbiMessageStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/** SQLite: a file a database. */
record SqliteFiles(Path directory) implements DatabaseServer {
  @Override
  public Database create() throws IOException {
    Path home = Files.createTempDirectory(Files.createDirectories(directory), "chat");
    Path file = home.resolve("chat.db");
    return new Database() {
      @Override
      public JdbiMessageStore store() {
        return JdbiMessageStore.sqlite(file);
      }

      @Override
      public Connection connect() throws SQLException {
        Properties settings = new Properties();
        settings.setProperty("busy_timeout", "30000");
        settings.setProperty("journal_mode", "WAL");
        settings.setProperty("synchronous", "FULL");
        settings.setProperty("transaction_mode", "IMMEDIATE");
        Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + file.toAbsolutePath(), settings);
        try (Statement statement = connection.createStatement()) {
          // Said again as the store says it: it is what all of this is about.
          statement.execute("pragma synchronous = full");
        }
        return connection;
      }

      @Override
      public int writers() {
        return 1;
      }

      @Override
      public void close() {
        Folders.delete(home);
      }
    };
  }

  @Override
  public void close() {
    Folders.delete(directory);
  }
}
