package dev.confab.chat.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;

/** The databases that are measured, by the name they have on the command line. */
enum DatabaseKind {
  SQLITE("SQLite"),
  POSTGRESQL("PostgreSQL"),
  MARIADB("MariaDB"),
  H2("H2");

  private final String title;

  DatabaseKind(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** Starts a server with real durability, its data below this directory; SQLite and H2 are libraries and start nothing. */
  DatabaseServer start(Path directory) throws IOException, SQLException {
    return switch (this) {
      case SQLITE -> new SqliteFiles(directory);
      case POSTGRESQL -> PostgresqlServer.start(directory);
      case MARIADB -> MariadbServer.start(directory);
      case H2 -> new H2Files(directory);
    };
  }
}
