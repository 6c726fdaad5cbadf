package dev.confab.chat.store.jdbi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.tools.Server;

/** H2 databases of the tests, in the module's build directory. */
final class H2Files {
  static {
    // Each of hundreds of stores warns that H2 is for tests, which this is.
    for (Handler handler : Logger.getLogger("").getHandlers()) {
      handler.setFilter(line -> !line.getMessage().startsWith("H2 is for tests"));
    }
  }

  private H2Files() {}

  static Path directory() {
    try {
      return Files.createTempDirectory(Files.createDirectories(Path.of("target", "h2")), "test")
          .toAbsolutePath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A new, empty database in this process; opens a new connection each time. */
  static DataSource fresh() {
    return source(freshUrl());
  }

  /** Where a new, empty database is made, which stays open until its process ends. */
  static String freshUrl() {
    return "jdbc:h2:file:" + directory().resolve("chat") + ";DB_CLOSE_DELAY=-1";
  }

  static DataSource source(String url) {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL(url);
    source.setUser("sa");
    return source;
  }

  static void run(DataSource source, String... statements) {
    Sources.run(source, statements);
  }

  static List<String> lines(DataSource source, String query) {
    return Sources.lines(source, query);
  }

  /** A server of H2's own with one database, which can be cut off for a while. */
  static final class Served implements AutoCloseable {
    private final Server server = start();
    private final TcpGate gate = new TcpGate(server.getPort());

    private static Server start() {
      try {
        return Server.createTcpServer(
                "-tcpPort", "0", "-baseDir", directory().toString(), "-ifNotExists")
            .start();
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    DataSource direct() {
      return source("jdbc:h2:tcp://127.0.0.1:" + gate.port() + "/./chat;DB_CLOSE_DELAY=-1");
    }

    void cutOff() {
      gate.shut();
    }

    /** As a network does that breaks for a moment. */
    void breakConnections() {
      gate.throwOut();
    }

    void letIn() {
      gate.open();
    }

    @Override
    public void close() {
      gate.close();
      server.stop();
    }
  }
}
