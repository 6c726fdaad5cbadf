package dev.confab.chat.torture;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** PostgreSQL with the durability it has by itself: {@code fsync}, {@code full_page_writes}, {@code synchronous_commit} on. */
final class PostgresqlServer implements Database {
  /** Kept, so that its level is. */
  private static final Logger TALK = Logger.getLogger("io.zonky.test");

  private final Path data;
  private final int port;
  private final DatabaseProcess process;
  private final CommitProxy way;
  private String database = "postgres";

  private PostgresqlServer(Path data, int port, DatabaseProcess process, CommitProxy way) {
    this.data = data;
    this.port = port;
    this.process = process;
    this.way = way;
  }

  static PostgresqlServer start(Path work) throws IOException, InterruptedException, SQLException {
    TALK.setLevel(Level.WARNING);
    Path home = Files.createDirectories(work.resolve("postgresql").toAbsolutePath());
    Path programs = programs(home);
    Path data = home.resolve("data");
    Folders.delete(data);
    List<String> make = command(programs.resolve("initdb"));
    make.addAll(List.of(
        "-A", "trust", "-U", "postgres", "-D", data.toString(), "-E", "UTF-8", "--no-sync"));
    int made = new ProcessBuilder(make)
        .redirectErrorStream(true)
        .redirectOutput(Redirect.to(home.resolve("initdb.log").toFile()))
        .start()
        .waitFor();
    if (made != 0) {
      throw new IOException("initdb ended with " + made);
    }
    int port = DatabaseProcess.freePort();
    List<String> run = command(programs.resolve("postgres"));
    run.addAll(List.of("-D", data.toString(), "-p", String.valueOf(port)));
    for (String setting : List.of(
        "fsync=on",
        "full_page_writes=on",
        "synchronous_commit=on",
        "max_connections=100",
        "shared_buffers=32MB",
        "max_wal_size=256MB",
        "unix_socket_directories=",
        "listen_addresses=127.0.0.1")) {
      run.addAll(List.of("-c", setting));
    }
    DatabaseProcess process = DatabaseProcess.start(
        run, home.resolve("postgresql.log"), url(port, "postgres", "connectTimeout=5"));
    return new PostgresqlServer(data, port, process, CommitProxy.postgresql(port));
  }

  private static String url(int port, String database, String options) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database
        + "?user=postgres&sslmode=disable&gssEncMode=disable&" + options;
  }

  /** Who is root can not run PostgreSQL, but in a user namespace of its own it is nobody. */
  private static List<String> command(Path program) {
    List<String> command = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      command.addAll(List.of("unshare", "-U"));
    }
    command.add(program.toString());
    return command;
  }

  /** Unpacks the programs, by letting those who know how start one of their own. */
  private static Path programs(Path home) throws IOException {
    Optional<Path> there = unpacked(home);
    if (there.isEmpty()) {
      EmbeddedPostgres.builder()
          .setOverrideWorkingDirectory(home.toFile())
          .setDataDirectory(home.resolve("unpacking"))
          .setOutputRedirector(Redirect.DISCARD)
          .setErrorRedirector(Redirect.DISCARD)
          .start()
          .close();
      there = unpacked(home);
    }
    return there.orElseThrow(() -> new IOException("PostgreSQL was not unpacked"));
  }

  private static Optional<Path> unpacked(Path home) throws IOException {
    try (Stream<Path> folders = Files.list(home)) {
      return folders
          .map(folder -> folder.resolve("bin"))
          .filter(folder -> Files.isExecutable(folder.resolve("postgres")))
          .findFirst();
    }
  }

  @Override
  public void fresh(int round) throws SQLException {
    String before = database;
    database = "round" + round;
    run("create database " + database);
    if (!before.equals("postgres")) {
      run("drop database " + before + " with (force)");
    }
  }

  private void run(String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(url(port, "postgres", "connectTimeout=5"));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public String place() {
    // In seconds: no more than a host should allow.
    return url(way.port(), database, "connectTimeout=5&socketTimeout=20");
  }

  @Override
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(url(port, database, "connectTimeout=5"));
  }

  @Override
  public Optional<CommitProxy> way() {
    return Optional.of(way);
  }

  @Override
  public void kill() throws InterruptedException {
    process.kill();
  }

  @Override
  public void restart() throws IOException, InterruptedException, SQLException {
    // Left by the killed one; another process may have its number by now.
    Files.deleteIfExists(data.resolve("postmaster.pid"));
    process.restart();
  }

  @Override
  public String version() throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(url(port, "postgres", "connectTimeout=5"));
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select current_setting('server_version'),"
            + " current_setting('fsync'), current_setting('full_page_writes'),"
            + " current_setting('synchronous_commit')")) {
      row.next();
      return "PostgreSQL " + row.getString(1) + ", fsync=" + row.getString(2)
          + ", full_page_writes=" + row.getString(3) + ", synchronous_commit=" + row.getString(4);
    }
  }

  @Override
  public void close() throws IOException {
    way.close();
    process.stop();
    Folders.delete(data);
  }
}
