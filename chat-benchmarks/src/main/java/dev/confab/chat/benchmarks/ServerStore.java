package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.DatabaseServer.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Where Confab keeps its log: in memory, or in a database that this tool starts. Used by one thread. */
final class ServerStore implements AutoCloseable {
  private final String title;
  private final Optional<DatabaseServer> server;
  private final Optional<Database> database;

  private ServerStore(String title, Optional<DatabaseServer> server, Optional<Database> database) {
    this.title = title;
    this.server = server;
    this.database = database;
  }

  static ServerStore inMemory() {
    return new ServerStore("", Optional.empty(), Optional.empty());
  }

  static ServerStore in(DatabaseKind kind, Path directory) throws IOException, SQLException {
    String name = kind.name().toLowerCase(Locale.ROOT);
    DatabaseServer server = kind.start(directory.resolve("data").resolve(name));
    try {
      return new ServerStore(kind.title(), Optional.of(server), Optional.of(server.create()));
    } catch (IOException | SQLException failure) {
      server.close();
      throw failure;
    }
  }

  /** What it is called; empty if it is in memory. */
  String title() {
    return title;
  }

  /** What a server has to be told to use it. */
  List<String> arguments() throws SQLException {
    if (database.isEmpty()) {
      return List.of();
    }
    try (Connection connection = database.get().connect()) {
      return List.of(
          connection.getMetaData().getURL(),
          Optional.ofNullable(connection.getMetaData().getUserName()).orElse(""));
    }
  }

  @Override
  public void close() {
    database.ifPresent(Database::close);
    server.ifPresent(DatabaseServer::close);
  }
}
