package dev.confab.chat.examples.docs;

import dev.confab.chat.Chat;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import dev.confab.chat.store.jdbi.Posting;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/** A shop that tells the customer and the kitchen of an order if, and only if, the order is there. */
public final class Orders {
  private final Chat chat;
  private final JdbiMessageStore store;

  /** Orders whose messages this chat shows. */
  public Orders(Chat chat, JdbiMessageStore store) {
    this.chat = chat;
    this.store = store;
  }

  // docs:begin drafts
  private List<Draft> drafts(String order, UserId customer) {
    return List.of(
        chat.draft(
            ChannelName.user(customer),
            Json.string("Thank you for order " + order),
            SendKey.of("order-" + order)),
        chat.draft(ChannelName.of("room_kitchen"), Json.string("Cook " + order)));
  }
  // docs:end drafts

  /** Takes an order in a transaction of the application's pool. */
  // docs:begin pool
  public void place(DataSource pool, String order, UserId customer) throws SQLException {
    Posting posting;
    try (Connection connection = pool.getConnection()) {
      connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      connection.setAutoCommit(false);
      try {
        insert(connection, order);
        // Last, because from here on these channels wait for the commit.
        posting = store.append(connection, drafts(order, customer));
        connection.commit();
      } catch (SQLException | RuntimeException failure) {
        connection.rollback();
        throw failure;
      } finally {
        connection.setAutoCommit(true);
      }
    }
    posting.committed();
  }
  // docs:end pool

  /** Takes an order in a transaction of the store's, which is how one writes to a SQLite file beside a chat. */
  // docs:begin store
  public void place(String order, UserId customer) throws SQLException {
    Posting posting = store.transaction(connection -> {
      insert(connection, order);
      return store.append(connection, drafts(order, customer));
    });
    posting.committed();
  }
  // docs:end store

  private static void insert(Connection connection, String order) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("insert into orders (id) values (?)")) {
      insert.setString(1, order);
      insert.executeUpdate();
    }
  }
}
