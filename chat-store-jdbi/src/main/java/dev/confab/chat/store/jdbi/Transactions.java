package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.spi.OutcomeUnknownException;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.io.Serial;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/** Runs pieces of work on leased connections, and says exactly how they failed. */
final class Transactions {
  /** How often a transaction that the database sacrificed for others is begun again. */
  private static final int ATTEMPTS = 10;

  private final SqlDialect dialect;
  private final Lease.Source leases;

  Transactions(SqlDialect dialect, Lease.Source leases) {
    this.dialect = dialect;
    this.leases = leases;
  }

  /** Reads on a connection on which each statement is its own transaction. */
  interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  /** Writes in a transaction that is committed afterwards. May run more than once. */
  interface Work<T> {
    Prepared<T> prepare(Connection connection) throws SQLException;
  }

  /**
   * What a transaction will have done once it is committed.
   *
   * @param seen the heads of the channels written to, as they were before; empty if nothing was written and there is nothing
   *     to commit
   */
  record Prepared<T>(T value, Map<ChannelName, Cursor> seen) {}

  <T> T read(Question<T> question) {
    Lease lease = lease(leases::reader);
    boolean sound = false;
    try {
      T answer = question.ask(lease.connection());
      sound = true;
      return answer;
    } catch (SQLException | RuntimeException failure) {
      throw told(failure, "Reading failed");
    } finally {
      lease.giveBack(sound);
    }
  }

  /** Runs the work; what the database sacrificed is repeated. */
  <T> T write(Work<T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return once(work);
      } catch (SacrificedException sacrificed) {
        if (attempt == ATTEMPTS) {
          throw new StoreUnavailableException(
              "The database sacrificed the transaction for others " + ATTEMPTS + " times",
              sacrificed);
        }
      }
    }
  }

  private <T> T once(Work<T> work) {
    Lease lease = lease(leases::writer);
    Connection connection = lease.connection();
    boolean sound = false;
    try {
      Prepared<T> prepared;
      try {
        dialect.begin(connection);
        prepared = work.prepare(connection);
      } catch (SQLException | RuntimeException failure) {
        sound = rolledBack(connection);
        if (!sound && !(failure instanceof StoreException)) {
          throw new StoreUnavailableException(
              "The connection to the database failed; nothing was recorded", failure);
        }
        throw told(failure, "Nothing was recorded");
      }
      if (prepared.seen().isEmpty()) {
        sound = rolledBack(connection);
        return prepared.value();
      }
      try {
        dialect.commit(connection);
        sound = true;
      } catch (SQLException | RuntimeException failure) {
        sound = rolledBack(connection);
        if (find(failure, dialect::refusedCommit)) {
          throw told(failure, "The commit was refused and nothing was recorded");
        }
        throw new OutcomeUnknownException(
            "The commit was asked for and not answered: it may have happened",
            failure,
            prepared.seen());
      }
      return prepared.value();
    } finally {
      lease.giveBack(sound);
    }
  }

  /**
   * Runs the host's work once, and commits.
   *
   * @param atTheEnd comes when the transaction has ended, however it did
   */
  <T, X extends Exception> T host(JdbiMessageStore.HostWork<T, X> work, Runnable atTheEnd)
      throws X {
    Lease lease = lease(leases::writer);
    Connection connection = lease.connection();
    boolean sound = false;
    int isolation = Connection.TRANSACTION_NONE;
    try {
      try {
        isolation = connection.getTransactionIsolation();
        dialect.beginForHost(connection);
      } catch (SQLException | RuntimeException failure) {
        sound = rolledBack(connection);
        throw told(failure, "No transaction could be begun");
      }
      T done;
      boolean worked = false;
      try {
        done = work.in(connection);
        worked = true;
      } finally {
        if (!worked) {
          sound = rolledBack(connection);
        }
      }
      try {
        dialect.commit(connection);
        sound = true;
      } catch (SQLException | RuntimeException failure) {
        sound = rolledBack(connection);
        if (find(failure, dialect::refusedCommit)) {
          throw new StoreUnavailableException(
              "The commit was refused; nothing was recorded", failure);
        }
        throw new OutcomeUnknownException(
            "The commit was asked for and not answered: it may have happened", failure, Map.of());
      }
      return done;
    } finally {
      atTheEnd.run();
      lease.giveBack(sound && isolationIsBack(connection, isolation));
    }
  }

  /** The connection is the pool's, and comes back to it as it was. */
  private static boolean isolationIsBack(Connection connection, int isolation) {
    try {
      if (isolation != Connection.TRANSACTION_NONE
          && connection.getTransactionIsolation() != isolation) {
        connection.setAutoCommit(true);
        connection.setTransactionIsolation(isolation);
      }
      return true;
    } catch (SQLException | RuntimeException failure) {
      return false;
    }
  }

  /** True if the connection can be used on. */
  private boolean rolledBack(Connection connection) {
    try {
      dialect.rollback(connection);
      return true;
    } catch (SQLException | RuntimeException failure) {
      return false;
    }
  }

  private interface Opening {
    Lease open() throws SQLException;
  }

  private static Lease lease(Opening opening) {
    try {
      return opening.open();
    } catch (SQLException | RuntimeException failure) {
      throw new StoreUnavailableException("No connection to the database", failure);
    }
  }

  private RuntimeException told(Exception failure, String what) {
    if (failure instanceof StoreException known) {
      return known;
    }
    if (find(failure, dialect::repeatable)) {
      return new SacrificedException(failure);
    }
    if (find(failure, dialect::connectionFailed) || find(failure, dialect::unavailable)) {
      return new StoreUnavailableException(what + ": the database can not be used now", failure);
    }
    return new StoreException(what + ": the database refused what it was asked", failure);
  }

  /** What is looked for in a failure. */
  interface Test {
    boolean holds(SQLException failure);
  }

  /** Looks at the failure and everything it says was the cause; bounded, because causes may be a circle. */
  static boolean find(Throwable failure, Test test) {
    Throwable current = failure;
    for (int depth = 0; current != null && depth < 20; depth++) {
      if (current instanceof SQLException sql) {
        if (test.holds(sql)) {
          return true;
        }
        SQLException next = sql.getNextException();
        if (next != null && test.holds(next)) {
          return true;
        }
      }
      current = current.getCause();
    }
    return false;
  }

  /** Never leaves this class. */
  private static final class SacrificedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    SacrificedException(Throwable cause) {
      super(cause);
    }
  }
}
