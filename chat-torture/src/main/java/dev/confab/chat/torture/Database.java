package dev.confab.chat.torture;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;

/** A real database, kept over the rounds, with a new, empty log for each. Used by one thread. */
interface Database extends AutoCloseable {
  /** Those there are. */
  enum Kind {
    POSTGRESQL(2),
    MARIADB(2),
    SQLITE(1),
    H2(1);

    private final int servers;

    Kind(int servers) {
      this.servers = servers;
    }

    /** How many servers use it at once. */
    int servers() {
      return servers;
    }

    /** Whether it is a process of its own, beside the servers. */
    boolean served() {
      return this == POSTGRESQL || this == MARIADB;
    }

    /** As it is written on the command line and in file names. */
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Kind of(String word) {
      return valueOf(word.strip().toUpperCase(Locale.ROOT));
    }

    /** Opens it below this folder. */
    Database open(Path work) throws IOException, InterruptedException, SQLException {
      return switch (this) {
        case POSTGRESQL -> PostgresqlServer.start(work);
        case MARIADB -> MariadbServer.start(work);
        case SQLITE -> new DatabaseFile(work.resolve("sqlite"), "jdbc:sqlite:", "sqlite:", ".db");
        case H2 ->
          new DatabaseFile(work.resolve("h2"), "jdbc:h2:file:", "jdbc:h2:file:", ";WRITE_DELAY=0");
      };
    }
  }

  /** Makes a new, empty log and forgets the one before. */
  void fresh(int round) throws SQLException, IOException;

  /** Where a server finds the log: what {@link TortureServer} takes. */
  String place();

  /** A connection of one's own to the log, past everything that breaks it. */
  Connection connect() throws SQLException;

  /** The way of the servers to it; empty if it is in their process. */
  Optional<CommitProxy> way();

  /** Kills it with all its processes, as kill -9 does. Only if it is served. */
  void kill() throws InterruptedException;

  /** Starts it again on the same data; returns when it can be used. */
  void restart() throws IOException, InterruptedException, SQLException;

  /** What it is, with its version and what its durability is set to. */
  String version() throws SQLException;

  @Override
  void close() throws IOException;
}
