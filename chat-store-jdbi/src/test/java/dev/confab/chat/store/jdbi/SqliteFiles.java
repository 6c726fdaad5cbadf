package dev.confab.chat.store.jdbi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** SQLite files of the tests, in the module's build directory. */
final class SqliteFiles {
  private SqliteFiles() {}

  interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /** The path of a file that is not there yet. */
  static Path fresh() {
    try {
      Path directory = Files.createDirectories(Path.of("target", "sqlite"));
      return Files.createTempDirectory(directory, "test").resolve("chat.db");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static <T> T with(Path file, Work<T> work) {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      SqliteDialect.run(connection, "pragma busy_timeout = 10000");
      return work.on(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  static void run(Path file, String... statements) {
    with(file, connection -> {
      for (String sql : statements) {
        SqliteDialect.run(connection, sql);
      }
      return true;
    });
  }

  static List<String> lines(Path file, String query) {
    return with(file, connection -> {
      List<String> lines = new ArrayList<>();
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery(query)) {
        while (rows.next()) {
          lines.add(rows.getString(1));
        }
      }
      return lines;
    });
  }

  /** A store on this file whose writer is watched. */
  static JdbiMessageStore watched(Path file, Watched.Moment moment) {
    return new JdbiMessageStore.Builder(new SqliteDialect(), patience -> {
          SqliteLeases real = new SqliteLeases(file, 2, patience);
          return new Lease.Source() {
            @Override
            public Lease writer() throws SQLException {
              Lease lease = real.writer();
              Connection connection = Watched.connection(lease.connection(), moment);
              return new Lease() {
                @Override
                public Connection connection() {
                  return connection;
                }

                @Override
                public void giveBack(boolean sound) {
                  lease.giveBack(sound);
                }
              };
            }

            @Override
            public Lease reader() throws SQLException {
              return real.reader();
            }

            @Override
            public void close() {
              real.close();
            }
          };
        })
        .build();
  }
}
