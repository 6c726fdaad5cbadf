package dev.confab.chat.store.jdbi;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Properties;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The connections of one SQLite file: one writer, because the file has only one, and a few readers. Opened when first
 * needed; each with write-ahead log, synchronous FULL, full flushes on macOS, and a busy timeout.
 */
final class SqliteLeases implements Lease.Source {
  private static final String DRIVER = "org.sqlite.JDBC";

  private static final long AGAIN_NANOS = 5_000_000;

  private final String url;
  private final Duration patience;
  private final Lane writer = new Lane(1);
  private final Lane readers;

  SqliteLeases(Path file, int readers, Duration patience) {
    this.url = "jdbc:sqlite:" + file.toAbsolutePath();
    this.patience = patience;
    this.readers = new Lane(readers);
  }

  @Override
  public Lease writer() throws SQLException {
    return writer.take();
  }

  @Override
  public Lease reader() throws SQLException {
    return readers.take();
  }

  /** Closes what is idle; what is in use is closed when it is given back. */
  @Override
  public void close() {
    readers.close();
    // Last, so that it is the one that folds the write-ahead log into the file.
    writer.close();
  }

  /**
   * Opens a connection. While somebody else makes the file's write-ahead log, or folds it up behind the last connection,
   * SQLite says "busy" at once instead of waiting for its timeout; so it is waited for here.
   */
  private Connection open() throws SQLException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return tryToOpen();
      } catch (SQLException failure) {
        if (!SqliteDialect.busy(failure) || System.nanoTime() - deadline > 0) {
          throw failure;
        }
        LockSupport.parkNanos(AGAIN_NANOS);
        if (Thread.currentThread().isInterrupted()) {
          throw failure;
        }
      }
    }
  }

  private Connection tryToOpen() throws SQLException {
    Connection connection = connect();
    try {
      // The timeout first: the others may meet a lock already.
      SqliteDialect.run(connection, "pragma busy_timeout = " + patience.toMillis());
      String mode = SqliteDialect.value(connection, "pragma journal_mode = wal");
      if (!mode.equals("wal")) {
        throw new SQLNonTransientConnectionException(
            "SQLite can not write ahead in this file, its journal_mode stays " + mode
                + ": is it in memory or on a network drive?");
      }
      SqliteDialect.run(connection, "pragma synchronous = full");
      // An ordinary flush stops at the drive's cache on macOS; elsewhere these change nothing.
      SqliteDialect.run(connection, "pragma fullfsync = on");
      SqliteDialect.run(connection, "pragma checkpoint_fullfsync = on");
      return connection;
    } catch (SQLException failure) {
      closeQuietly(connection);
      throw failure;
    }
  }

  /**
   * The JVM looks for drivers once, and so never finds one that comes with an application deployed later, as when it is
   * deployed again: that one is asked itself.
   */
  private Connection connect() throws SQLException {
    Driver driver;
    try {
      driver = driver();
    } catch (ReflectiveOperationException | LinkageError another) {
      return DriverManager.getConnection(url);
    }
    Connection connection = driver.connect(url, new Properties());
    if (connection == null) {
      throw new SQLNonTransientConnectionException(DRIVER + " does not take " + url);
    }
    return connection;
  }

  /** That of this library's application, or that of the calling thread's where this library is shared by several. */
  private static Driver driver() throws ReflectiveOperationException {
    Class<?> type;
    try {
      type = Class.forName(DRIVER);
    } catch (ClassNotFoundException shared) {
      type = Class.forName(DRIVER, true, Thread.currentThread().getContextClassLoader());
    }
    return (Driver) type.getDeclaredConstructor().newInstance();
  }

  private static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException ignored) {
      // Nobody uses it any more.
    }
  }

  /** So many connections and no more. */
  private final class Lane {
    private final Semaphore free;

    /** Guarded by {@code this}, like {@code closed}. */
    private final Deque<Connection> idle = new ArrayDeque<>();

    private boolean closed;

    Lane(int connections) {
      free = new Semaphore(connections, true);
    }

    Lease take() throws SQLException {
      try {
        if (!free.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new SQLTransientConnectionException(
              "No connection to the SQLite file was free within " + patience.toMillis() + " ms");
        }
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new SQLTransientConnectionException("Interrupted while waiting", interrupted);
      }
      boolean taken = false;
      try {
        Connection connection;
        synchronized (this) {
          if (closed) {
            throw new SQLTransientConnectionException("The store is closed");
          }
          connection = idle.poll();
        }
        Lease lease = new Owned(this, connection == null ? open() : connection);
        taken = true;
        return lease;
      } finally {
        if (!taken) {
          free.release();
        }
      }
    }

    void giveBack(Connection connection, boolean sound) {
      boolean kept = false;
      synchronized (this) {
        if (sound && !closed) {
          idle.push(connection);
          kept = true;
        }
      }
      if (!kept) {
        closeQuietly(connection);
      }
      free.release();
    }

    void close() {
      Deque<Connection> unused;
      synchronized (this) {
        closed = true;
        unused = new ArrayDeque<>(idle);
        idle.clear();
      }
      unused.forEach(SqliteLeases::closeQuietly);
    }
  }

  private record Owned(Lane lane, Connection connection) implements Lease {
    @Override
    public void giveBack(boolean sound) {
      lane.giveBack(connection, sound);
    }
  }
}
