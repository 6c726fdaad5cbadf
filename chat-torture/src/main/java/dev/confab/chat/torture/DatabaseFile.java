package dev.confab.chat.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;

/** A database that is a file, and runs in the server's own process: SQLite and H2. */
final class DatabaseFile implements Database {
  private final Path folder;
  private final String url;
  private final String place;
  private final String end;
  private Path file;

  /**
   * Makes nothing yet.
   *
   * @param url what the URL of a connection begins with
   * @param place what a server is told instead
   * @param end what stands behind the file's name
   */
  DatabaseFile(Path folder, String url, String place, String end) {
    this.folder = folder;
    this.url = url;
    this.place = place;
    this.end = end;
    this.file = folder.resolve("none");
  }

  @Override
  public void fresh(int round) throws IOException {
    Folders.delete(folder);
    Files.createDirectories(folder);
    file = folder.resolve("round" + round).toAbsolutePath();
  }

  @Override
  public String place() {
    return place + file + end;
  }

  @Override
  public Connection connect() throws SQLException {
    return url.startsWith("jdbc:h2")
        ? DriverManager.getConnection(url + file + end, "", "")
        : DriverManager.getConnection(url + file + end);
  }

  @Override
  public Optional<CommitProxy> way() {
    return Optional.empty();
  }

  @Override
  public void kill() {
    throw new UnsupportedOperationException("it lives and dies with the server");
  }

  @Override
  public void restart() {
    throw new UnsupportedOperationException("it lives and dies with the server");
  }

  @Override
  public String version() throws SQLException {
    String memory = url.startsWith("jdbc:h2") ? "jdbc:h2:mem:version" : "jdbc:sqlite::memory:";
    try (Connection connection = DriverManager.getConnection(memory)) {
      String product = connection.getMetaData().getDatabaseProductName() + " "
          + connection.getMetaData().getDatabaseProductVersion();
      return product
          + (url.startsWith("jdbc:h2") ? ", file, " + end.substring(1) : ", WAL, synchronous=FULL");
    }
  }

  @Override
  public void close() {
    try {
      Folders.delete(folder);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
