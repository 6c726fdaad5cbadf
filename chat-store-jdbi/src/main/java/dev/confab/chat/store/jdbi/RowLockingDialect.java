package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.spi.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Databases that lock single rows and can skip those that others have locked. */
abstract sealed class RowLockingDialect extends SqlDialect
    permits H2Dialect, MariadbDialect, PostgresqlDialect {
  /** How often channels may appear or vanish while they are being taken before that is a failure. */
  private static final int ROUNDS = 10;

  /**
   * Takes those of these channels that exist, with READ COMMITTED.
   *
   * @param patienceMillis how long to wait for each; 0 to skip those that another transaction holds
   * @throws SQLException of which {@link #lockNotAvailable} is true if one could not be had in that time
   */
  abstract Map<ChannelName, ChannelRow> lockRows(
      Connection connection, Collection<ChannelName> names, long patienceMillis)
      throws SQLException;

  /** True if this says that a row could not be had in time. */
  abstract boolean lockNotAvailable(SQLException failure);

  /** Those of these channels that exist, whoever holds them. */
  abstract Set<ChannelName> existing(Connection connection, Collection<ChannelName> names)
      throws SQLException;

  /**
   * Creates channels and commits; holds nothing before and afterwards.
   *
   * @return those another transaction is creating that does not come to an end
   */
  abstract Set<ChannelName> create(Connection connection, Collection<ChannelName> names, Instant at)
      throws SQLException;

  @Override
  final void commit(Connection connection) throws SQLException {
    connection.commit();
  }

  @Override
  final void rollback(Connection connection) throws SQLException {
    connection.rollback();
  }

  @Override
  final Locked lock(
      Connection connection,
      Collection<ChannelName> names,
      Duration patience,
      Optional<Instant> create)
      throws SQLException {
    boolean wait = patience.toMillis() > 0;
    Set<ChannelName> beingCreated = new HashSet<>();
    for (int rounds = 0; ; ) {
      Map<ChannelName, ChannelRow> rows;
      try {
        rows = lockRows(connection, names, wait ? patience.toMillis() : 0);
      } catch (SQLException failure) {
        if (wait && lockNotAvailable(failure)) {
          // Somebody held one of them longer than that: take what can be had, the others are told
          // as held.
          wait = false;
          beginAnew(connection);
          continue;
        }
        throw failure;
      }
      Set<ChannelName> others = new HashSet<>(names);
      others.removeAll(rows.keySet());
      if (others.isEmpty()) {
        return new Locked(rows, others);
      }
      Set<ChannelName> existing = existing(connection, others);
      others.removeAll(existing);
      others.removeAll(beingCreated);
      // Who waits gets every row there is: what was not there then and is there now is no row that
      // somebody holds.
      boolean settled = !wait || existing.isEmpty();
      boolean missing = create.isPresent() && !others.isEmpty();
      if (settled && !missing) {
        existing.addAll(beingCreated);
        return new Locked(rows, existing);
      }
      if (++rounds > ROUNDS) {
        throw new StoreException("Channels that were just created are gone again: " + others
            + ". Does something delete rows of chat_channel?");
      }
      // What is held is let go of before anything is created.
      beginAnew(connection);
      if (missing) {
        beingCreated.addAll(create(connection, others, create.orElseThrow()));
        begin(connection);
      }
    }
  }

  @Override
  final void requireHostTransaction(Connection connection) throws SQLException {
    if (connection.getAutoCommit()) {
      throw new StoreException("Expected a connection with an open transaction, got one that"
          + " commits each statement: call setAutoCommit(false) first, or begin the transaction as"
          + " your framework does.");
    }
    int isolation = connection.getTransactionIsolation();
    if (isolation != Connection.TRANSACTION_READ_COMMITTED) {
      throw new StoreException("Expected a transaction with READ COMMITTED, got one with "
          + name(isolation) + ", which may not see the newest messages and keys: call"
          + " setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED) before it begins, or"
          + " ask your framework for that.");
    }
  }

  @Override
  final void beginForHost(Connection connection) throws SQLException {
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    connection.setAutoCommit(false);
  }

  private static String name(int isolation) {
    return switch (isolation) {
      case Connection.TRANSACTION_READ_UNCOMMITTED -> "READ UNCOMMITTED";
      case Connection.TRANSACTION_REPEATABLE_READ -> "REPEATABLE READ";
      case Connection.TRANSACTION_SERIALIZABLE -> "SERIALIZABLE";
      default -> "isolation " + isolation;
    };
  }

  /**
   * Missing channels are created before anything is locked: who held one and then took another that is new would take them in
   * an order of his own.
   */
  @Override
  final Map<ChannelName, ChannelRow> lockForHost(
      Connection connection,
      SortedSet<ChannelName> names,
      Duration patience,
      Instant at,
      Creation creation)
      throws SQLException {
    Set<ChannelName> missing = new TreeSet<>(names);
    missing.removeAll(existing(connection, names));
    if (!missing.isEmpty()) {
      creation.create(missing);
    }
    return lockRowsForHost(connection, names, Math.max(1, patience.toMillis()));
  }

  /** As {@link #lockRows}, in a transaction whose settings are the host's. */
  Map<ChannelName, ChannelRow> lockRowsForHost(
      Connection connection, Collection<ChannelName> names, long patienceMillis)
      throws SQLException {
    return lockRows(connection, names, patienceMillis);
  }

  @Override
  void hostHasWritten(Connection connection) throws SQLException {
    // Nothing was changed.
  }

  @Override
  final boolean waitedInVain(SQLException failure) {
    return lockNotAvailable(failure);
  }

  private void beginAnew(Connection connection) throws SQLException {
    rollback(connection);
    begin(connection);
  }
}
