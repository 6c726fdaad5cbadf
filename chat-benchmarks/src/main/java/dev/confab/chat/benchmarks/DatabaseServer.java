package dev.confab.chat.benchmarks;

import dev.confab.chat.store.jdbi.JdbiMessageStore;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;

/** Where databases are made. Used by one thread. */
interface DatabaseServer extends AutoCloseable {
  /** How many connections a pool holds, ours and that of whoever commits each message by itself. */
  int POOL = 10;

  /** A new, empty database. */
  Database create() throws IOException, SQLException;

  @Override
  void close();

  /** A database. Used by one thread, but for the connections it gives. */
  interface Database extends AutoCloseable {
    /** A store in it, as an application has it. Closing the store leaves the database, and another may be opened. */
    JdbiMessageStore store();

    /** A connection for one who writes to the same tables without the store. The caller closes it. */
    Connection connect() throws SQLException;

    /** How many may write at once without the store: as many as there are connections in a pool, one on SQLite. */
    int writers();

    /** Inserts the next entry of a channel from its row, which was counted up before, and gives its seq. */
    default String insert() {
      return INSERT + " returning seq";
    }

    @Override
    void close();
  }

  /** From the channel's row; parameters are key, data, at, the channel's id. */
  String INSERT = "insert into chat_entry"
      + " (channel_id, seq, id, kind, no, sender_id, sender_name, client_key, about, data, at)"
      + " select id, head, head_id, 0, no, '', '', ?, '', ?, ? from chat_channel where id = ?";
}
