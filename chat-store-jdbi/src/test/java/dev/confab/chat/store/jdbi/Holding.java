package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.testkit.MessageStoreContract.UntilClosed;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Another transaction that holds a channel. */
final class Holding {
  private Holding() {}

  static UntilClosed hold(DataSource source, ChannelName channel) {
    try {
      Connection connection = source.getConnection();
      connection.setAutoCommit(false);
      // As every transaction that appends: with REPEATABLE READ, InnoDB also locks the place before
      // the
      // row, and a new channel whose name sorts there waits.
      connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      try (PreparedStatement lock =
          connection.prepareStatement("select id from chat_channel where name = ? for update")) {
        if (connection.getMetaData().getDatabaseProductName().equals("MariaDB")) {
          lock.setBytes(1, channel.value().getBytes(StandardCharsets.UTF_8));
        } else {
          lock.setString(1, channel.value());
        }
        lock.execute();
      }
      return () -> {
        try {
          connection.rollback();
          connection.close();
        } catch (SQLException e) {
          throw new IllegalStateException(e);
        }
      };
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
