package dev.confab.chat.store.jdbi;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Executor;
import javax.sql.DataSource;

/** Connections of the application's pool, given back as they came. */
final class PooledLeases implements Lease.Source {
  private final DataSource pool;

  PooledLeases(DataSource pool) {
    this.pool = pool;
  }

  @Override
  public Lease writer() throws SQLException {
    return lease();
  }

  @Override
  public Lease reader() throws SQLException {
    return lease();
  }

  private Lease lease() throws SQLException {
    Connection connection = pool.getConnection();
    try {
      boolean autoCommit = connection.getAutoCommit();
      if (!autoCommit) {
        connection.setAutoCommit(true);
      }
      return new Pooled(connection, autoCommit);
    } catch (SQLException | RuntimeException failure) {
      close(connection);
      throw failure;
    }
  }

  @Override
  public void close() {
    // The pool is the application's.
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException | RuntimeException ignored) {
      // A connection that can not even be closed is the pool's business.
    }
  }

  private record Pooled(Connection connection, boolean autoCommit) implements Lease {
    @Override
    public void giveBack(boolean sound) {
      try {
        if (sound) {
          connection.setAutoCommit(autoCommit);
        } else {
          // Not left to the pool's rollback: what hangs in here may be a statement that still runs.
          connection.abort(DIRECT);
        }
      } catch (SQLException | RuntimeException ignored) {
        // Pools look for themselves whether what they are given back still works.
      }
      PooledLeases.close(connection);
    }

    private static final Executor DIRECT = Runnable::run;
  }
}
