package dev.confab.chat.store.jdbi;

import java.sql.Connection;
import java.sql.SQLException;

/** A connection that is ours for one piece of work. */
interface Lease {
  Connection connection();

  /**
   * Gives it back. Never throws: whatever it was used for has been decided.
   *
   * @param sound false if it failed in a way after which nobody should use it
   */
  void giveBack(boolean sound);

  /** Where leases come from. */
  interface Source extends AutoCloseable {
    /** A connection that begins in no transaction, to write with. */
    Lease writer() throws SQLException;

    /** A connection on which each statement is its own transaction, to read with. */
    Lease reader() throws SQLException;

    @Override
    void close();
  }
}
